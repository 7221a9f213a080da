"""Taking part: what happened in a batch, and its messages, turned into awards, challenge progress and an invitation."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from bot import codec
from bot.config.config import Config
from bot.earning.eligibility import message_counts
from bot.earning.message import Said, message_awards
from bot.earning.multipliers import MessageMultipliers
from bot.earning.versions import RuleBook
from bot.events import (
    Identity,
    MessageDeleted,
    MessagePosted,
    Participation,
    Person,
    Place,
    ReactionChanged,
    ReactionsCleared,
)
from bot.members.members import Space
from bot.replies import Button, Post, Sending, ToSpace
from handlers.challenges.answering import count_answers
from handlers.challenges.contests import Contests, Posted
from handlers.challenges.progress import Progress
from handlers.challenges.receiving import Tasks
from handlers.points.awards import award_messages
from handlers.points.multiplying import award_multiplied
from handlers.points.reacting import cleared, message_key_of, reacted
from handlers.spaces.presence import act
from handlers.tiers.holding import climb
from storage.earning.participation import Participant
from storage.engine.times import to_us
from storage.transaction import Transaction

_SECOND_US = 1_000_000


def take_part(batch: Sequence[Participation], tx: Transaction, config: Config, rules: RuleBook) -> None:
    """Take a batch into account. Nothing is kept of people who are no members, nor of groups that are no spaces."""
    spaces = _spaces(batch, tx)
    messages: list[tuple[MessagePosted, Space]] = []
    reactions: list[tuple[ReactionChanged | ReactionsCleared, Space]] = []
    people: dict[str, dict[str, Person]] = defaultdict(dict)
    for event in batch:
        space = spaces[id(event.place)]
        if space is None:
            continue
        if isinstance(event, ReactionsCleared):
            reactions.append((event, space))
            continue
        identity = event.person.identity
        people[identity.platform][identity.user_id] = event.person
        if isinstance(event, MessagePosted):
            messages.append((event, space))
        else:
            reactions.append((event, space))
    members = _members(people, tx)
    if messages:
        _messages(messages, members, tx, config, rules)
    for change, space in reactions:
        if isinstance(change, ReactionsCleared):
            cleared(change, space, tx, config)
        else:
            reacted(change, space, tx, config, rules)
    if reactions:
        climb(tx, rules)


def _spaces(batch: Sequence[Participation], tx: Transaction) -> dict[int, Space | None]:
    """Return the space of each place, None for one that is none (any more), by the place's Python id.

    Adapters use a place again and again, and to hash one takes longer than all the rest.
    """
    places = {id(event.place): event.place.space for event in batch}
    known = {ref: tx.spaces.meant(ref) for ref in set(places.values()) if ref is not None}
    active = {ref: space for ref, space in known.items() if space is not None and space.retired_at is None}
    return {place: active.get(ref) if ref is not None else None for place, ref in places.items()}


def _members(people: Mapping[str, Mapping[str, Person]], tx: Transaction) -> dict[str, dict[str, Participant]]:
    """Return the active members among people by platform and user id, and note the names they have now."""
    members: dict[str, dict[str, Participant]] = {}
    for platform, users in people.items():
        members[platform] = found = tx.participation.participants(platform, users)
        tx.members.saw_participants(users, found)
    return members


def _invite(spaces: Iterable[Space], tx: Transaction, config: Config) -> None:
    """Tell spaces how to join where someone who has not takes part, seldom."""
    every = timedelta(hours=config.privacy.invitation_every_hours)
    for space in spaces:
        if space.invited_at is None or tx.now - space.invited_at >= every:
            tx.spaces.set_invited(space.id)
            join = Button("join", "start.rules", opens_chat="join")
            key = f"invitation:{space.id}:{tx.now.isoformat()}"
            once = Sending.AT_MOST_ONCE
            tx.post(Post(ToSpace(space.id), "invitation", key, buttons=((join,),), sending=once))


def _messages(
    messages: Sequence[tuple[MessagePosted, Space]],
    members: Mapping[str, Mapping[str, Participant]],
    tx: Transaction,
    config: Config,
    rules: RuleBook,
) -> None:
    """Take messages into account. Who writes in a space is in it."""
    said: list[Said] = []
    authors: list[tuple[int, str, int, int]] = []
    answers: list[tuple[Said, Identity]] = []
    contests, tasks, posted = Contests(tx), Tasks(tx), list[Posted]()
    is_posted_for = contests.are_there or tasks.are_there
    inviting: dict[int, Space] = {}
    multipliers = MessageMultipliers.of(config)
    places: list[Place] = []
    for event, space in messages:
        if not message_counts(event) or (event.is_to_us and _has_answered_us(event, tx)):
            continue
        identity = event.person.identity
        member = members[identity.platform].get(identity.user_id)
        if member is None:
            inviting[space.id] = space
            continue
        at, holder_id = event.at, member.holder_id
        at_us = to_us(at)
        # Platforms tell whole seconds.
        if at_us >= member.joined_us - member.joined_us % _SECOND_US:
            said.append((holder_id, member.member_id, space.id, at, at_us, event.length))
            authors.append((space.id, message_key_of(event), holder_id, at_us))
            if multipliers is not None:
                places.append(event.place)
            if event.replies_to is not None:
                answers.append((said[-1], event.replies_to))
            elif is_posted_for:
                posted.append((event, authors[-1][1], space, holder_id, member.member_id))
    _invite(inviting.values(), tx, config)
    _enter(said, {space.id: space for _, space in messages}, tx, config, rules)
    tx.participation.add_authors(authors)
    rule = config.earning.message
    if multipliers is None:
        award_messages(message_awards(said, rule, config.programme.zone), rule, rules["message"], tx)
    else:
        award_multiplied(list(zip(said, places, strict=True)), multipliers, tx, config, rules)
    Progress(tx).add_messages(said, rule)
    count_answers(answers, rule.minimum_length, tx)
    contests.enter(posted)
    tasks.hand_in(posted)


def _has_answered_us(event: MessagePosted, tx: Transaction) -> bool:
    """Whether a message to us was taken as the answer to a question of ours, which is no taking part."""
    stored = tx.events.answer_to(tx.settings.keyed(event.key))
    return stored is not None and stored.reply is not None and codec.load(stored.reply) != ()


def _enter(said: Sequence[Said], spaces: Mapping[int, Space], tx: Transaction, config: Config, rules: RuleBook) -> None:
    """Note that whoever wrote in a space is in it."""
    by_space: dict[int, set[int]] = defaultdict(set)
    for one in said:
        by_space[one[2]].add(one[0])
    new = {
        (holder_id, space_id)
        for space_id, holder_ids in by_space.items()
        for holder_id in tx.spaces.absent(space_id, holder_ids)
    }
    if not new:
        return
    for holder_id, _, space_id, at, *_ in said:
        if (holder_id, space_id) not in new:
            continue
        newcomer = tx.members.by_holder(holder_id)
        if newcomer is None or act(newcomer, spaces[space_id], at, tx, config, rules):
            new.remove((holder_id, space_id))


def deleted(event: MessageDeleted, tx: Transaction) -> None:
    """Take into account that a message is gone."""
    space = None if event.place.space is None else tx.spaces.meant(event.place.space)
    if space is not None:
        key = message_key_of(event)
        Contests(tx).deleted(space.id, key)
        Tasks(tx).deleted(space.id, key)
