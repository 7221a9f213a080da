"""What `init` turns on for each kind of place: one table of settings that fit together, easy to add to."""

import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from adapters.console.costs import in_currency
from adapters.console.init import FILE_WIDTH


@dataclass(frozen=True, slots=True)
class Preset:
    """A kind of place: what is turned on there, in words and as a piece of the config file.

    The numbers of `settings` are those of PLN, marked as `in_currency` reads them.
    """

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
        # A coffee costs little and is hardly ever returned: points may be spent after a day.
        points = each(2)
        status = each(1)
        pending_days = 1
        daily_cap_count = 3
        daily_cap_amount = "money(200)"

        [[stamp_card]]
        id = "coffee"
        stamps = 10
        # What the cheapest coffee costs: set your own price.
        minimum_amount = "money(8)"
        daily_cap = 3
        valid_days = 30
        title = { en = "Ten coffees and one free", pl = "Dziesięć kaw i jedna gratis" }
        reward = { en = "A free coffee", pl = "Kawa gratis" }

        [[challenge]]
        id = "cafe-five-visits"
        counts = "purchases"
        goal = 5
        points = sum(30)
        status = sum(10)
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

        [[reward]]
        # A sample, of what some fifteen coffees bring.
        id = "cafe-cake"
        cost = sum(400)
        name = { en = "A piece of cake", pl = "Kawałek ciasta" }
        """,
    ),
    _preset(
        "shop",
        "points for what is paid and kept, spendable once the time for returns is over, and two tiers for those who "
        "come back: more points, and cheaper rewards",
        """
        [earning.purchase]
        points = each(1)
        status = each(1)
        # Points wait as long as goods may be returned.
        pending_days = 14
        daily_cap_count = 4
        daily_cap_amount = "money(2000)"

        [[challenge]]
        id = "shop-three-purchases"
        counts = "purchases"
        goal = 3
        points = sum(50)
        repeat = "monthly"
        title = { en = "Three purchases this month", pl = "Trzy zakupy w tym miesiącu" }

        # Status is what was spent within a year, each(1) for each whole currency unit; what is said in a group
        # brings some too.
        [[tier]]
        id = "shop-silver"
        threshold = sum(1000)
        multiplier = 1.1
        name = { en = "Silver", pl = "Srebrny" }

        [[tier]]
        id = "shop-gold"
        threshold = sum(4000)
        multiplier = 1.25
        reward_discount = 10
        name = { en = "Gold", pl = "Złoty" }

        [[reward]]
        # A sample: the cashier takes it off the bill.
        id = "shop-ten-percent"
        kind = "coupon"
        cost = sum(300)
        name = { en = "10% off one purchase", pl = "10% taniej na jedne zakupy" }
        """,
    ),
    _preset(
        "salon",
        "visits are what counts: one purchase a day earns, two visits a month bring a reward, quiet days half as much "
        "again, and who comes regularly holds a tier",
        """
        [earning.purchase]
        points = each(1)
        status = each(1)
        pending_days = 0
        daily_cap_count = 1
        daily_cap_amount = "money(1000)"

        [[challenge]]
        id = "salon-two-visits"
        counts = "purchases"
        goal = 2
        points = sum(40)
        status = sum(20)
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
        threshold = sum(1200)
        reward_discount = 10
        name = { en = "Regular", pl = "Stały gość" }

        [[reward]]
        # A sample, of what some four visits bring: the cashier takes it off the bill.
        id = "salon-fifteen-percent"
        kind = "coupon"
        cost = sum(500)
        name = { en = "15% off one visit", pl = "15% taniej na jedną wizytę" }
        """,
    ),
    _preset(
        "club",
        "taking part is what counts: messages, reactions, weekly challenges, and two tiers for a year of it",
        """
        [earning.purchase]
        # What is bought brings points; status comes from taking part.
        points = each(1)
        status = 0
        daily_cap_amount = "money(1000)"

        [earning.message]
        status = 5
        daily_cap = 20

        [earning.reaction]
        status = 2

        [[challenge]]
        id = "club-three-days"
        counts = "message_days"
        goal = 3
        points = sum(15)
        status = 10
        repeat = "weekly"
        title = { en = "Three days in the club", pl = "Trzy dni w klubie" }

        [[challenge]]
        id = "club-ten-reactions"
        counts = "reactions_received"
        goal = 10
        points = sum(20)
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

        [[reward]]
        # A sample that costs nothing to give, of what a month of won challenges brings.
        id = "club-topic"
        cost = sum(150)
        name = { en = "You choose the topic of a meeting", pl = "Wybierasz temat spotkania" }
        """,
    ),
)
PRESETS: Final[Mapping[str, Preset]] = MappingProxyType({preset.name: preset for preset in _ALL})
_ACCENTS: Final = str.maketrans("é", "e")
_ASKED: Final = f"What kind of place is it: {', '.join(PRESETS)} (Enter for {NONE} of them):"
_HEAD: Final = """\
# Change any number here: config.example.toml explains each, and has what else can be turned on.
# The reward is a sample. Change it here before the first start; after that rewards are changed in the chat alone:
# /reward edit, /reward stop, /reward add.

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


def with_preset(text: str, preset: Preset | None, currency: str) -> str:
    """Return a config file with the settings of a preset at its end, their numbers fitting the currency."""
    if preset is None:
        return text
    kind = textwrap.fill(
        f"For a {preset.name}: {preset.does}.", FILE_WIDTH, initial_indent="# ", subsequent_indent="# "
    )
    return f"{text}{kind}\n{_HEAD}{in_currency(preset.settings, currency)}"
