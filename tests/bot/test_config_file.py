"""The config file: every problem at once, in words, without secrets."""

import re
import tomllib
from pathlib import Path
from typing import get_args

import pytest

from bot.config.config import Config
from bot.config.file import ConfigProblems, load_config
from bot.config.keys import NAME, all_keys
from bot.config.types import Weekday

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
    return re.sub(r"(?m)^# (?=\[|[a-z_]+ = )", "", example)


def test_who_invites_gets_something_for_it(tmp_path: Path) -> None:
    text = """
        [earning.referral]
        points = 0
        status = 0
        [earning.referral.ambassador]
        points = 0
        status = 0
    """
    wanted = "brings nothing to the one who invites: set points or status"
    assert problems(tmp_path, text) == [f"earning.referral: {wanted}", f"earning.referral.ambassador: {wanted}"]
    off = load(tmp_path, text.replace("points = 0", "enabled = false\npoints = 0", 1))
    assert not off.earning.referral.enabled
    friends = load(tmp_path, "[earning.referral]\npoints = 0\nfriend_points = 0")
    assert friends.earning.referral.status == 50


def test_an_empty_file_means_the_defaults(tmp_path: Path) -> None:
    assert load(tmp_path, "") == Config()


def test_the_example_holds_the_defaults() -> None:
    assert load_config(EXAMPLE, {}) == Config()


def test_the_example_holds_every_key(tmp_path: Path) -> None:
    text = uncommented(EXAMPLE.read_text(encoding="utf-8"))
    # What cannot be set together or alone; only a quiz has questions, and only a task has hand-ins.
    alone = r'repeat = "weekly"|after = "first-steps"|cause = "trees"|donation = 500'
    of_tasks = r'hands_in = "photo"|review = true|least = 20|most = 100'
    apart = re.sub(rf"(?m)^({alone}|{of_tasks})\n", "", text)
    load(tmp_path, re.sub(r"(?ms)^\[\[challenge.question\]\]$.*?^$", "", apart))
    content = tomllib.loads(text)
    for key in all_keys():
        table = content
        for section in key.section.split("."):
            found = next(iter(table.values())) if section == NAME else table[section]
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


def test_rules_between_settings_are_told_with_what_is_wrong_by_itself(tmp_path: Path) -> None:
    text = """
        [telegram]
        mode = "webhook"
        api_base_url = "api.telegram.org"
        [web]
        port = "x"
        [programme]
        nme = "x"
        languages = ["en"]
        default_language = "pl"
        [[challenge]]
        id = "A B"
        counts = "purchases"
        goal = 0
        title = { en = "" }
        [[challenge]]
        id = "b"
        counts = "purchases"
        goal = 1
        points = 1
        repeat = "weekly"
        ends = 2026-03-23
        title = { pl = "B", de = "B" }
    """
    assert problems(tmp_path, text) == [
        "programme.nme: no such setting; did you mean programme.name?",
        'programme.default_language = "pl": should be one of programme.languages',
        'telegram.api_base_url = "api.telegram.org": should be an address that begins with http:// or https://',
        'telegram.webhook_url: is missing, mode = "webhook" needs it',
        'telegram.webhook_secret: is missing, mode = "webhook" needs it',
        'web.port = "x": should be a whole number from 0 to 65535',
        'challenge[1].id = "A B": should be 1 to 40 of a-z, 0-9 and -',
        "challenge[1].goal = 0: should be a whole number from 1 to 1000000",
        'challenge[1].title.en = "": should be text of 1 to 200 characters',
        'challenge[1]: needs repeat = "daily", "weekly" or "monthly", or both starts and ends',
        "challenge[1]: gives nothing: set points or status",
        "challenge[2].title.de: no such language; known are en, pl",
        "challenge[2].ends = 2026-03-23: a repeating challenge has no ends; leave out repeat or ends",
        "challenge[2].title.en: is missing, programme.languages names the language",
    ]


