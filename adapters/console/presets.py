"""What `init` turns on for each kind of place: one table of settings that fit together, easy to add to."""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of place: what is turned on there, in words and as a piece of the config file."""

    name: str
    does: str
    settings: str


def _preset(name: str, does: str, settings: str) -> Preset:
    return Preset(name, does, textwrap.dedent(settings).strip() + "\n")


NONE: Final = "none"
"""The answer of who wants no preset: everything is as in config.example.toml."""
_ALL: Final = (
    _preset(
        "café",
        "small purchases count from the first visit on, ten of them bring a free coffee, five a month points, and "
        "quiet afternoons count twice",
        """
        [earning.purchase]
        # A coffee is a few złoty, and hardly ever returned: points may be spent after a day.
        points = 2
        status = 1
        pending_days = 1
        daily_cap_count = 3
        daily_cap_amount = "200.00"

        [[stamp_card]]
        id = "coffee"
        stamps = 10
        # What the cheapest coffee costs.
        minimum_amount = "8.00"
        daily_cap = 3
        valid_days = 30
        title = { en = "Ten coffees and one free", pl = "Dziesięć kaw i jedna gratis" }
        reward = { en = "A free coffee", pl = "Kawa gratis" }

        [[challenge]]
        id = "cafe-five-visits"
        counts = "purchases"
        goal = 5
        points = 30
        status = 10
        repeat = "monthly"
        title = { en = "Five visits this month", pl = "Pięć wizyt w tym miesiącu" }

        [[boost]]
        id = "cafe-quiet-afternoon"
        # When there is room.
        days = ["monday", "tuesday", "wednesday", "thursday"]
        from_time = "14:00"
        until_time = "16:00"
        multiplier = 2
        name = { en = "Quiet afternoon", pl = "Spokojne popołudnie" }
        """,
    ),
    _preset(
        "shop",
        "points for what is paid and kept, spendable once the time for returns is over, and two tiers for those who "
        "come back: more points, and cheaper rewards",
        """
        [earning.purchase]
        points = 1
        status = 1
        # Points wait as long as goods may be returned.
        pending_days = 14
        daily_cap_count = 4
        daily_cap_amount = "2000.00"

        [[challenge]]
        id = "shop-three-purchases"
        counts = "purchases"
        goal = 3
        points = 50
        repeat = "monthly"
        title = { en = "Three purchases this month", pl = "Trzy zakupy w tym miesiącu" }

        # Status is what was spent within a year: 1 for each whole currency unit.
        [[tier]]
        id = "shop-silver"
        threshold = 1000
        multiplier = 1.1
        name = { en = "Silver", pl = "Srebrny" }

        [[tier]]
        id = "shop-gold"
        threshold = 4000
        multiplier = 1.25
        reward_discount = 10
        name = { en = "Gold", pl = "Złoty" }
        """,
    ),
    _preset(
        "salon",
        "visits are what counts: one purchase a day earns, two visits a month bring a reward, quiet days half as much "
        "again, and who comes regularly holds a tier",
        """
        [earning.purchase]
        points = 1
        status = 1
        pending_days = 0
        daily_cap_count = 1

        [[challenge]]
        id = "salon-two-visits"
        counts = "purchases"
        goal = 2
        points = 40
        status = 20
        repeat = "monthly"
        title = { en = "Two visits this month", pl = "Dwie wizyty w tym miesiącu" }

        [[boost]]
        id = "salon-quiet-days"
        # When there is room.
        days = ["tuesday", "wednesday"]
        multiplier = 1.5
        name = { en = "Quiet days", pl = "Spokojne dni" }

        [[tier]]
        id = "salon-regular"
        # About eight visits a year.
        threshold = 1200
        reward_discount = 10
        name = { en = "Regular", pl = "Stały gość" }
        """,
    ),
    _preset(
        "club",
        "taking part is what counts: messages, reactions, weekly challenges, and two tiers for a year of it",
        """
        [earning.message]
        status = 5
        daily_cap = 20

        [earning.reaction]
        status = 2

        [[challenge]]
        id = "club-three-days"
        counts = "message_days"
        goal = 3
        points = 15
        status = 10
        repeat = "weekly"
        title = { en = "Three days in the club", pl = "Trzy dni w klubie" }

        [[challenge]]
        id = "club-ten-reactions"
        counts = "reactions_received"
        goal = 10
        points = 20
        status = 10
        repeat = "weekly"
        title = { en = "Ten reactions to your messages", pl = "Dziesięć reakcji na Twoje wiadomości" }

        # A message gives 5, a won challenge 10: some words on most days reach the first tier in two months.
        [[tier]]
        id = "club-silver"
        threshold = 500
        name = { en = "Silver", pl = "Srebrny" }

        [[tier]]
        id = "club-gold"
        threshold = 3000
        name = { en = "Gold", pl = "Złoty" }
        """,
    ),
)
PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({preset.name: preset for preset in _ALL})
_ACCENTS: Final = str.maketrans("é", "e")
_ASKED: Final = f"What kind of place is it: {', '.join(PRESETS)} (Enter for {NONE} of them):"
_HEAD: Final = """\
# For a {name}: {does}.
# Change any number here: config.example.toml explains each, and has what else can be turned on.

"""
Read = Callable[[str, bool], str]
Write = Callable[[str], None]


class NoSuchPlace(ValueError):
    """What was answered is no kind of place; the message says what would be."""


def ask_place(read: Read, write: Write, *, again: bool) -> Preset | None:
    """Return the preset for the kind of place that is answered, None for none. Raises EOFError.

    A wrong answer is asked for again, or raises NoSuchPlace.
    """
    write(f"\n{_ASKED}")
    for preset in PRESETS.values():
        for line in textwrap.wrap(f"{preset.name}: {preset.does}.", 76, initial_indent="  ", subsequent_indent="    "):
            write(line)
    while True:
        typed = read("> ", False)
        wanted = _plain(typed) or NONE
        if wanted == NONE:
            return None
        found = next((preset for name, preset in PRESETS.items() if _plain(name) == wanted), None)
        if found is not None:
            return found
        told = f"It should be {', '.join(PRESETS)} or {NONE}"
        if not again:
            raise NoSuchPlace(f"kind of place {typed.strip()!r}: {told[0].lower()}{told[1:]}")
        write(f"  {told}.")


def _plain(text: str) -> str:
    return text.strip().lower().translate(_ACCENTS)


def with_preset(text: str, preset: Preset | None) -> str:
    """Return a config file with the settings of a preset at its end."""
    return text if preset is None else text + _HEAD.format(name=preset.name, does=preset.does) + preset.settings
