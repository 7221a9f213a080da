"""The app's boundary: replays, unexpected errors, poison, buttons, and commands that are not quite right."""

import asyncio
import io
import json
from dataclasses import replace
from typing import Any

import pytest

from bot.commands import TextParam
from bot.earning import eligibility
from bot.errors import TryLater
from bot.events import Answered, MessagePosted, Person
from bot.members.roles import Role
from bot.replies import Reply, reply
from handlers.app import App
from handlers.call import Call
from handlers.forms import Forms
from handlers.registry import DuplicateDeclaration, Registry, button, command
from handlers.table import build_app, build_registry
from storage.engine.database import DatabaseUnavailable
from storage.transaction import Transaction
from tests.club import SPACE, Club
from tests.handlers.looking import balances, count, rows

TRIED: list[str] = []


@command("explode", params=[TextParam("what")], role=Role.ANYONE)
def explode(call: Call, tx: Transaction) -> Reply:
    """Leave something half done and fail."""
    TRIED.append(call.args.what)
    tx.settings.put("half", "done")
    raise RuntimeError(f"cannot explode {call.args.what}")


@command("look", role=Role.ANYONE, read_only=True)
def look(call: Call, tx: Transaction) -> Reply:
    """Fail while reading."""
    TRIED.append("look")
    raise ZeroDivisionError


@command("ping", role=Role.ANYONE)
def ping(call: Call, tx: Transaction) -> Reply:
    """Count how often it ran."""
    TRIED.append("ping")
    return reply("talk_hint")


@pytest.fixture
def fragile(club: Club) -> Club:
    """The club with commands that fail."""
    TRIED.clear()
    club.app = App(club.database, Registry.of([explode, look, ping]), Forms(()), (), club.config)
    return club


# Replays --------------------------------------------------------------------------------------------------------------


async def test_a_replay_gets_the_first_answer_again(club: Club) -> None:
    first = await club.say("marta", "/bonus @ania 50 for the stall", event_id="b")
    assert await club.say("marta", "/bonus @ania 50 for the stall", event_id="b") == first
    assert (await balances(club, "ania")).points == 50
    assert len(await club.posts()) == 1


async def test_a_replayed_refusal_is_refused_again_though_it_would_go_through_now(club: Club) -> None:
    refused = await club.say("darek", "/bonus @ania 50 x", event_id="b")
    assert "moderator" in refused
    await club.say("olek", "/role darek moderator")
    assert await club.say("darek", "/bonus @ania 50 x", event_id="b") == refused
    assert (await balances(club, "ania")).points == 0


async def test_a_replayed_answer_keeps_its_buttons(club: Club) -> None:
    await club.say("ania", "/leave", event_id="l")
    first = club.shown["ania"]
    await club.say("ania", "/leave", event_id="l")
    assert club.shown["ania"] == first


async def test_the_same_event_with_another_input_is_an_error_tried_once_and_does_nothing(
    club: Club, log_lines: io.StringIO
) -> None:
    await club.say("marta", "/bonus @ania 50 x", event_id="b")
    assert "Something went wrong" in await club.say("marta", "/bonus @ania 51 x", event_id="b")
    logged = [json.loads(line)["event"] for line in log_lines.getvalue().splitlines()]
    assert (logged.count("source_reused"), logged.count("unexpected")) == (1, 0)
    assert (await balances(club, "ania")).points == 50
    letters = await club.database.read(lambda tx: tx.events.dead_letters())
    assert [letter.reason for letter in letters] == ["SourceReused"]


async def test_a_replay_of_someone_renamed_meanwhile_is_a_replay(club: Club) -> None:
    for target in (
        {"words": (club.person("ania"), "5", "x")},
        {"options": {"to": club.person("ania"), "points": 5, "reason": "x"}},
    ):
        for person in (club.person("ania"), club.person("ania", shown_as="Anna")):
            event = replace(club.command("marta", "/bonus", event_id=f"b{sorted(target)}"), **renamed(target, person))
            said = club.show("marta", await club.app.handle(event))
            assert "5 points" in said, said
    assert (await balances(club, "ania")).points == 10


def renamed(target: dict[str, Any], person: Person) -> dict[str, Any]:
    if "words" in target:
        return {"words": (person, *target["words"][1:])}
    return {"options": target["options"] | {"to": person}}