def test_channels_and_boosts_for_messages_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    text = """
        [[boost]]
        id = "a"
        name = { en = "A", pl = "A" }
        multiplier = 2
        multiplies = ["messages"]
        shops = ["till"]
        [[boost]]
        id = "b"
        name = { en = "B", pl = "B" }
        multiplier = 2
        multiplies = []
        [[channel]]
        name = { en = "A" }
        space = "discord:7"
        multiplier = 10.5
        [[channel]]
        name = { en = "A", pl = "A" }
        space = "discord:7"
        channel_id = "8"
        multiplier = 0
        [[channel]]
        name = { en = "A", pl = "A" }
        space = "discord:7"
        multiplier = 0.125
        [[channel]]
        name = { en = "A", pl = "A" }
        space = "discord:7"
        channel_id = "8"
        multiplier = 1
        [[channel]]
        name = { en = "A", pl = "A" }
        space = "discord:9"
        channel_id = "general"
        """
    number = "should be a number from 0 to 10 with at most 3 decimals, such as 1.5; 0 brings nothing"
    assert problems(tmp_path, text) == [
        'boost[1].shops = "till": is for purchases; leave it out, or multiply them too',
        'boost[2].multiplies = []: should be a list, each of it "purchases" or "messages"',
        f"channel[1].multiplier = 10.5: {number}",
        "channel[1].name.pl: is missing, programme.languages names the language",
        'channel[3].space = "discord:7": is what channel[1] is about too, each needs a place of its own',
        'channel[4].channel_id = "8": is what channel[2] is about too, each needs a place of its own',
        'channel[5].channel_id = "general": should be the id of a channel such as "123456", or the number of a topic',
        f"channel[5].multiplier: is missing, {number}",
    ]


def test_products_and_rates_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    text = """
        [[product]]
        id = "a"
        name = { en = "A", pl = "A" }
        multiplier = 11
        [[product]]
        id = "a"
        name = { en = "A" }
        multiplier = 0.5
        skus = ["x"]
        [[currency_rate]]
        currency = "PLN"
        rate = 0
        [[currency_rate]]
        currency = "PLN"
        rate = "4.27"
        """
    rate = "should be a number above 0 with at most 6 decimals, such as 4.27"
    assert problems(tmp_path, text) == [
        "product[1].multiplier = 11: should be a number from 0 to 10 with at most 3 decimals, such as 1.5; 0 brings "
        "nothing",
        "product[1]: says of no product: set skus, categories or brands",
        'product[2].id = "a": is the id of product[1] too, each needs its own',
        "product[2].name.pl: is missing, programme.languages names the language",
        f"currency_rate[1].rate = 0: {rate}",
        'currency_rate[1].currency = "PLN": is programme.currency itself, whose rate is 1',
        'currency_rate[2].currency = "PLN": is the currency of currency_rate[1] too, each needs its own',
        'currency_rate[2].currency = "PLN": is programme.currency itself, whose rate is 1',
    ]


def test_boosts_say_what_is_wrong_with_them(tmp_path: Path) -> None:
    text = """
        [[boost]]
        id = "a"
        name = { en = "Happy hour" }
        multiplier = 10.5
        days = ["mon"]
        from_time = "15:00"
        until_time = "15:00"
        starts = 2026-03-16
        ends = 2026-03-15
        [[boost]]
        id = "a"
        name = { en = "x", pl = "y" }
        multiplier = "1.2345"
        until_time = "24:00"
        shops = ["Till"]
    """
    weekdays = ", ".join(f'"{day}"' for day in get_args(Weekday))
    number = "should be a number from 1 to 10 with at most 3 decimals, such as 1.5"
    assert problems(tmp_path, text) == [
        f"boost[1].multiplier = 10.5: {number}",
        f'boost[1].days[1] = "mon": should be one of {weekdays}',
        "boost[1].ends = 2026-03-15: should not be before starts, which is 2026-03-16",
        'boost[1].until_time = "15:00": should be another time than from_time; leave out both for all day',
        "boost[1].name.pl: is missing, programme.languages names the language",
        f'boost[2].multiplier = "1.2345": {number}',
        'boost[2].until_time = "24:00": should be a time of day such as "09:00"',
        'boost[2].shops[1] = "Till": should be 1 to 40 of a-z, 0-9 and -',
        'boost[2].id = "a": is the id of boost[1] too, each needs its own',
    ]


