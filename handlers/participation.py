"""Taking part: messages and reactions of a batch, turned into awards, challenge progress and an invitation."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.calendar import local_date
from bot.config import Config
from bot.earning.eligibility import message_counts, reaction_counts
from bot.earning.message import is_long_enough, message_intent
from bot.earning.reaction import reaction_intent
from bot.earning.versions import RuleBook
from bot.events import (
    Identity,
    MessagePosted,
    Participation,
    PersonEvent,
    ReactionChanged,
    ReactionsCleared,
    SpaceRef,
)
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
    events = [(event, space) for event in batch if (space := spaces.get(event.place.space)) is not None]
    people = {event.person.identity: event.person for event, _ in events if not isinstance(event, ReactionsCleared)}
    members = _members(people, tx)
    messages = [(event, space) for event, space in events if isinstance(event, MessagePosted)]
    _invite(messages, members, tx, config)
    tx.members.saw_members((people[identity], member) for identity, member in members.items())
    counting = [
        (event, member, space)
        for event, space in messages
        if (member := _joined(event, members)) is not None and message_counts(event)
    ]
    _messages(counting, tx, config, rules)
    for event, space in events:
        if isinstance(event, ReactionsCleared):
            _cleared(event, space, tx, config)
        elif isinstance(event, ReactionChanged) and (reactor := _joined(event, members)) is not None:
            _reaction(event, reactor, space, tx, config, rules)


def _spaces(batch: Sequence[Participation], tx: Transaction) -> dict[SpaceRef | None, Space]:
    spaces: dict[SpaceRef | None, Space] = {}
    for ref in {event.place.space for event in batch if event.place.space}:
        space = tx.spaces.by_ref(ref)
        if space is not None and space.retired_at is None:
            spaces[ref] = space
    return spaces


def _members(identities: Iterable[Identity], tx: Transaction) -> dict[Identity, Member]:
    found = tx.members.by_identities(identities)
    return {identity: member for identity, member in found.items() if member.is_active}


def _joined(event: PersonEvent, members: dict[Identity, Member]) -> Member | None:
    """Return who did it, if they were a member by then."""
    member = members.get(event.person.identity)
    return member if member is not None and member.had_joined(event.at) else None


def _invite(
    messages: Sequence[tuple[MessagePosted, Space]], members: dict[Identity, Member], tx: Transaction, config: Config
) -> None:
    """Tell a space how to join when someone who has not takes part, seldom."""
    every = timedelta(hours=config.privacy.invitation_every_hours)
    waiting = {
        space.id: space for event, space in messages if event.person.identity not in members and message_counts(event)
    }
    for space in waiting.values():
        if space.invited_at is None or tx.now - space.invited_at >= every:
            tx.spaces.set_invited(space.id)
            join = Button("join", "start.rules", opens_chat="join")
            key = f"invitation:{space.id}:{tx.now.isoformat()}"
            tx.post(Post(ToSpace(space.id), "invitation", key, buttons=((join,),)))


def _messages(
    counting: Sequence[tuple[MessagePosted, Member, Space]], tx: Transaction, config: Config, rules: RuleBook
) -> None:
    """Take messages that count into account. Who writes in a space is in it."""
    rule, zone = config.earning.message, config.programme.zone
    _enter({(member.holder_id, space.id): (member, space) for _, member, space in counting}, tx, config, rules)
    tx.participation.add_authors(
        (space.id, _message_key(event), member.holder_id, event.at) for event, member, space in counting
    )
    earning = [(event, member, space) for event, member, space in counting if is_long_enough(event, rule)]
    award(
        [message_intent(event, member, space.id, rule, rules["message"], zone) for event, member, space in earning], tx
    )
    progress = Progress(tx)
    if progress.counts("message_days"):
        days = [(member.id, event.at, local_date(event.at, zone).isoformat()) for event, member, _ in earning]
        progress.add_many("message_days", days)


def _enter(
    writers: dict[tuple[int, int], tuple[Member, Space]], tx: Transaction, config: Config, rules: RuleBook
) -> None:
    """Note that each of the writers, by (holder id, space id), is in the space."""
    by_space: dict[int, list[int]] = defaultdict(list)
    for holder_id, space_id in writers:
        by_space[space_id].append(holder_id)
    present = {
        (holder_id, space_id)
        for space_id, holder_ids in by_space.items()
        for holder_id in tx.spaces.present(space_id, holder_ids)
    }
    for key, (member, space) in writers.items():
        if key not in present:
            enter(member, space, tx, config, rules)


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
    message_key = _message_key(event)
    before = tx.participation.reaction(space.id, message_key, reactor.holder_id)
    state = before or ReactionState(author.holder_id, frozenset(), 0, None)
    emojis = (state.emojis - event.removed) | event.added
    mark = _mark(space, message_key, reactor.holder_id)
    if emojis and not state.emojis:
        version = state.version + 1
        intent = reaction_intent(
            event,
            message_key,
            author,
            reactor,
            space.id,
            version,
            config.earning.reaction,
            rules["reaction"],
            config.programme.zone,
        )
        awarded = award([intent], tx)
        if awarded:
            Progress(tx).add("reactions_received", author.id, event.at, mark)
        source = intent.source if awarded else None
        state = ReactionState(author.holder_id, emojis, version, source)
    else:
        state = _left_with(emojis, state, author, reactor.holder_id, mark, event.at, tx, config)
    tx.participation.set_reaction(space.id, message_key, reactor.holder_id, state)


def _cleared(event: ReactionsCleared, space: Space, tx: Transaction, config: Config) -> None:
    """Treat every reactor as if they had taken back what a moderator cleared."""
    key = tx.settings.keyed(event.key)
    if tx.events.answer_to(key) is not None:
        return
    tx.events.remember(key, "", "[]")
    message_key = _message_key(event)
    for reactor_id, state in tx.participation.reactions_to(space.id, message_key):
        author = tx.members.by_holder(state.author_id)
        emojis = frozenset[str]() if event.emoji is None else state.emojis - {event.emoji}
        if emojis == state.emojis or author is None or not author.is_active:
            continue
        mark = _mark(space, message_key, reactor_id)
        state = _left_with(emojis, state, author, reactor_id, mark, event.at, tx, config)
        tx.participation.set_reaction(space.id, message_key, reactor_id, state)


def _left_with(
    emojis: frozenset[str],
    state: ReactionState,
    author: Member,
    reactor_id: int,
    mark: str,
    at: datetime,
    tx: Transaction,
    config: Config,
) -> ReactionState:
    """Return a reactor's state with other emojis; with the last one goes what the first one gave."""
    if emojis or not state.emojis:
        return replace(state, emojis=emojis)
    if state.award_source is not None:
        awarded_at = reverse(state.award_source, tx) or at
        counted = f"reaction:{reactor_id}:{author.holder_id}"
        tx.participation.add_counts({(counted, local_date(awarded_at, config.programme.zone).isoformat()): -1})
    Progress(tx).remove("reactions_received", author.id, mark)
    return ReactionState(author.holder_id, emojis, state.version, None)


def _mark(space: Space, message_key: str, reactor_id: int) -> str:
    return f"{space.id}:{message_key}:{reactor_id}"


def _message_key(event: Participation) -> str:
    """Return what names a message for ever: a space that moves (a Telegram supergroup) numbers messages anew."""
    assert event.place.space is not None
    return f"{event.place.space.space_id}:{event.message_id}"


def _author(event: ReactionChanged, space: Space, tx: Transaction) -> Member | None:
    if event.message_author is not None:
        return tx.members.by_identity(event.message_author)
    holder_id = tx.participation.author_of(space.id, _message_key(event))
    return None if holder_id is None else tx.members.by_holder(holder_id)
