"""Taking part: messages and reactions of a batch, turned into awards, challenge progress and an invitation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from bot.calendar import local_date
from bot.config import Config
from bot.earning.eligibility import message_counts, reaction_counts
from bot.earning.message import is_long_enough, message_intent
from bot.earning.reaction import reaction_intent
from bot.earning.versions import RuleBook
from bot.events import Identity, MessagePosted, Participation, ReactionChanged, SpaceRef
from bot.members import Member, Space
from bot.replies import Button, Post, ToSpace
from handlers.awards import award
from handlers.presence import enter
from handlers.progress import Progress
from handlers.undo import reverse
from storage.participation import ReactionState
from storage.transaction import Transaction


def take_part(batch: Sequence[Participation], tx: Transaction, config: Config, rules: RuleBook) -> None:
    """Take a batch into account. Nothing is kept of people who are no members, nor of groups that are no spaces."""
    spaces = _spaces(batch, tx)
    events = [event for event in batch if event.place.space in spaces]
    members = _members(events, tx)
    _invite(events, spaces, members, tx, config)
    tx.members.saw(
        {event.person.identity: event.person for event in events if event.person.identity in members}.values()
    )
    theirs = [
        (event, member, spaces[event.place.space])
        for event in events
        if (member := members.get(event.person.identity)) is not None and member.had_joined(event.at)
    ]
    messages = [(event, member, space) for event, member, space in theirs if isinstance(event, MessagePosted)]
    _messages(messages, tx, config, rules)
    for event, member, space in theirs:
        if isinstance(event, ReactionChanged):
            _reaction(event, member, space, tx, config, rules)


def _spaces(batch: Sequence[Participation], tx: Transaction) -> dict[SpaceRef | None, Space]:
    spaces: dict[SpaceRef | None, Space] = {}
    for ref in {event.place.space for event in batch if event.place.space}:
        space = tx.spaces.by_ref(ref)
        if space is not None and space.retired_at is None:
            spaces[ref] = space
    return spaces


def _members(events: Sequence[Participation], tx: Transaction) -> dict[Identity, Member]:
    found = tx.members.by_identities({event.person.identity for event in events})
    return {identity: member for identity, member in found.items() if member.is_active}


def _invite(
    events: Sequence[Participation],
    spaces: dict[SpaceRef | None, Space],
    members: dict[Identity, Member],
    tx: Transaction,
    config: Config,
) -> None:
    """Tell a space how to join when someone who has not takes part, seldom."""
    every = timedelta(hours=config.privacy.invitation_every_hours)
    waiting = {
        spaces[event.place.space].id: spaces[event.place.space]
        for event in events
        if isinstance(event, MessagePosted) and message_counts(event) and event.person.identity not in members
    }
    for space in waiting.values():
        if space.invited_at is None or tx.now - space.invited_at >= every:
            tx.spaces.set_invited(space.id)
            join = Button("join", "start.rules", opens_chat="join")
            key = f"invitation:{space.id}:{tx.now.isoformat()}"
            tx.post(Post(ToSpace(space.id), "invitation", key, buttons=((join,),)))


def _messages(
    messages: Sequence[tuple[MessagePosted, Member, Space]], tx: Transaction, config: Config, rules: RuleBook
) -> None:
    rule, zone = config.earning.message, config.programme.zone
    counting = [(event, member, space) for event, member, space in messages if message_counts(event)]
    for member, space in {(member.id, space.id): (member, space) for _, member, space in counting}.values():
        enter(member, space, tx, config, rules)
    tx.participation.add_authors(
        (space.id, event.message_id, member.holder_id, event.at) for event, member, space in counting
    )
    earning = [(event, member, space) for event, member, space in counting if is_long_enough(event, rule)]
    award(
        [message_intent(event, member, space.id, rule, rules["message"], zone) for event, member, space in earning], tx
    )
    progress = Progress(tx)
    for event, member, _ in earning:
        progress.add("message_days", member.id, event.at, local_date(event.at, zone).isoformat())


def _reaction(
    event: ReactionChanged, reactor: Member, space: Space, tx: Transaction, config: Config, rules: RuleBook
) -> None:
    key = tx.settings.keyed(event.key)
    if tx.events.answer_to(key) is not None:
        return
    author = _author(event, space, tx)
    if author is None or not author.is_active or not reaction_counts(event, author.identity) or author.id == reactor.id:
        return
    tx.events.remember(key, "", "[]")
    before = tx.participation.reaction(space.id, event.message_id, reactor.holder_id)
    state = before or ReactionState(author.holder_id, frozenset(), 0, None)
    emojis = (state.emojis - event.removed) | event.added
    mark = f"{space.id}:{event.message_id}:{reactor.holder_id}"
    progress = Progress(tx)
    if emojis and not state.emojis:
        version = state.version + 1
        intent = reaction_intent(
            event, author, reactor, space.id, version, config.earning.reaction, rules["reaction"], config.programme.zone
        )
        awarded = award([intent], tx)
        progress.add("reactions_received", author.id, event.at, mark)
        source = intent.source if awarded else None
        state = ReactionState(author.holder_id, emojis, version, source)
    elif state.emojis and not emojis:
        if state.award_source is not None:
            awarded_at = reverse(state.award_source, tx) or event.at
            counted = f"reaction:{reactor.holder_id}:{author.holder_id}"
            tx.participation.add_counts({(counted, local_date(awarded_at, config.programme.zone).isoformat()): -1})
        progress.remove("reactions_received", author.id, mark)
        state = ReactionState(author.holder_id, emojis, state.version, None)
    else:
        state = replace(state, emojis=emojis)
    tx.participation.set_reaction(space.id, event.message_id, reactor.holder_id, state)


def _author(event: ReactionChanged, space: Space, tx: Transaction) -> Member | None:
    if event.message_author is not None:
        return tx.members.by_identity(event.message_author)
    holder_id = tx.participation.author_of(space.id, event.message_id)
    return None if holder_id is None else tx.members.by_holder(holder_id)