def test_actions_bear_names_of_the_owners(tmp_path: Path) -> None:
    text = """
        [earning.action.repair]
        title = { en = "A repair", pl = "Naprawa" }
        points = 5
        [earning.action."Bad Name"]
        title = { en = "x", pl = "y" }
        points = 5
        [earning.action.b]
        title = { en = "x" }
        pints = 5
        per = "year"
    """
    assert problems(tmp_path, text) == [
        "earning.action.Bad Name: is no name for it; it should be 1 to 32 of a-z, 0-9, _ and -",
        'earning.action.b.per = "year": should be one of "day", "week", "month", "ever"',
        "earning.action.b.pints: no such setting; did you mean earning.action.b.points?",
        "earning.action.b: gives nothing: set points or status",
        "earning.action.b.title.pl: is missing, programme.languages names the language",
    ]
    wrong = "should be sections, each with a name of 1 to 32 of a-z, 0-9, _ and -"
    assert problems(tmp_path, "[earning]\naction = 5") == [f"earning.action = 5: {wrong}"]
    right = text.split('[earning.action."Bad')[0]
    repair = load(tmp_path, right, BYWALEC_EARNING__ACTION__REPAIR__LIMIT="3").earning.action["repair"]
    assert (repair.points, repair.limit, repair.per) == (5, 3, "day")


def test_a_rule_is_silent_about_values_that_are_wrong_by_themselves(tmp_path: Path) -> None:
    text = """
        [telegram]
        mode = "webhook"
        webhook_url = "x"
        webhook_secret = "with a blank"
        [programme]
        languages = ["en", "de"]
        default_language = "pl"
        [[challenge]]
        id = "a"
        counts = "purchases"
        goal = 1
        points = "many"
        starts = "soon"
        ends = 2026-03-23
        title = 5
    """
    keys = [problem.split(" =")[0] for problem in problems(tmp_path, text)]
    assert keys == [
        "programme.languages[2]",
        "telegram.webhook_url",
        "telegram.webhook_secret",
        "challenge[1].points",
        "challenge[1].starts",
        "challenge[1].title",
    ]


def test_a_broken_rule_names_the_variable(tmp_path: Path) -> None:
    assert problems(tmp_path, "[programme]\nlanguages = ['pl']", BYWALEC_PROGRAMME__DEFAULT_LANGUAGE="en") == [
        "programme.default_language (from BYWALEC_PROGRAMME__DEFAULT_LANGUAGE) = "
        '"en": should be one of programme.languages'
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[telegram]\ntokn = 'x'", "telegram.tokn: no such setting; did you mean telegram.token?"),
        ("[earning.mesage]", "earning.mesage: no such setting; did you mean earning.message?"),
        ("[telegram]\ntimezone = 'x'", "telegram.timezone: no such setting; did you mean programme.timezone?"),
        ("[[action]]\nid = 'x'", "action: no such setting; did you mean earning.action?"),
        ("[discord]\nname = 'x'", "discord.name: no such setting"),
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


@pytest.mark.parametrize("url", ["mysql://me:hunter2@host/db", "postgresql://me:hun@ter/2@host/db"])
def test_a_password_in_an_address_is_never_shown(tmp_path: Path, url: str) -> None:
    [problem] = problems(tmp_path, f"[database]\nurl = '{url}'")
    assert problem.startswith('database.url = (hidden): should be "sqlite:///" and the path of a file, or "postgresql')


def test_the_secret_of_a_shop_may_come_from_the_environment(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[[shop]]\nid = "my-shop"\nkind = "woocommerce"\n[[shop]]\nid = "b"\nkind = "generic"\n')
    variables = {"BYWALEC_SHOP__MY_SHOP__SECRET": "one-long-secret", "BYWALEC_SHOP__B__SECRET": "another-secret"}
    assert [shop.secrets for shop in load_config(path, variables).shop] == [("one-long-secret",), ("another-secret",)]
    with pytest.raises(ConfigProblems) as found:
        load_config(path, variables | {"BYWALEC_SHOP__C__SECRET": "no such shop", "BYWALEC_SHOP__B__SECRET": "short"})
    assert [str(problem) for problem in found.value.problems] == [
        "BYWALEC_SHOP__C__SECRET: the file has no [[shop]] with this id",
        "shop[2].secret (from BYWALEC_SHOP__B__SECRET) = (hidden): should be at least 8 characters long",
    ]
