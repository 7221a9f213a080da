"""The questions of `run_bot.py init`, as somebody at a terminal meets them."""

from typing import Any

import pytest

from adapters.console.init import ask

TELEGRAM = "123456789:AAE" + "x-_9" * 8
DISCORD = "a.b.c"


def asked(
    *, language: str = "", currency: str = "", telegram: str = "", discord: str = "", owner: str = ""
) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Answer the questions, each with blank-separated tries; return the answers and what was shown."""
    tries = [["Café"], language.split(" "), currency.split(" "), [""], telegram.split(" "), discord.split(" ")]
    given = iter([one for answers in [*tries, owner.split(" ")] for one in answers])
    shown: list[str] = []
    return ask(lambda _prompt, _is_secret: next(given), shown.append, again=True), shown


def test_a_question_and_its_explanation_are_one_block() -> None:
    answers, shown = asked()
    assert shown[:2] == ["\nName of your place:", "  Members read it in messages."]
    assert "\nLanguage, en or pl (Enter for en):" in shown
    assert "\nTelegram token (not shown as you type or paste; Enter for none):" in shown
    assert max(map(len, shown)) < 80
    assert answers["programme"]["currency"] == "PLN"


@pytest.mark.parametrize("wrong", ["xyz", "123:abc", "AAE:123456789", f"{TELEGRAM}!"])
def test_what_is_no_telegram_token_is_refused_at_once(wrong: str) -> None:
    answers, shown = asked(telegram=f"{wrong} {TELEGRAM}")
    assert answers["telegram"]["token"] == TELEGRAM
    assert len([line for line in shown if "it looks like 123456789:AAE…" in line]) == 1
    assert wrong not in "".join(shown)


@pytest.mark.parametrize(("sign", "code"), [("zł", "PLN"), ("ZL", "PLN"), ("$", "USD"), ("€", "EUR"), ("£", "GBP")])
def test_a_sign_of_a_currency_is_taken_as_its_code(sign: str, code: str) -> None:
    answers, shown = asked(currency=sign)
    assert f"  Taken as {code}." in shown
    assert answers["programme"]["currency"] == code


def test_a_code_of_a_currency_needs_no_word_about_it() -> None:
    answers, shown = asked(currency="eur")
    assert not [line for line in shown if "Taken as" in line]
    assert answers["programme"]["currency"] == "EUR"


def test_an_unknown_currency_gets_a_short_list() -> None:
    _, shown = asked(currency="beans eur")
    assert [line for line in shown if "and others" in line and len(line) < 100]


def test_a_wrong_answer_is_told_in_a_sentence() -> None:
    _, shown = asked(language="de pl")
    assert '  It should be "en" or "pl"' in shown


def test_an_owner_is_a_number() -> None:
    answers, shown = asked(owner="@olek telegram:olek 123456789")
    assert shown.count("  Type the number, such as 123456789.") == 2
    assert answers["programme"]["owner_ids"] == ["telegram:123456789"]


@pytest.mark.parametrize(
    ("telegram", "discord", "place", "owners"),
    [
        (TELEGRAM, "", "Telegram", ["telegram:7", "telegram:123456789012345678"]),
        ("", DISCORD, "Discord", ["discord:7", "discord:123456789012345678"]),
        (TELEGRAM, DISCORD, "Telegram or Discord", ["telegram:7", "discord:123456789012345678"]),
        ("", "", "Telegram or Discord", ["telegram:7", "discord:123456789012345678"]),
    ],
)
def test_an_owner_is_looked_for_where_the_bot_is(telegram: str, discord: str, place: str, owners: list[str]) -> None:
    answers, shown = asked(telegram=telegram, discord=discord, owner="7,123456789012345678")
    assert f"\nYour own id on {place} (a number; Enter for later):" in shown
    assert answers["programme"]["owner_ids"] == owners