async def test_the_same_event_id_in_another_channel_is_another_event(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x", event_id="b")
    await club.say("marta", "/bonus @ania 50 x", SPACE, event_id="b")
    assert (await balances(club, "ania")).points == 100


async def test_one_event_delivered_by_many_at_once_is_done_once(empty_club: Club) -> None:
    club = empty_club
    await club.join("olek", "ania")
    event = club.command("olek", "/bonus @ania 50 x")
    answers = await asyncio.gather(*[club.app.handle(event) for _ in range(16)])
    assert all(answer == answers[0] for answer in answers)
    assert (await balances(club, "ania")).points == 50


async def test_once_its_answer_is_forgotten_a_replay_still_does_nothing(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x", event_id="b")
    await club.app.run_due()
    await club.skip(days=40)
    assert await rows(club, "SELECT COUNT(*) FROM handled WHERE reply LIKE '%bonus_given%'") == [(0,)]
    assert await club.say("marta", "/bonus @ania 50 x", event_id="b") == ""
    assert (await balances(club, "ania")).points == 50


# Unexpected errors ----------------------------------------------------------------------------------------------------


async def test_an_unexpected_error_is_one_neutral_sentence_with_an_id_that_is_in_the_log(
    fragile: Club, log_lines: io.StringIO
) -> None:
    said = await fragile.say("ania", "/explode secretly")
    assert said.startswith("Something went wrong on my side.")
    assert "cannot explode" not in said
    error_id = said.split()[-1]
    logged = log_lines.getvalue()
    assert f'"error_id": "{error_id}"' in logged
    assert "RuntimeError" in logged
    assert "secretly" not in logged
    assert "Ania" not in logged


async def test_it_is_tried_three_times_leaves_nothing_and_is_parked_without_chat_text(fragile: Club) -> None:
    said = await fragile.say("ania", "/explode secretly")
    assert TRIED == ["secretly"] * 3
    assert await rows(fragile, "SELECT * FROM setting WHERE key = 'half'") == []
    assert await count(fragile, "attempt") == 0
    letters = await rows(fragile, "SELECT * FROM dead_letter")
    assert len(letters) == 1
    assert said.split()[-1] in letters[0]
    assert "secretly" not in str(letters)
    assert "ania" not in str(letters).lower()


async def test_what_was_given_up_stays_failed_when_it_comes_again(fragile: Club) -> None:
    event = fragile.command("ania", "/explode secretly")
    said = fragile.show("ania", await fragile.app.handle(event))
    tried = len(TRIED)
    assert fragile.show("ania", await fragile.app.handle(event)) == said
    assert len(TRIED) == tried


async def test_tries_before_a_crash_count(fragile: Club) -> None:
    event = fragile.command("ania", "/explode x")
    key = await fragile.database.read(lambda tx: tx.settings.keyed(event.key))
    for _ in range(2):
        await fragile.database.write(lambda tx: tx.events.count_try(key))
    await fragile.app.handle(event)
    assert len(TRIED) == 1


async def test_a_command_that_fails_while_reading_is_parked_too(fragile: Club) -> None:
    assert "Something went wrong" in await fragile.say("ania", "/look")
    assert TRIED == ["look"] * 3
    assert await count(fragile, "dead_letter") == 1


async def test_an_absent_database_is_no_try_and_is_passed_on(fragile: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    write = fragile.database.write

    async def away(work: object) -> None:
        raise DatabaseUnavailable("database is locked")

    monkeypatch.setattr(fragile.database, "write", away)
    with pytest.raises(TryLater):
        await fragile.say("ania", "/ping")
    with pytest.raises(TryLater):
        await fragile.app.take_part([fragile.message("ania")])
    monkeypatch.setattr(fragile.database, "write", write)
    assert await count(fragile, "attempt") == 0
    await fragile.say("ania", "/ping")
    assert TRIED == ["ping"]


# Poison in a batch ----------------------------------------------------------------------------------------------------


async def test_one_poison_in_a_batch_of_fifty_does_not_stop_the_others(
    club: Club, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The poison stands for a defect that one message hits; there is no such message that we know of."""
    counts = eligibility.message_counts

    def hits_defect(event: MessagePosted) -> bool:
        if event.message_id == "poison":
            raise ValueError("poison by Ania")
        return counts(event)

    monkeypatch.setattr("handlers.points.participation.message_counts", hits_defect)
    names = [f"member{number}" for number in range(49)]
    await club.join(*names)
    await club.app.take_part([club.message("ania", message_id="poison"), *(club.message(name) for name in names)])
    assert {(await balances(club, name)).status for name in names} == {5}
    letters = await club.database.read(lambda tx: tx.events.dead_letters())
    assert [(letter.kind, letter.reason, letter.arguments) for letter in letters] == [
        ("MessagePosted", "ValueError", "{}")
    ]
    assert "poison" not in capsys.readouterr().out


async def test_odd_input_never_raises(club: Club) -> None:
    odd = ("", " ", "\x00", "\ud800", "a" * 5000, "<b>", "${7*7}", "{{7*7}}", "\u202e", "@", "@@", "#", "9" * 400)
    for text in odd:
        for name in ("bonus", "purchase", "refund", "role", "leaderboard", "help", "language", "start", text):
            words = (text, text, text)
            event = replace(club.command("olek", "/x"), name=name, words=words)
            club.show("olek", await club.app.handle(event))
        place, person = club.place("olek", None), club.person("olek")
        said = Answered(event_id=club.next_id(), at=club.clock.now, place=place, person=person, text=text)
        await club.app.handle(said)
        await club.press("olek", "", token=text if text.isprintable() and text else "?")
    assert await rows(club, "SELECT reason, arguments FROM dead_letter") == []


# Commands that are not quite right ------------------------------------------------------------------------------------


async def test_a_misspelt_command_gets_a_suggestion(club: Club) -> None:
    assert await club.say("ania", "/balnce") == "I do not know /balnce. Did you mean /balance?"
    assert await club.say("ania", "/xyzzy") == "I do not know /xyzzy. /help lists what I know."


async def test_in_a_group_an_unknown_command_may_be_another_bots(club: Club) -> None:
    assert await club.say("ania", "/xyzzy", SPACE) == ""


@pytest.mark.parametrize(
    "text", ["/bonus", "/bonus @ania", "/bonus @ania 5", "/purchase @ania", "/refund", "/role @ania"]
)
async def test_a_malformed_command_gets_its_usage_with_an_example(club: Club, text: str) -> None:
    said = await club.say("olek", text)
    assert said.startswith("Write it like this: /")
    assert text.split()[0] in said


async def test_a_command_alone_says_what_it_can_be_told(club: Club) -> None:
    said = await club.say("olek", "/event")
    assert "To choose from: /event new, /event list." in said


async def test_too_many_words_get_the_usage(club: Club) -> None:
    assert "Write it like this: /role" in await club.say("olek", "/role @ania cashier please")


async def test_a_wrong_choice_is_told_the_right_ones(club: Club) -> None:
    said = await club.say("ania", "/leaderboard yesterday")
    assert "week, month, all, newcomers, improved, helpers, spaces, season, seasons, hide, show" in said


async def test_text_in_private_gets_a_hint_and_in_a_group_nothing(club: Club) -> None:
    assert "I understand commands" in await club.answer("ania", "hello")
    assert await club.answer("ania", "hello", SPACE) == ""


async def test_an_unknown_token_is_an_old_button(club: Club) -> None:
    assert "too old" in await club.press("ania", "", token="forged-token-abc")


# The table ------------------------------------------------------------------------------------------------------------


def test_a_name_declared_twice_stops_the_start() -> None:
    with pytest.raises(DuplicateDeclaration):
        Registry.of([ping, ping])

    @button("same")
    def first(call: Call, tx: Transaction) -> Reply:
        return reply("talk_hint")

    with pytest.raises(DuplicateDeclaration):
        Registry.of([first, first])


def test_a_function_without_declaration_stops_the_start() -> None:
    def forgotten(call: Call, tx: Transaction) -> Reply:
        return reply("talk_hint")

    with pytest.raises(ValueError, match="forgotten"):
        Registry.of([forgotten])


def test_the_table_declares_what_the_readme_of_a_member_needs() -> None:
    names = set(build_registry(Forms(())).commands)
    member = {"start", "balance", "history", "rank", "leaderboard", "challenges", "card", "rules", "language"}
    member |= {"tier", "why", "rewards", "redeem", "donate", "gift", "coupons", "claim", "checkin", "link"}
    member |= {"stamps", "thanks", "duel", "badges", "profile", "invite", "leave", "cancel", "help"}
    member |= {"alias", "timezone", "handin"}
    staff = {"purchase", "refund", "action", "confirm", "stamp", "use", "bonus", "badge", "reward", "challenge"}
    staff |= {"event", "referrals", "handins", "ambassador", "role", "setup", "unalias"}
    assert names == member | staff


async def test_completion_offers_choices_and_commands(club: Club) -> None:
    identity = club.person("ania").identity
    assert await club.app.complete("help", "command", "bal", identity) == [("balance", "balance")]
    assert await club.app.complete("leaderboard", "view", "h", identity) != []
    assert await club.app.complete("bonus", "points", "1", identity) == []


async def test_an_event_that_cannot_be_read_is_parked(club: Club) -> None:
    await club.app.park("telegram:1:2", "Update", "no message id")
    await club.app.park("telegram:1:2", "Update", "no message id")
    letters = await club.database.read(lambda tx: tx.events.dead_letters())
    assert [(letter.kind, letter.reason) for letter in letters] == [("Update", "no message id")]
    assert json.loads(letters[0].arguments) == {}


# Starting -------------------------------------------------------------------------------------------------------------


async def test_one_who_is_no_owner_any_more_stands_on_the_boards_again(club: Club) -> None:
    await club.chat("olek")
    assert "Olek" not in await club.say("ania", "/leaderboard", SPACE)
    programme = club.config.programme.model_copy(update={"owner_ids": ("console:marta",)})
    club.app = build_app(club.database, club.config.model_copy(update={"programme": programme}))
    await club.app.start()
    assert "Olek" in await club.say("ania", "/leaderboard", SPACE)
    assert "owner" in await club.say("olek", "/role ania cashier")


async def test_everything_still_works_after_a_restart(club: Club) -> None:
    await club.say("ania", "/leave")
    club.app = build_app(club.database, club.config)
    await club.app.start()
    assert "You have left" in await club.press("ania", "Yes, leave")
