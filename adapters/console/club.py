"""The seeded club: its people, its group, its settings, and the week before the demo begins."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from adapters.console.clock import ZONE
from adapters.console.grammar import LANGUAGES
from bot.config.config import Config
from bot.events import Identity, Person, Place, SpaceRef

PLATFORM: Final = "console"
MEMBERS: Final = ("ania", "bartek", "celina", "darek", "marta", "kasia", "olek")
PEOPLE: Final = (*MEMBERS, "nowy")
OWNER: Final = "olek"
CODE_OF_PURCHASE: Final = "CAFE-BAKE-AAAH"
CODE_OF_STAMP: Final = "KAWA-KAWA-AAA7"
SPACES: Final = {"klub": SpaceRef(PLATFORM, "klub", "Klub")}

# Nobody has reached one when the demo begins; a purchase of some fifty does.
_TIERS: Final = (
    {
        "id": "silver",
        "name": {"en": "Silver", "pl": "Srebrny"},
        "threshold": 150,
        "multiplier": "1.1",
        "perks": {"en": "A coffee on your birthday", "pl": "Kawa w dniu urodzin"},
    },
    {
        "id": "gold",
        "name": {"en": "Gold", "pl": "Złoty"},
        "threshold": 500,
        "multiplier": "1.25",
        "perks": {"en": "A table for your friends on Fridays", "pl": "Stolik dla znajomych w piątki"},
    },
    {
        "id": "platinum",
        "name": {"en": "Platinum", "pl": "Platynowy"},
        "threshold": 1500,
        "multiplier": "1.5",
        "perks": {"en": "You choose the cake of the month", "pl": "Wybierasz ciasto miesiąca"},
    },
)
_FIRST_WEEK: Final = """
    olek: /role @marta moderator
    olek: /role @kasia cashier
    ania#klub: Hello, is this where the regulars meet?
    bartek#klub: It is. Coffee is on the stove.
    celina#klub: Hello everybody
    darek#klub: Good to see you all here
    marta#klub: Welcome to the club!
    kasia#klub: See you at the till
    olek#klub: Thanks for coming, everybody
    !skip 1d
    ania#klub: Who is coming to the game night?
    bartek#klub: Me, with a friend
    ania#klub: +🎉
    kasia: /purchase @ania 38.50 R-1001
    !skip 1d
    ania#klub: I can bring cake
    celina#klub: +👍
    darek#klub: Then I am coming too
    marta#klub: /bonus @bartek 30 for carrying the chairs
    !skip 1d
    bartek#klub: The chairs are where they belong
    celina#klub: Has anybody seen my umbrella?
    kasia: /purchase @bartek 24.00 R-1002
    !skip 1d
    bartek#klub: It hangs by the door, Celina
    celina#klub: +👍
    !skip 1d
    ania#klub: What a lovely evening that was
    darek#klub: +👍
"""


@dataclass(slots=True)
class Club:
    """The people and groups that the console knows. `language` is what everybody's platform says of them."""

    language: str
    # A database that is opened again has seen the event ids of the sessions before.
    session: str = field(default_factory=lambda: secrets.token_hex(4))

    def person(self, name: str) -> Person:
        """Return one of the people."""
        return Person(Identity(PLATFORM, name), name.capitalize(), username=name, language=self.language)

    def place(self, name: str, space: str | None) -> Place:
        """Return the group, or someone's private chat with the bot."""
        if space is None:
            return Place(PLATFORM, f"private-{name}")
        return Place(PLATFORM, space, SPACES[space])


def demo_config(language: str = "en") -> Config:
    """Return the settings of the demo: the defaults, an owner, and something of what else can be switched on."""
    challenge = {
        "id": "three-days",
        "counts": "message_days",
        "goal": 3,
        "points": 15,
        "status": 10,
        "repeat": "weekly",
        "title": {"en": "Three days in the club", "pl": "Trzy dni w klubie"},
    }
    programme = {"default_language": language, "owner_ids": [f"{PLATFORM}:{OWNER}"], "timezone": ZONE.key}
    rewards = [
        {"id": "coffee", "cost": 30, "name": {"en": "A coffee", "pl": "Kawa"}},
        {"id": "mug", "cost": 150, "stock": 5, "name": {"en": "The club's mug", "pl": "Kubek klubowy"}},
        {
            "id": "tree",
            "kind": "donation",
            "cost": 20,
            "name": {"en": "A tree for the park", "pl": "Drzewo dla parku"},
        },
    ]
    action = {"title": {"en": "Your own cup brought along", "pl": "Własny kubek"}, "points": 2, "limit": 3}
    card = {
        "id": "coffee",
        # Who tries it fills it at once.
        "daily_cap": 20,
        "title": {"en": "Ten coffees and one free", "pl": "Dziesięć kaw i jedna gratis"},
        "reward": {"en": "A free coffee", "pl": "Kawa gratis"},
    }
    sections = {
        "backup": {"folder": ""},
        "earning": {"action": {"cup": action}},
        "gifts": {"enabled": True},
        "challenge": [challenge],
        "tier": _TIERS,
        "reward": rewards,
        "stamp_card": [card],
    }
    return Config.model_validate({"programme": programme, **sections})


def seeding(language: str) -> Iterator[str]:
    """Yield the lines that make the club, in the demo's own grammar."""
    for name in MEMBERS:
        yield f"{name}: /start"
        yield f"{name}: [1]"
    yield f"{OWNER}#klub: /setup"
    for number in (1, LANGUAGES.index(language) + 1, 1, 2, 1):
        yield f"{OWNER}#klub: [{number}]"
    yield from _FIRST_WEEK.splitlines()
