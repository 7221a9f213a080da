"""Awards for messages that are multiplied: each is worth what its time, its place and its author's tier make of it."""

from collections.abc import Sequence

from bot.config.config import Config
from bot.earning.message import Said, message_awards
from bot.earning.multipliers import MessageMultipliers
from bot.earning.versions import RuleBook
from bot.events import Place
from bot.tiers.tiers import ONCE
from handlers.points.awards import award, message_intent
from handlers.tiers.holding import message_multipliers_of
from storage.transaction import Transaction


def award_multiplied(
    said: Sequence[tuple[Said, Place]],
    multipliers: MessageMultipliers,
    tx: Transaction,
    config: Config,
    rules: RuleBook,
) -> None:
    """Write the awards for messages, each times what its time, its place and its author's tier multiply it by.

    A message that brings nothing takes no room: neither its cooldown window nor one of the day's.
    """
    rule, rule_version = config.earning.message, rules["message"]
    members = {one[1] for one, _ in said}
    tiers = message_multipliers_of(members, tx, config) if multipliers.of_tiers else {}
    worth = [(one, multipliers.worth(place, one[3], tiers.get(one[1], ONCE))) for one, place in said]
    # One member may say two things at the same instant, and in two places.
    amounts = {id(one): brings for one, brings in worth if any(brings)}
    counting = [one for one, _ in worth if id(one) in amounts]
    awards = message_awards(counting, rule, config.programme.zone)
    intents = []
    for one in awards:
        points, status = amounts[id(one[1])]
        intents.append(message_intent(one, rule, rule_version)._replace(points=points, status=status))
    award(intents, tx)
