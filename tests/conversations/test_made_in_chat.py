"""What moderators make in chat by buttons and typed answers: in private, in the group, in a topic or thread of it."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from typing import Any

import pytest

from storage.verify import verify
from tests.conversations.console import on_console
from tests.conversations.discord import DiscordDriver, on_discord
from tests.conversations.hold import hold, until
from tests.conversations.script import joining
from tests.conversations.steps import (
    GROUP,
    THREAD,
    Action,
    Answer,
    Chat,
    Press,
    React,
    Say,
    Seen,
    Step,
    Wait,
    Where,
)
from tests.conversations.telegram import on_telegram
from tests.databases import Address, rows

pytestmark = pytest.mark.slow
Opens = Callable[..., AbstractAsyncContextManager[Any]]
EVERYONE = "Everyone who reaches it"
_HERE = Where.THREAD
_WEEK = Wait(timedelta(days=7))
_PAID = """
SELECT identity.name, SUM(entry.points) FROM entry JOIN identity ON identity.holder_id = entry.holder_id
JOIN account ON account.id = entry.from_account WHERE account.name LIKE 'issued:challenge:moderators-%'
AND entry.unit = 'points' GROUP BY identity.name ORDER BY identity.name
"""
_PLATFORMS: dict[str, Opens] = {"telegram": on_telegram, "discord": on_discord, "console": on_console}
platforms = pytest.mark.parametrize("platform", list(_PLATFORMS.values())[:2], ids=list(_PLATFORMS)[:2])
everywhere = pytest.mark.parametrize("platform", list(_PLATFORMS.values()), ids=list(_PLATFORMS))


def _step(action: Action, *seen: tuple[str, str | tuple[str, ...]]) -> Step:
    texts = ((by, (said,) if isinstance(said, str) else said) for by, said in seen)
    return Step(action, tuple(Seen(by, said) for by, said in texts))


def _made(where: Where, by: str, presses: list[str | tuple[str, str]], preview: tuple[str, ...]) -> list[Step]:
    """Answer the questions for a new challenge, some of them typed after a button, up to its preview."""
    steps = [_step(Say(by, "challenge", {"action": "new"}, where))]
    for press in presses:
        if isinstance(press, str):
            steps.append(_step(Press(by, press, where)))
        else:
            label, text = press
            steps.append(_step(Answer(by, text, label, where)))
    reader = {Where.PRIVATE: by, Where.GROUP: GROUP, Where.THREAD: THREAD}[where]
    return [*steps[:-1], _step(steps[-1].action, (reader, ("Shall I publish this now?", *preview)))]


def _named(english: str, polish: str) -> list[str | tuple[str, str]]:
    return [("Type it", english), ("Type it", polish)]


_MODERATOR = _step(Say("olek", "role", {"member": "marta", "role": "moderator"}, Where.GROUP), ("olek", "Marta: mod"))
_CONTEST = [
    *_made(
        _HERE,
        "marta",
        ["Photo contest", ("Another number", "6"), "25", "1", *_named("Best cup", "Kubek")],
        ("Best cup", "Photo contest", "For 6 days. Reward: 25 points", "Paid: who gets most votes, 1 member."),
    ),
    _step(Press("marta", "Publish", _HERE), (THREAD, "Published: Best cup."), (THREAD, "Post a photo here")),
    # Where else it is posted, or without a photo, it takes no part, however much it is liked.
    _step(Chat("bartek", has_photo=True)),
    *(_step(React(name)) for name in ("ania", "kasia", "olek")),
    _step(Chat("bartek", where=_HERE)),
    _step(React("ania")),
    _step(Chat("ania", has_photo=True, where=_HERE)),
    _step(React("bartek")),
    _step(Chat("kasia", has_photo=True, where=_HERE)),
    _step(React("olek")),
    _step(React("bartek")),
    _step(
        Say("marta", "challenge", {"action": "disqualify"}, _HERE),
        ("marta", ("Best cup", "1. Kasia", ": 2 reactions", "2. Ania", ": 1 reaction")),
    ),
    _step(Press("marta", "✗ 1"), ("kasia", "A moderator took your entry out of Best cup.")),
]
_CONTEST_ENDS = _step(
    _WEEK,
    (THREAD, ("Almost over: Best cup", "1 entry so far.")),
    (THREAD, ("The contest is over: Best cup", "Ania: 1 vote")),
    ("ania", "You did it: Best cup. Your reward: 25 points"),
)
_TASK = [
    *_made(
        _HERE,
        "marta",
        [
            *("Photos you accept", ("Another number", "1"), "7", "50", EVERYONE),
            *_named("Best shelf", "Półka"),
        ],
        ("Best shelf", "Photos you accept: 1", "For 7 days."),
    ),
    _step(Press("marta", "Publish", _HERE), (THREAD, "New challenge: Best shelf")),
    _step(Chat("ania", has_photo=True)),
    _step(
        Chat("bartek", has_photo=True, where=_HERE),
        ("bartek", "What you posted for Best shelf waits for a moderator."),
        ("marta", ("Handed in", "1. Best shelf: Bartek")),
    ),
    _step(Press("marta", "✓ 1"), ("bartek", "A moderator accepted what you posted for Best shelf.")),
    _step(
        Wait(timedelta(days=8)),
        (THREAD, ("Challenge over: Best shelf", "1 member made it: Bartek.")),
        ("bartek", "You did it: Best shelf. Your reward: 50 points"),
    ),
]


@platforms
async def test_a_contest_and_a_task_that_are_made_in_a_thread_take_place_in_it(empty: Address, platform: Opens) -> None:
    async with platform(empty, "en") as driver:
        await hold(driver, [*joining("en"), _MODERATOR])
        driver.open_thread("Photos")
        await hold(driver, _CONTEST)
        if isinstance(driver, DiscordDriver):
            driver.archive_thread()
        await hold(driver, [_CONTEST_ENDS, *_TASK])
        assert not [said for said in driver.texts(GROUP).values() if "Best" in said]
    assert rows(empty, _PAID) == [("Ania", 25), ("Bartek", 50)]
    assert verify(empty).problems == []


_IN_PRIVATE = [
    *_made(
        Where.PRIVATE,
        "olek",
        [
            *("A number of purchases", ("Another number", "2"), "7", ("Another number", "40"), "Who does most", "1"),
            *_named("Two coffees", "Dwie kawy"),
        ],
        ("A number of purchases: 2", "For the whole club.", "Paid: who does most, 1 member."),
    ),
    _step(Press("olek", "More options")),
    _step(Press("olek", "Minimum amount")),
    _step(
        Answer("olek", "15", "Another number"), ("olek", ("Shall I publish", "Only purchases from PLN 15.00 count."))
    ),
    _step(Press("olek", "Publish"), ("olek", "Published: Two coffees."), (GROUP, "New challenge: Two coffees")),
    *(
        _step(Say("olek", "purchase", {"member": who, "amount": amount, "receipt": receipt}))
        for who, amount, receipt in (("ania", "15", "A1"), ("bartek", "10", "B1"), ("ania", "20", "A2"))
    ),
    _step(
        Wait(timedelta(days=8)),
        (GROUP, ("Challenge over: Two coffees", "The reward goes to 1 member: Ania.")),
        ("ania", "You did it: Two coffees. Your reward: 40 points"),
    ),
]


@everywhere
async def test_a_challenge_that_is_made_in_private_opens_counts_and_pays(empty: Address, platform: Opens) -> None:
    async with platform(empty, "en") as driver:
        await hold(driver, [*joining("en"), *_IN_PRIVATE])
    assert rows(empty, _PAID) == [("Ania", 40)]
    assert verify(empty).problems == []


def _bought(who: str, receipt: str) -> Step:
    return _step(Say("olek", "purchase", {"member": who, "amount": "15", "receipt": receipt}))


def _shows(*texts: str, **passed: float) -> Step:
    return _step(Wait(timedelta(**passed)), (GROUP, ("All together: Three coffees", *texts)))


_GOAL = _made(
    Where.GROUP,
    "olek",
    ["Everyone's purchases together", ("Another number", "3"), "7", "25", *_named("Three coffees", "Trzy kawy")],
    ("Everyone's purchases together: 3", "For members of Klub."),
)
# It is for who is known in the group.
_GETS_ON = [
    *(_step(Chat(who)) for who in ("ania", "bartek", "marta")),
    *(_bought(who, receipt) for who, receipt in (("ania", "A1"), ("bartek", "B1"))),
    _shows("2/3 purchases", "2 members took part so far.", minutes=1),
    _step(Say("olek", "refund", {"receipt": "B1"})),
    _shows("1/3 purchases", "1 member took part so far.", minutes=1),
    *(_bought(who, receipt) for who, receipt in (("ania", "A2"), ("marta", "M1"))),
    _shows("3/3 purchases", "Done! 2 members took part.", minutes=1),
]
_IS_REACHED = _step(
    Wait(timedelta(days=8)), *((who, "You did it: Three coffees. Your reward: 25 points") for who in ("ania", "marta"))
)


@platforms
async def test_a_common_goal_is_one_message_that_is_pinned_and_edited(empty: Address, platform: Opens) -> None:
    async with platform(empty, "en") as driver:
        await hold(driver, [*joining("en"), *_GOAL])
        await hold(driver, [_step(Press("olek", "Publish", Where.GROUP)), _shows("0/3 purchases", seconds=1)])
        (message,) = [number for number, said in driver.texts(GROUP).items() if "All together" in said]
        await until(lambda: driver.pinned() == [message])
        await hold(driver, _GETS_ON)
        assert driver.pinned() == [message]
        await hold(driver, [_IS_REACHED])
        await until(lambda: driver.pinned() == [])
        assert [number for number, said in driver.texts(GROUP).items() if "All together" in said] == [message]
    assert rows(empty, _PAID) == [("Ania", 25), ("Marta", 25)]
    assert verify(empty).problems == []


async def test_a_common_goal_is_pinned_anew_when_its_group_becomes_a_supergroup(empty: Address) -> None:
    async with on_telegram(empty, "en") as driver:
        await hold(driver, [*joining("en"), *_GOAL, _step(Press("olek", "Publish", Where.GROUP))])
        await until(lambda: len(driver.pinned()) == 1)
        driver.become_supergroup()
        await hold(driver, [_shows("0/3 purchases", seconds=1)])
        (message,) = [number for number, said in driver.texts(GROUP).items() if "All together" in said]
        await until(lambda: driver.pinned() == [message])
        await hold(driver, _GETS_ON)
        await hold(driver, [_IS_REACHED])
        await until(lambda: driver.pinned() == [])
        assert [number for number, said in driver.texts(GROUP).items() if "All together" in said] == [message]
    assert rows(empty, _PAID) == [("Ania", 25), ("Marta", 25)]
    pins = rows(empty, "SELECT post_key, state FROM outbox WHERE post_key LIKE '%pin:%' ORDER BY id")
    assert [(key.partition(":")[0], state) for key, state in pins] == [("pin", "dropped"), ("unpin", "sent")]
    assert verify(empty).problems == []


_STORIES = _made(
    Where.GROUP, "olek", ["Text contest", "7", "25", "1", *_named("Best story", "Historia")], ("For members of Klub.",)
)
_GO_ON = [
    *(_step(Chat(who)) for who in ("bartek", "ania")),
    _step(React("kasia")),
    _step(Say("olek", "challenge", {"action": "new"}, Where.GROUP)),
    *(_step(Press("olek", label, Where.GROUP)) for label in ("Texts you accept", "3", "7", "25", EVERYONE)),
    *(_step(Answer("olek", name, where=Where.GROUP)) for name in ("Another", "Inne")),
    _step(Press("olek", "Publish", Where.GROUP)),
    _step(Wait(timedelta(days=8)), (GROUP, ("The contest is over: Best story", "Ania: 1 vote"))),
]


async def test_a_contest_goes_on_when_its_group_becomes_a_supergroup(empty: Address) -> None:
    async with on_telegram(empty, "en") as driver:
        await hold(driver, [*joining("en"), *_STORIES])
        await hold(driver, [_step(Press("olek", "Publish", Where.GROUP), (GROUP, "Contest: Best story"))])
        driver.become_supergroup()
        await hold(driver, _GO_ON)
        # The room was taken.
        assert not [said for said in driver.texts(GROUP).values() if "Published: Another" in said]
    assert rows(empty, _PAID) == [("Ania", 25)]
    assert verify(empty).problems == []
