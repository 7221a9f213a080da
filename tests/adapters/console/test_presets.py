"""The presets of `init`: each is a whole piece of config, changes something, and runs a club in any currency."""

import tomllib

import pytest

from adapters.console.costs import FOR_A_ZLOTY, in_currency
from adapters.console.init import QUESTIONS, config_text
from adapters.console.presets import PRESETS, NoSuchPlace, Preset, ask_place, with_preset
from bot.config.config import Config
from bot.config.file import config_from
from bot.purchases.money import MINOR_DIGITS
from tests.club import open_club
from tests.databases import Address

ANSWERS = {"programme": {"name": "Café", "default_language": "pl", "currency": "EUR", "timezone": "Europe/Warsaw"}}

OWNED = {"name": "Bywalec", "owner_ids": ["console:olek"]}
CHEAP = {
    "PLN": "9", "EUR": "2.50", "USD": "3", "GBP": "2.40", "CHF": "4", "CZK": "45", "UAH": "50", "SEK": "35",
    "HUF": "600", "JPY": "300", "TRY": "90",
}  # fmt: skip
"""What a cheap coffee costs."""


def of(preset: Preset, currency: str) -> Config:
    """Return the config that `init` writes."""
    programme = ANSWERS["programme"] | OWNED | {"currency": currency, "default_language": "en"}
    text = with_preset(config_text({"programme": programme}), preset, currency)
    return config_from(tomllib.loads(text), {})


def answered(*tries: str, again: bool = True) -> tuple[Preset | None, list[str]]:
    """Answer the question; return the preset and what was shown."""
    given, shown = iter(tries), list[str]()
    return ask_place(lambda _prompt, _is_secret: next(given), shown.append, again=again), shown


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_every_preset_is_a_config_of_its_own_and_with_the_answers(preset: Preset) -> None:
    settings = tomllib.loads(in_currency(preset.settings, "EUR"))
    alone = config_from(settings, {})
    assert alone != Config()
    # What is asked for stands in the file already, and TOML has each section once.
    assert not settings.keys() & {question.section for question in QUESTIONS}
    answers = {"programme": ANSWERS["programme"] | {"owner_ids": ["telegram:7"]}}
    text = with_preset(config_text(answers), preset, "EUR")
    whole = config_from(tomllib.loads(text), {})
    assert (whole.programme.currency, whole.earning) == ("EUR", alone.earning)
    assert f"# For a {preset.name}: " in text
    # A window of an editor shows it without scrolling to the side.
    assert [line for line in text.splitlines() if line.startswith("#") and len(line) > 120] == []


def test_one_is_asked_until_the_answer_is_a_kind_of_place() -> None:
    preset, shown = answered("pub", " CAFE ")
    assert preset is PRESETS["café"]
    assert shown[0] == "\nWhat kind of place is it: café, shop, salon, club (Enter for none of them):"
    assert shown[-1] == "  It should be café, shop, salon, club or none."
    assert max(map(len, shown)) < 80
    assert [answered(text)[0] for text in ("", "none")] == [None, None]
    with pytest.raises(NoSuchPlace):
        answered("pub", again=False)


def test_what_fits_is_turned_on() -> None:
    turned_on = {
        name: sorted(
            section for section in ("boost", "challenge", "reward", "stamp_card", "tier") if section in settings
        )
        for name, settings in (
            (name, tomllib.loads(in_currency(preset.settings, "PLN"))) for name, preset in PRESETS.items()
        )
    }
    assert turned_on == {
        "café": ["boost", "challenge", "reward", "stamp_card"],
        "shop": ["challenge", "reward", "tier"],
        "salon": ["boost", "challenge", "reward", "tier"],
        "club": ["challenge", "reward", "tier"],
    }


def test_without_a_preset_the_file_stays_as_it_is() -> None:
    assert with_preset("[web]\n", None, "PLN") == "[web]\n"


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_the_numbers_are_worth_the_same_in_every_currency(preset: Preset) -> None:
    assert FOR_A_ZLOTY.keys() == MINOR_DIGITS.keys()
    in_pln = of(preset, "PLN")
    for currency, units in FOR_A_ZLOTY.items():
        found = of(preset, currency)
        assert found.earning.purchase.points >= 1
        # What one złoty's worth of a purchase brings here, beside what it brings there.
        richer = units * found.earning.purchase.points / in_pln.earning.purchase.points
        pairs = [(float(found.earning.purchase.daily_cap_amount), in_pln.earning.purchase.daily_cap_amount, units)]
        pairs += [
            (float(card.minimum_amount), other.minimum_amount, units)
            for card, other in zip(found.stamp_card, in_pln.stamp_card, strict=True)
        ]
        pairs += [(one.cost, str(other.cost), richer) for one, other in zip(found.reward, in_pln.reward, strict=True)]
        pairs += [
            (one.points, str(other.points), richer)
            for one, other in zip(found.challenge, in_pln.challenge, strict=True)
        ]
        if in_pln.earning.purchase.status:
            pairs += [
                (one.threshold, str(other.threshold), richer)
                for one, other in zip(found.tier, in_pln.tier, strict=True)
            ]
        assert [here for here, *_ in pairs] == [float(there) * factor for _, there, factor in pairs], currency


@pytest.mark.parametrize("currency", CHEAP)
def test_a_cheap_coffee_stamps_and_a_reward_takes_more_than_a_few(currency: str) -> None:
    price = float(CHEAP[currency])
    assert 0 < float(of(PRESETS["café"], currency).stamp_card[0].minimum_amount) <= price
    for preset in PRESETS.values():
        found = of(preset, currency)
        brings = int(price) * found.earning.purchase.points
        assert 8 < found.reward[0].cost / brings < 100


@pytest.mark.parametrize(
    ("place", "currency"),
    [("café", "PLN"), ("café", "EUR"), ("café", "JPY"), ("shop", "EUR"), ("salon", "CZK"), ("club", "USD")],
)
async def test_a_club_runs_on_each_preset(place: str, currency: str, empty: Address) -> None:
    settings = of(PRESETS[place], currency)
    rule, reward, price = settings.earning.purchase, settings.reward[0], CHEAP[currency]
    points = int(float(price)) * rule.points
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek", "ania")
        assert f"+{points:,} points" in await club.say("olek", f"/purchase ania {price} R-1")
        assert ("1/10 stamps" in await club.say("ania", "/stamps")) == (place == "café")
        await club.skip(days=rule.pending_days + 1)
        assert f"{reward.name['en']} ({reward.id}), {reward.cost:,} points" in await club.say("ania", "/rewards")
        assert f"{points:,} points" in await club.say("ania", "/balance")
        await club.say("ania", "/language pl")
        assert reward.name["pl"] in await club.say("ania", "/rewards")
