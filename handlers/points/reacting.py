"""Reactions of a batch: what they give, what goes with them when they are taken back, and votes."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.calendar import local_date
from bot.challenges.contests import is_vote
from bot.challenges.measures import Counts, Happened
from bot.config.config import Config
from bot.earning.eligibility import reaction_counts
from bot.earning.reaction import (
    Reacted,
    counted,
    counted_given,
    given_intent,
    given_source,
    mark_of,
    reaction_intent,
)
from bot.earning.reactions import Reactions
from bot.earning.versions import RuleBook
from bot.events import MessageDeleted, Participation, ReactionChanged, ReactionsCleared
from bot.members.members import Member, Space
from handlers.challenges.contests import Contests
from handlers.challenges.progress import Progress
from handlers.points.awards import award
from handlers.points.undo import reverse
from storage.earning.participation import ReactionState
from storage.transaction import Transaction


def reacted(event: ReactionChanged, space: Space, tx: Transaction, config: Config, rules: RuleBook) -> None:
    """Take into account that somebody's reactions to a message changed."""
    reactor = _reactor(event, tx)
    if reactor is None:
        return
    key = tx.settings.keyed(event.key)
    if tx.events.answer_to(key) is not None:
        return
    message_key = message_key_of(event)
    before = tx.participation.reaction(space.id, message_key, reactor.holder_id)
    author = _author(event, space, before, tx)
    if author is None or not author.is_active or not reaction_counts(event, author.identity) or author.id == reactor.id:
        return
    tx.events.remember(key, "", "[]")
    at = _happened_at(event, tx)
    state = before or ReactionState(author.holder_id, Reactions(), 0, None)
    reactions = state.reactions.changed(event.order, event.added, event.removed)
    if event.standing is not None:
        reactions = state.reactions.replaced(event.order, event.standing)
    mark = mark_of(space.id, message_key, reactor.holder_id)
    if reactions.emojis and not state.stands:
        version = state.version + 1
        began = Reacted(author, reactor, space.id, message_key, version, at)
        rule, given_by = config.earning.reaction, (rules["reaction"], config.programme.zone)
        intent = reaction_intent(began, rule, *given_by)
        intents = [intent, given_intent(began, rule, *given_by)] if rule.given_status else [intent]
        awarded = intent.source in award(intents, tx)
        if awarded:
            received = Counts.REACTIONS_RECEIVED
            Progress(tx).add(Happened(counts=received, member_id=author.id, at=at, mark=mark, space_id=space.id))
        source = intent.source if awarded else None
        state = ReactionState(author.holder_id, reactions, version, source)
    else:
        state = _left_with(reactions, state, author, reactor.holder_id, mark, at, tx, config)
    tx.participation.set_reaction(space.id, message_key, reactor.holder_id, state)
    had = Reactions() if before is None else before.reactions
    _vote(space, message_key, reactor.holder_id, had, state.reactions, at, tx)


def cleared(event: ReactionsCleared, space: Space, tx: Transaction, config: Config) -> None:
    """Treat every reactor as if they had taken back what a moderator cleared."""
    key = tx.settings.keyed(event.key)
    if tx.events.answer_to(key) is not None:
        return
    tx.events.remember(key, "", "[]")
    message_key, at = message_key_of(event), _happened_at(event, tx)
    for reactor_id, state in tx.participation.reactions_to(space.id, message_key):
        author = tx.members.by_holder(state.author_id)
        if event.emoji is None:
            reactions = state.reactions.replaced(event.order, frozenset())
        else:
            reactions = state.reactions.changed(event.order, (), {event.emoji})
        if author is None or not author.is_active:
            continue
        mark, had = mark_of(space.id, message_key, reactor_id), state.reactions
        state = _left_with(reactions, state, author, reactor_id, mark, at, tx, config)
        tx.participation.set_reaction(space.id, message_key, reactor_id, state)
        _vote(space, message_key, reactor_id, had, state.reactions, at, tx)


def _happened_at(event: ReactionChanged | ReactionsCleared, tx: Transaction) -> datetime:
    """Return when it happened, not later than now.

    All of it goes by this, also the day that its caps count on, which taking back finds by the entry. A change that is
    told again is known by its key.
    """
    return min(event.at, tx.now)


def _reactor(event: ReactionChanged, tx: Transaction) -> Member | None:
    """Return who reacted, if they were a member by then."""
    member = tx.members.by_identity(event.person.identity)
    return member if member is not None and member.is_active and member.had_joined(event.at) else None


def _vote(
    space: Space, message_key: str, reactor_id: int, had: Reactions, has: Reactions, at: datetime, tx: Transaction
) -> None:
    """Let reactions to an entry of a contest be a vote for as long as one of them stands that is no thumb down."""
    stands = is_vote(has.emojis)
    if is_vote(had.emojis) != stands:
        Contests(tx).reacted(space.id, message_key, reactor_id, at, stands=stands)


def _left_with(
    reactions: Reactions,
    state: ReactionState,
    author: Member,
    reactor_id: int,
    mark: str,
    at: datetime,
    tx: Transaction,
    config: Config,
) -> ReactionState:
    """Return a reactor's state with other emojis; with the last one goes what the first one gave."""
    if reactions.emojis or not state.stands:
        return replace(state, reactions=reactions)
    zone, between = config.programme.zone, (reactor_id, author.holder_id)
    if state.award_source is not None:
        _make_room(counted(*between), reverse(state.award_source, tx) or at, zone, tx)
    # There is one if the rule gave it then, whatever it gives now.
    given_at = reverse(given_source(mark, state.version), tx)
    if given_at is not None:
        _make_room(counted_given(*between), given_at, zone, tx)
    Progress(tx).remove(Counts.REACTIONS_RECEIVED, author.id, mark)
    return ReactionState(author.holder_id, reactions, state.version, None)


def _make_room(counting: Iterable[str], awarded_at: datetime, zone: ZoneInfo, tx: Transaction) -> None:
    """Let what is taken back count no more on the day it was awarded."""
    day = local_date(awarded_at, zone).isoformat()
    tx.participation.add_counts(dict.fromkeys(((one, day) for one in counting), -1))


def _author(event: ReactionChanged, space: Space, before: ReactionState | None, tx: Transaction) -> Member | None:
    """Return who wrote the message. A reaction that stands says so for longer than the message is remembered."""
    if event.message_author is not None:
        return tx.members.by_identity(event.message_author)
    holder_id = tx.participation.author_of(space.id, message_key_of(event))
    if holder_id is None and before is not None and before.stands:
        holder_id = before.author_id
    if holder_id is None:
        holder_id = Contests(tx).author_of(space.id, message_key_of(event))
    return None if holder_id is None else tx.members.by_holder(holder_id)


def message_key_of(event: Participation | MessageDeleted) -> str:
    """Return what names a message for ever: a space that moves (a Telegram supergroup) numbers messages anew."""
    assert event.place.space is not None
    return f"{event.place.space.space_id}:{event.message_id}"
