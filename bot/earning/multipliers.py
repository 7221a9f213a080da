"""What messages are multiplied by: at most one boost, one channel and one tier, fractions dropped in the end."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from bot.config.boosts import BoostSettings
from bot.config.channels import ChannelSettings
from bot.config.config import Config
from bot.config.earning import MessageRule
from bot.earning.boosts import message_boost_at
from bot.events import Place
from bot.tiers.tiers import ONCE, multiplied, thousandths

_MINUTE_S = 60


class MessageMultipliers:
    """The multipliers of time and place; that of the tier is the member's. `of_tiers` says whether there are any.

    It is for one batch: places are remembered by their Python id, since adapters use one again and again.
    """

    def __init__(self, config: Config) -> None:
        self._boosts = [boost for boost in config.boost if "messages" in boost.multiplies]
        self._channels = _by_address(config.channel)
        self._rule, self._zone = config.earning.message, config.programme.zone
        self.of_tiers = any(tier.message_multiplier != "1" for tier in config.tier)
        self._places: dict[int, int] = {}
        self._minutes: dict[int, int] = {}

    @classmethod
    def of(cls, config: Config) -> "MessageMultipliers | None":
        """Return what the settings multiply messages by, None where they bring what the rule says."""
        if not (config.boost or config.channel or config.tier):
            return None
        found = cls(config)
        return found if found._boosts or found._channels or found.of_tiers else None

    def worth(self, place: Place, at: datetime, tier_thousandths: int) -> tuple[int, int]:
        """Return the points and the status that a message brings."""
        of_place = self._places.get(id(place))
        if of_place is None:
            of_place = self._places[id(place)] = self._of_place(place)
        return multiplied_message(self._rule, self._of_time(at), of_place, tier_thousandths)

    def _of_place(self, place: Place) -> int:
        """Return the multiplier of the narrowest place that has one: the topic, the channel, the space."""
        assert place.space is not None
        space = f"{place.space.platform}:{place.space.space_id}"
        narrow = [channel_id for channel_id in (place.thread_id, place.channel_id) if channel_id is not None]
        addresses = ((space, channel_id) for channel_id in (*narrow, None))
        return next((self._channels[address] for address in addresses if address in self._channels), ONCE)

    def _of_time(self, at: datetime) -> int:
        # Boosts begin and end with minutes.
        minute = int(at.timestamp()) // _MINUTE_S
        if minute not in self._minutes:
            self._minutes[minute] = _boost_of(self._boosts, at, self._zone)
        return self._minutes[minute]


def multiplied_message(rule: MessageRule, *multipliers: int) -> tuple[int, int]:
    """Return the points and the status of a message times each multiplier, in thousandths, fractions dropped once."""
    return multiplied(rule.points, *multipliers), multiplied(rule.status, *multipliers)


def _by_address(channels: Iterable[ChannelSettings]) -> dict[tuple[str, str | None], int]:
    return {(one.space, one.channel_id): thousandths(one.multiplier) for one in channels}


def _boost_of(boosts: Iterable[BoostSettings], at: datetime, zone: ZoneInfo) -> int:
    boost = message_boost_at(boosts, at, zone)
    return ONCE if boost is None else boost.thousandths
