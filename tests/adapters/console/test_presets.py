"""The presets of `init`: each is a whole piece of config, and changes something."""

import tomllib

import pytest

from adapters.console.init import QUESTIONS, config_text
from adapters.console.presets import PRESETS, NoSuchPlace, Preset, ask_place, with_preset
from bot.config import Config
from bot.config_file import config_from

ANSWERS = {"programme": {"name": "Café", "default_language": "pl", "currency": "EUR", "timezone": "Europe/Warsaw"}}


def answered(*tries: str, again: bool = True) -> tuple[Preset | None, list[str]]:
    """Answer the question; return the preset and what was shown."""
    given, shown = iter(tries), list[str]()
    return ask_place(lambda _prompt, _is_secret: next(given), shown.append, again=again), shown


@pytest.mark.parametrize("preset", PRESETS.values(), ids=list(PRESETS))
def test_every_preset_is_a_config_of_its_own_and_with_the_answers(preset: Preset) -> None:
    settings = tomllib.loads(preset.settings)
    alone = config_from(settings, {})
    assert alone != Config()
    # What is asked for stands in the file already, and TOML has each section once.
    assert not settings.keys() & {question.section for question in QUESTIONS}
    answers = {"programme": ANSWERS["programme"] | {"owner_ids": ["telegram:7"]}}
    text = with_preset(config_text(answers), preset)
    whole = config_from(tomllib.loads(text), {})
    assert (whole.programme.currency, whole.earning) == ("EUR", alone.earning)
    assert f"# For a {preset.name}: " in text


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
        name: sorted(section for section in ("boost", "challenge", "stamp_card", "tier") if section in settings)
        for name, settings in ((name, tomllib.loads(preset.settings)) for name, preset in PRESETS.items())
    }
    assert turned_on == {
        "café": ["boost", "challenge", "stamp_card"],
        "shop": ["challenge", "tier"],
        "salon": ["boost", "challenge", "tier"],
        "club": ["challenge", "tier"],
    }


def test_without_a_preset_the_file_stays_as_it_is() -> None:
    assert with_preset("[web]\n", None) == "[web]\n"
