"""People and the bot itself coming to spaces and leaving them, spaces that move, people who cannot be reached."""

from datetime import datetime

from bot.config.config import Config
from bot.earning.join import join_intent, join_source
from bot.earning.versions import RuleBook
from bot.events import BotPresenceChanged, Event, PresenceChanged, ReachabilityChanged, SpaceMigrated, SpaceRef
from bot.members.members import Member, Space
from handlers.call import Call
from handlers.points.awards import award
from handlers.points.undo import reverse
from handlers.tiers.holding import climb, in_step
from storage.transaction import Transaction


def note_presence(call: Call, tx: Transaction) -> None:
    """A member who acts in a space is in it."""
    if call.space is not None and call.member is not None:
        act(call.member, call.space, call.event.at, tx, call.config, call.rules)


def is_first_sight(call: Call, tx: Transaction) -> bool:
    """Whether a member acts in a space that they were not known to be in."""
    if call.space is None or call.member is None:
        return False
    return tx.spaces.comes_by(call.member.holder_id, call.space.id, call.event.at)


def is_reachable_again(call: Call) -> bool:
    """Whether one who could not be written to writes to the bot in private, also one who left."""
    known = call.member or call.former
    return known is not None and not known.is_reachable and call.event.place.is_private


def note_reachable(call: Call, tx: Transaction) -> None:
    """Who writes to the bot in private can be written to again."""
    if is_reachable_again(call):
        tx.members.set_reachable(call.event.person.identity, is_reachable=True)


def act(member: Member, space: Space, at: datetime, tx: Transaction, config: Config, rules: RuleBook) -> bool:
    """Note that a member did something in a space; return whether they came by that.

    What they did before they left, told again, brings nobody back.
    """
    comes = tx.spaces.comes_by(member.holder_id, space.id, at)
    if comes:
        enter(member, space, at, tx, config, rules)
    return comes


def enter(member: Member, space: Space, at: datetime, tx: Transaction, config: Config, rules: RuleBook) -> None:
    """Note that a member is in a space, since an instant that is not to come; the first time earns."""
    at = min(at, tx.now)
    if tx.spaces.is_present(member.holder_id, space.id):
        return
    is_first_time = not tx.spaces.was_ever_present(member.holder_id, space.id)
    tx.spaces.enter(member.holder_id, space.id, at)
    in_step(member.id, tx, rules, again=True)
    if is_first_time:
        award([join_intent(member, space.id, at, config.earning.join, rules["join"])], tx)
        climb(tx, rules)


def person(event: PresenceChanged, tx: Transaction, config: Config, rules: RuleBook) -> None:
    """A person joined or left a space; of those who are no members nothing is kept."""
    member = tx.members.by_identity(event.person.identity)
    space = tx.spaces.by_ref(event.place.space) if event.place.space else None
    if member is None or space is None or not member.had_joined(event.at) or is_replay(event, tx):
        return
    if event.is_present and member.is_active:
        enter(member, space, event.at, tx, config, rules)
    elif not event.is_present and tx.spaces.is_present(member.holder_id, space.id):
        tx.spaces.leave(member.holder_id, space.id, event.at)
        tx.marks.gone(member.holder_id, space.id)
        reverse(join_source(member.holder_id, space.id), tx)


def is_replay(event: Event, tx: Transaction) -> bool:
    """Whether an event was heard before: a coming or going that is told again may be over by now."""
    key = tx.settings.keyed(event.key)
    if tx.events.answer_to(key) is not None:
        return True
    tx.events.remember(key, "", "[]")
    return False


def bot(event: BotPresenceChanged, tx: Transaction) -> None:
    """The bot was removed: the space retires, its members and points stay. Added again: it comes back."""
    space = tx.spaces.by_ref(event.place.space) if event.place.space else None
    if space is None or is_replay(event, tx):
        return
    if event.is_present:
        tx.spaces.revive(space.id)
    else:
        tx.spaces.retire(space.id)


def migrated(event: SpaceMigrated, tx: Transaction) -> None:
    """A space has a new id. Said twice, it moves once; where the new one was set up before, the old one retires.

    Messages are numbered anew there: what is pinned and edited has to be sent anew.
    """
    space = tx.spaces.by_ref(event.place.space) if event.place.space else None
    if space is None:
        return
    if tx.spaces.by_ref(SpaceRef(space.platform, event.new_space_id)) is None:
        tx.spaces.move(space.id, event.new_space_id)
        tx.pins.moved(space.id)
    else:
        tx.spaces.retire(space.id)


def reachability(event: ReachabilityChanged, tx: Transaction) -> None:
    """A person blocked the bot, or let it write again."""
    tx.members.set_reachable(event.person.identity, is_reachable=event.is_reachable)
