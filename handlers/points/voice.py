"""Time in voice channels: who spent a whole interval there, in company, gets status for it."""

from collections.abc import Iterable

from bot.config.config import Config
from bot.earning.eligibility import voice_counts
from bot.earning.versions import RuleBook
from bot.earning.voice import voice_intent
from bot.events import VoicePresent
from bot.members.members import Space
from handlers.points.awards import award
from handlers.spaces.presence import act
from handlers.tiers.holding import climb
from storage.engine.times import to_us
from storage.transaction import Transaction


def present(event: VoicePresent, tx: Transaction, config: Config, rules: RuleBook) -> None:
    """Take an interval into account. Nothing is kept of people who are no members, nor of groups that are no spaces."""
    space = None if event.place.space is None else tx.spaces.meant(event.place.space)
    if space is None or space.retired_at is not None:
        return
    people = {person.identity.user_id: person for person in event.people if voice_counts(event, person)}
    members = tx.participation.participants(event.place.platform, people)
    tx.members.saw_participants(people, members)
    at_us = to_us(event.at)
    here = sorted((one.holder_id, one.member_id) for one in members.values() if one.joined_us <= at_us)
    _enter((holder_id for holder_id, _ in here), space, event, tx, config, rules)
    about = space.id, event.at, config.earning.voice, rules["voice"], config.programme.zone
    award([voice_intent(holder_id, member_id, *about) for holder_id, member_id in here], tx)
    climb(tx, rules)


def _enter(
    holder_ids: Iterable[int], space: Space, event: VoicePresent, tx: Transaction, config: Config, rules: RuleBook
) -> None:
    """Note that whoever is in a voice channel of a space is in it."""
    for holder_id in sorted(tx.spaces.absent(space.id, holder_ids)):
        newcomer = tx.members.by_holder(holder_id)
        if newcomer is not None:
            act(newcomer, space, event.at, tx, config, rules)
