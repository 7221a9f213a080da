"""Boosts: which one a purchase is made in, by the wall clock."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bot.config.boosts import BoostSettings
from bot.config.config import Config
from bot.earning.boosts import boost_at
from bot.earning.programme_rules import rules_version
from bot.earning.versions import RuleBook
from bot.purchases.purchases import Terms, worth

WARSAW = ZoneInfo("Europe/Warsaw")
NAME = {"en": "Happy hour", "pl": "Szczęśliwa godzina"}


def boost(boost_id: str = "a", multiplier: object = 2, **about: Any) -> BoostSettings:
    return BoostSettings.model_validate({"id": boost_id, "name": NAME, "multiplier": multiplier} | about)


def holds(settings: BoostSettings, utc: str, zone: ZoneInfo = WARSAW, shop: str = "till") -> bool:
    return boost_at([settings], shop, datetime.fromisoformat(utc).replace(tzinfo=UTC), zone) is not None


@pytest.mark.parametrize(
    ("about", "inside", "outside"),
    [
        # In winter Warsaw is an hour ahead. The first instant counts, the last does not.
        ({"from_time": "15:00", "until_time": "17:00"}, ["2026-03-16T14:00", "2026-03-16T15:59:59.999999"],
         ["2026-03-16T13:59:59.999999", "2026-03-16T16:00"]),
        ({"from_time": "15:00"}, ["2026-03-16T14:00", "2026-03-16T22:59"], ["2026-03-16T13:59", "2026-03-16T23:00"]),
        ({"until_time": "01:00"}, ["2026-03-15T23:00", "2026-03-15T23:59"], ["2026-03-15T22:59", "2026-03-16T00:00"]),
        ({"from_time": "22:00", "until_time": "00:00"}, ["2026-03-16T22:59"], ["2026-03-16T23:00"]),
        # 16 March is a Monday; by UTC it begins an hour later.
        ({"days": ["monday"]}, ["2026-03-15T23:00", "2026-03-16T22:59"], ["2026-03-15T22:59", "2026-03-16T23:00"]),
        ({"starts": "2026-03-16", "ends": "2026-03-17"}, ["2026-03-15T23:00", "2026-03-17T22:59:59"],
         ["2026-03-15T22:59:59", "2026-03-17T23:00"]),
        # Over midnight it belongs to the day on which it began.
        ({"days": ["friday"], "from_time": "22:00", "until_time": "02:00"},
         ["2026-03-20T21:00", "2026-03-20T23:30", "2026-03-21T00:59"],
         ["2026-03-19T23:30", "2026-03-20T20:59", "2026-03-21T01:00", "2026-03-21T21:00"]),
        ({"ends": "2026-03-20", "from_time": "22:00", "until_time": "02:00"}, ["2026-03-21T00:59"],
         ["2026-03-21T21:00"]),
        ({"starts": "2026-03-20", "from_time": "22:00", "until_time": "02:00"}, ["2026-03-20T21:00"],
         ["2026-03-19T23:30"]),
        # On 29 March two o'clock is followed by three.
        ({"from_time": "02:00", "until_time": "03:00"}, ["2026-03-28T01:30"], ["2026-03-29T00:59", "2026-03-29T01:00"]),
        ({"days": ["sunday"], "from_time": "02:30", "until_time": "04:00"}, ["2026-03-29T01:00", "2026-03-29T01:59"],
         ["2026-03-29T00:59", "2026-03-29T02:00"]),
        # On 25 October the hour from two to three is shown twice.
        ({"from_time": "02:00", "until_time": "03:00"}, ["2026-10-25T00:00", "2026-10-25T00:30", "2026-10-25T01:59"],
         ["2026-10-24T23:59", "2026-10-25T02:00"]),
        ({"days": ["saturday"], "from_time": "23:00", "until_time": "02:30"},
         ["2026-10-24T21:00", "2026-10-25T00:29", "2026-10-25T01:29"], ["2026-10-25T00:30", "2026-10-25T01:30"]),
    ],
)  # fmt: skip
def test_a_boost_holds_by_the_wall_clock(about: dict[str, Any], inside: list[str], outside: list[str]) -> None:
    assert [holds(boost(**about), utc) for utc in inside] == [True] * len(inside)
    assert [holds(boost(**about), utc) for utc in outside] == [False] * len(outside)


def test_a_boost_holds_in_its_zone_and_in_its_shops() -> None:
    assert holds(boost(days=["monday"]), "2026-03-17T03:59", ZoneInfo("America/New_York"))
    assert not holds(boost(days=["monday"]), "2026-03-17T03:59")
    some = boost(shops=["till", "web"])
    assert [holds(some, "2026-03-16T07:00", shop=shop) for shop in ("till", "web", "else")] == [True, True, False]


def test_the_greatest_boost_multiplies_alone_and_once_with_the_tier() -> None:
    at = datetime(2026, 3, 16, 7, tzinfo=UTC)
    several = [boost("a", 1.5), boost("b", "2.125"), boost("c", 2.125), boost("d", 10, days=["sunday"])]
    found = boost_at(several, "till", at, WARSAW)
    assert found is not None
    assert (found.id, found.thousandths, found.shown()) == ("b", 2125, {"name": NAME, "multiplier": "2.125"})
    assert boost_at([boost(multiplier=1)], "till", at, WARSAW) is None
    assert boost_at([], "till", at, WARSAW) is None
    # 15 × 1.25 × 1.5 are 28.125; dropping the fraction in between would make 27. Status stays as it is.
    half = boost_at(several[:1], "till", at, WARSAW)
    assert worth(Terms(1, 2, 100, 14, thousandths=1250, boost=half), 1599) == (28, 30)


def test_changed_boosts_are_other_rules() -> None:
    plain, boosted, later = Config(), Config(boost=(boost(),)), Config(boost=(boost(starts="2026-03-16"),))
    assert len({RuleBook.of(config)["purchase"] for config in (plain, boosted, later)}) == 3
    assert len({rules_version(config) for config in (plain, boosted, later)}) == 3
