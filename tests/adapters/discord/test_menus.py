"""The command table as slash commands and context menus."""

from adapters.discord.menus import Menus
from bot.commands import ChoiceParam, CommandSpec, Menu, TextParam, WordParam
from handlers.forms import Forms
from handlers.spaces.setup import SETUP
from handlers.table import build_registry
from messages.render import Renderer
from tests.club import config
from tests.platforms.discord.command_rules import check_commands

SPECS = build_registry(Forms((SETUP,))).specs
MENUS = Menus(SPECS, Renderer(config()))


def by_name(name: str) -> dict[str, object]:
    return next(command for command in MENUS.payload() if command["name"] == name)


def test_discord_would_register_the_table() -> None:
    check_commands(MENUS.payload())
    assert len(MENUS.payload()) == len(SPECS) + sum(len(spec.menus) for spec in SPECS)


def test_words_come_in_every_language() -> None:
    balance = by_name("balance")
    localised = balance["description_localizations"]
    assert isinstance(localised, dict)
    assert set(localised) == {"en-GB", "en-US", "pl"}
    assert localised["pl"] != localised["en-US"] == balance["description"]
    menu = by_name("Give bonus points")
    assert (menu["type"], menu["contexts"]) == (2, [0])


def test_a_programme_in_one_language_speaks_only_that() -> None:
    polish = Menus(SPECS, Renderer(config(programme={"languages": ["pl"], "default_language": "pl"})))
    balance = next(command for command in polish.payload() if command["name"] == "balance")
    assert set(balance["description_localizations"]) == {"pl"}
    assert balance["description"] == balance["description_localizations"]["pl"]
    language = next(command for command in polish.payload() if command["name"] == "language")
    assert [choice["value"] for choice in language["options"][0]["choices"]] == ["pl"]


def test_options_are_typed_and_required_ones_come_first() -> None:
    params = (TextParam("reason", required=False), ChoiceParam("to", choices=("monday", "9:00")))
    spec = CommandSpec("bonus", params, menus=(Menu.PERSON,))
    options = Menus([spec], Renderer(config())).payload()[0]["options"]
    assert [(option["name"], option["required"]) for option in options] == [("to", True), ("reason", False)]
    assert [choice["name"] for choice in options[0]["choices"]] == ["Monday", "9:00"]
    assert options[0]["choices"][0]["name_localizations"]["pl"] == "poniedziałek"
    assert options[1]["max_length"] == 200
    bonus = by_name("bonus")["options"]
    assert isinstance(bonus, list)
    assert [option["type"] for option in bonus] == [6, 4, 3]
    help_options = by_name("help")["options"]
    assert isinstance(help_options, list)
    assert help_options[0]["autocomplete"] is True


def test_what_the_app_completes_is_declared_so() -> None:
    spec = CommandSpec("refund", (WordParam("receipt", limit=32, completes=True), TextParam("reason")))
    menus = Menus([spec], Renderer(config())).payload()
    check_commands(menus)
    assert [option.get("autocomplete") for option in menus[0]["options"]] == [True, None]
