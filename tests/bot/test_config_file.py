"""The config file: every problem at once, in words, without secrets."""

import re
import tomllib
from pathlib import Path

import pytest

from bot.config import Config
from bot.config_file import ConfigProblems, load_config
from bot.config_keys import all_keys

EXAMPLE = Path(__file__).parents[2] / "config.example.toml"
TOKEN = "123456789:AAHnotARealTokenButLongEnough"


def load(tmp_path: Path, text: str, **environment: str) -> Config:
    path = tmp_path / "config.toml"
    path.write_text(text, encoding="utf-8")
    return load_config(path, environment)


def problems(tmp_path: Path, text: str, **environment: str) -> list[str]:
    with pytest.raises(ConfigProblems) as raised:
        load(tmp_path, text, **environment)
    return [str(problem) for problem in raised.value.problems]


def uncommented(example: str) -> str:
    """Return the example with its unset keys set."""
    return re.sub(r"(?m)^# (?=\[\[|[a-z_]+ = )", "", example)


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Config()


def test_the_example_holds_the_defaults() -> None:
    assert load_config(EXAMPLE, {}) == Config()


def test_the_example_holds_every_key(tmp_path: Path) -> None:
    text = uncommented(EXAMPLE.read_text(encoding="utf-8"))
    load(tmp_path, text.replace('repeat = "weekly"\n', ""))
    content = tomllib.loads(text)
    for key in all_keys():
        table = content
        for section in key.section.split("."):
            found = table[section]
            table = found[0] if isinstance(found, list) else found
        assert key.name in table, key.full_name


def test_every_problem_is_told_at_once(tmp_path: Path) -> None:
    text = """
        [earning.message]
        cooldown_s = "soon"
        points = true
        [programme]
        timezone = "Warsaw"
        owner_ids = ["telegram:1", "7"]
        [web]
        port = 99999
    """
    assert problems(tmp_path, text) == [
        'programme.timezone = "Warsaw": should be a time zone such as "Europe/Warsaw"',
        'programme.owner_ids[2] = "7": should be "telegram:123456" or "discord:123456"',
        "web.port = 99999: should be a whole number from 0 to 65535",
        "earning.message.points = true: should be a whole number from 0 to 1000000000",
        'earning.message.cooldown_s = "soon": should be a whole number of seconds from 1 to 86400',
    ]


def test_problems_between_sections_are_told_with_those_inside_them(tmp_path: Path) -> None:
    challenge = '[[challenge]]\nid = "a"\ncounts = "purchases"\ngoal = 1\npoints = 1\nrepeat = "weekly"\n'
    text = f'[web]\nport = "x"\n[telegram]\nmode = "webhook"\n{challenge}title = {{ en = "A" }}\n'
    assert problems(tmp_path, text) == [
        'telegram: mode = "webhook" needs webhook_url and webhook_secret',
        'web.port = "x": should be a whole number from 0 to 65535',
        "config: challenge 'a' has no title.pl",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[telegram]\ntokn = 'x'", "telegram.tokn: no such setting; did you mean telegram.token?"),
        ("[earning.mesage]", "earning.mesage: no such setting; did you mean earning.message?"),
        ("[telegram]\ntimezone = 'x'", "telegram.timezone: no such setting; did you mean programme.timezone?"),
        ("zzz = 1", "zzz: no such setting"),
        ("web = 5", "web = (hidden): should be a section, written [web]"),
        ("[challenge]\nid = 'a'", "challenge: should be sections, each written [[challenge]]"),
        ("[leaderboard]\nsize = '9'", 'leaderboard.size = "9": should be a whole number from 3 to 25'),
        ("[programme]\nrules = { de = 'x' }", "programme.rules.de: no such language; known are en, pl"),
        ("[web]\nport = x", "config.toml: is not valid TOML: Invalid value (at line 2, column 8)"),
    ],
)
def test_a_problem_is_one_clear_line(tmp_path: Path, text: str, told: str) -> None:
    assert problems(tmp_path, text) == [told]


def test_text_that_is_not_utf8_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"# caf\xe9")
    with pytest.raises(ConfigProblems, match="not UTF-8 text at byte 5"):
        load_config(path, {})


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    config = load(
        tmp_path,
        "[leaderboard]\nsize = 5\n[telegram]\ntoken = 'from-the-file'",
        BYWALEC_LEADERBOARD__SIZE="12",
        BYWALEC_TELEGRAM__TOKEN=TOKEN,
        BYWALEC_PROGRAMME__OWNER_IDS='["telegram:5"]',
        BYWALEC_PROGRAMME__RULES__PL="Bądź miły.",
        BYWALEC_DISCORD__MEMBERS_INTENT="true",
        PATH="/bin",
    )
    assert config.leaderboard.size == 12
    assert config.telegram.token is not None
    assert config.telegram.token.get_secret_value() == TOKEN
    assert config.programme.owner_ids == ("telegram:5",)
    assert config.programme.rules == {"pl": "Bądź miły."}
    assert config.discord.members_intent


def test_problems_of_the_environment_name_the_variable(tmp_path: Path) -> None:
    assert problems(tmp_path, "", BYWALEC_TELEGRAM__TOKN="x", BYWALEC_WEB__PORT="many") == [
        "BYWALEC_TELEGRAM__TOKN: no such variable; did you mean BYWALEC_TELEGRAM__TOKEN?",
        'web.port (from BYWALEC_WEB__PORT) = "many": should be a whole number from 0 to 65535',
    ]


def test_an_empty_token_means_none(tmp_path: Path) -> None:
    assert load(tmp_path, "[telegram]\ntoken = ''", BYWALEC_DISCORD__TOKEN="").telegram.token is None


@pytest.mark.parametrize(
    "text",
    [
        f"[telegram]\ntoken = '{TOKEN} '",
        f"[telegram]\ntoken = ['{TOKEN}']",
        f"[telegram]\ntokn = '{TOKEN}'",
        f"[telegram]\napi_base_url = '{TOKEN}'",
        f"[programme]\nowner_ids = ['{TOKEN}']",
        f"telegram = '{TOKEN}'",
        f"'{TOKEN}' = 1",
        f"[telegram]\nmode = 'webhook'\nwebhook_url = 'https://x'\nwebhook_secret = '{TOKEN}'",
        f"[telegram]\ntoken = '{TOKEN}",
    ],
)
def test_a_secret_is_never_shown(tmp_path: Path, text: str) -> None:
    assert TOKEN not in "".join(problems(tmp_path, text))


def test_a_password_in_an_address_is_never_shown(tmp_path: Path) -> None:
    assert problems(tmp_path, "[database]\nurl = 'postgresql://me:hunter2@host/db'") == [
        'database.url = (hidden): should be "sqlite:///" and the path of a file'
    ]
