"""What messages are multiplied by: one boost, one channel and one tier at most, each message by itself."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.config import Config
from bot.config.earning import MessageRule
from bot.earning.multipliers import MessageMultipliers, multiplied_message
from bot.earning.programme_rules import rules_version
from bot.earning.versions import RuleBook
from bot.events import Place, SpaceRef
from bot.tiers.tiers import ONCE

NAME = {"en": "A", "pl": "A"}
GROUP, OTHER = SpaceRef("telegram", "-100"), SpaceRef("telegram", "-200")
SERVER = SpaceRef("discord", "7")
MONDAY = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
TEN = {"message": {"points": 3, "status": 10}}


def settings(**sections: Any) -> Config:
    return Config.model_validate({"earning": TEN} | sections)


def channel(space: str, multiplier: object, channel_id: str | None = None) -> dict[str, Any]:
    return {"name": NAME, "space": space, "multiplier": multiplier, "channel_id": channel_id}


def boost(boost_id: str, multiplier: object, **about: Any) -> dict[str, Any]:
    return {"id": boost_id, "name": NAME, "multiplier": multiplier, "multiplies": ["messages"]} | about


def tier(multiplier: object) -> dict[str, Any]:
    return {"id": "gold", "name": NAME, "threshold": 10, "message_multiplier": multiplier}


def worth(config: Config, place: Place, at: datetime = MONDAY, tier_thousandths: int = ONCE) -> tuple[int, int]:
    found = MessageMultipliers.of(config)
    assert found is not None
    return found.worth(place, at, tier_thousandths)


@pytest.mark.parametrize(
    "sections",
    [
        {},
        {"tier": [tier(1)]},
        {"boost": [boost("a", 2, multiplies=["purchases"])]},
        {"tier": [tier(1.0)], "boost": [boost("a", 3, multiplies=["purchases"])]},
    ],
)
def test_nothing_is_looked_at_where_nothing_multiplies(sections: dict[str, Any]) -> None:
    assert MessageMultipliers.of(settings(**sections)) is None


@pytest.mark.parametrize(
    ("place", "status"),
    [
        (Place("telegram", "-100", GROUP, "5"), 30),
        (Place("telegram", "-100", GROUP, "6"), 20),
        (Place("telegram", "-100", GROUP), 20),
        (Place("telegram", "-200", OTHER, "5"), 10),
        (Place("discord", "8", SERVER), 5),
        (Place("discord", "9", SERVER), 10),
        (Place("discord", "5", SERVER), 10),
    ],
)
def test_the_narrowest_place_counts_and_no_other(place: Place, status: int) -> None:
    channels = [channel("telegram:-100", 2), channel("telegram:-100", 3, "5"), channel("discord:7", 0.5, "8")]
    for several in (channels, channels[::-1]):
        assert worth(settings(channel=several), place)[1] == status


def test_one_place_is_known_by_what_it_is_and_not_by_which_object() -> None:
    found = MessageMultipliers.of(settings(channel=[channel("discord:7", 2, "8"), channel("discord:7", 3, "9")]))
    assert found is not None
    places = [Place("discord", channel_id, SERVER) for channel_id in ("8", "9", "8", "7")]
    assert [found.worth(place, MONDAY, ONCE)[1] for place in (*places, *places)] == [20, 30, 20, 10] * 2


def test_the_greatest_boost_counts_for_as_long_as_it_holds() -> None:
    config = settings(
        boost=[
            boost("hour", 2, from_time="15:00", until_time="16:00"),
            boost("day", 1.5, days=["monday"], multiplies=["messages", "purchases"]),
            boost("till", 10, multiplies=["purchases"]),
        ]
    )
    found = MessageMultipliers.of(config)
    assert found is not None
    place, second = Place("discord", "8", SERVER), timedelta(seconds=1)
    hour = timedelta(hours=1)
    begin, end = MONDAY, MONDAY + hour
    instants = (begin - second, begin, end - second, end, begin + 24 * hour, begin + 9 * hour)
    assert [found.worth(place, at, ONCE)[1] for at in instants] == [15, 20, 20, 15, 20, 10]
    assert found.worth(place, begin, ONCE) == (6, 20)


def test_the_three_kinds_multiply_each_other_and_fractions_are_dropped_once() -> None:
    config = settings(channel=[channel("discord:7", 0.5)], boost=[boost("a", 1.5)], tier=[tier(1.5)])
    # 10 × 1.5 × 0.5 × 1.5 is 11.25; dropped at each step it would be 10. 3 × 1.125 is 3.375.
    assert worth(config, Place("discord", "8", SERVER), tier_thousandths=1500) == (3, 11)
    assert worth(config, Place("discord", "8", SERVER), tier_thousandths=0) == (0, 0)


thousandths = st.integers(0, 10_000)


@given(points=st.integers(0, 10**9), status=st.integers(0, 10**9), several=st.lists(thousandths, max_size=3))
def test_a_message_brings_the_product_without_its_fraction(points: int, status: int, several: list[int]) -> None:
    product = Fraction(1)
    for one in several:
        product *= Fraction(one, ONCE)
    brings = multiplied_message(MessageRule(points=points, status=status), *several)
    assert brings == (int(points * product), int(status * product))
    assert multiplied_message(MessageRule(points=points, status=status), *reversed(several)) == brings
    assert multiplied_message(MessageRule(points=points, status=status), *several, ONCE) == brings


@given(status=st.integers(0, 1000), several=st.tuples(thousandths, thousandths, thousandths), more=st.integers(0, 999))
def test_more_never_brings_less(status: int, several: tuple[int, int, int], more: int) -> None:
    rule, (first, *others) = MessageRule(status=status), several
    less = multiplied_message(rule, max(first - more, 0), *others)
    assert less <= multiplied_message(rule, first, *others)


def test_the_rules_version_of_messages_names_what_multiplies_them() -> None:
    plain = RuleBook.of(settings())
    assert RuleBook.of(settings(tier=[tier(1)], boost=[boost("a", 2, multiplies=["purchases"])]))["message"] == plain[
        "message"
    ]  # fmt: skip
    changed = [
        {"channel": [channel("discord:7", 2)]},
        {"channel": [channel("discord:7", 3)]},
        {"channel": [channel("discord:7", 3, "8")]},
        {"boost": [boost("a", 2)]},
        {"tier": [tier(2)]},
        {"tier": [tier(0)]},
    ]
    versions = [RuleBook.of(settings(**sections)) for sections in changed]
    assert len({book["message"] for book in (plain, *versions)}) == len(changed) + 1
    assert {book["purchase"] for book in versions} == {plain["purchase"]}
    assert len({rules_version(settings(**sections)) for sections in ({}, *changed)}) == len(changed) + 1
