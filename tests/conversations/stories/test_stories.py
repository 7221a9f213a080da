"""Every kind of challenge across both changes of the clocks, on every platform, through kills between the steps."""

import random
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from adapters import outbox
from adapters.discord import adapter as discord
from tests.conversations.stories.at_hand import AtHand
from tests.conversations.stories.cast import Stage
from tests.conversations.stories.living import after_each, after_each_that_tells, after_the
from tests.conversations.stories.over_sockets import on_discord, on_telegram
from tests.conversations.stories.playing import Ending, play
from tests.conversations.stories.story import CHANGES, Change
from tests.conversations.stories.table import STORIES
from tests.databases import CopyOf, nothing
from tests.reliability.effort import IS_LONG

_SEED = 20260329
# After each step it is waited until all is sent, which a sender that has nothing to do looks for this often.
_IDLE_S = 0.05


def _is_played(number: int, change: Change, turn: int = 0) -> bool:
    """Whether a story is played around a change: one in turn, by number and platform, at full length both."""
    return IS_LONG or CHANGES[(number + turn) % len(CHANGES)] is change


_played: dict[tuple[str, int, str], Ending] = {}


async def _whole(kind: str, number: int, change: Change, hand: AtHand) -> Ending:
    """Return what a story comes to with nothing between the people and the bot, which lives on. It is played once."""
    key = kind, number, change.name
    if key not in _played:
        _played[key] = await play(STORIES[number], change, hand.directly)
    return _played[key]


around = pytest.mark.parametrize("change", CHANGES, ids=[change.name for change in CHANGES])


@pytest.mark.parametrize("number", range(len(STORIES)), ids=[story.name for story in STORIES])
async def test_wherever_it_dies_all_is_told_and_paid_once(number: int, kind: str, copy_of: CopyOf) -> None:
    """Killed between any two steps, a story ends as it does without; at full length also killed at each point alone."""
    story, stage, is_file = STORIES[number], AtHand(copy_of).directly, kind == "sqlite"
    plan = after_each if is_file or IS_LONG else after_each_that_tells
    for change in (one for one in CHANGES if _is_played(number, one)):
        killed = await play(story, change, stage, plan)
        assert killed.deaths >= killed.telling > 0
        if is_file or IS_LONG:
            whole = await _whole(kind, number, change, AtHand(copy_of))
            assert (killed.left, killed.shown) == (whole.left, whole.shown)
            for point in range(1, whole.telling + 1) if is_file and IS_LONG else ():
                once = await play(story, change, stage, after_the(point))
                assert (once.deaths, once.left, once.shown) == (1, whole.left, whole.shown), point


@pytest.mark.slow
@around
# The console always has a file; on both databases the stories are played directly, above.
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
async def test_in_the_console(change: Change, kind: str, copy_of: CopyOf) -> None:
    hand = AtHand(copy_of)
    for number, story in enumerate(STORIES):
        if not _is_played(number, change, 1):
            continue
        died = await play(story, change, hand.in_console, after_each_that_tells)
        assert died.deaths == died.telling > 0
        whole = await _whole(kind, number, change, hand)
        # Minutes that are typed are a little later than those that pass by themselves.
        assert died.anywhere["posts"] == whole.anywhere["posts"], story.name


Opens = Callable[[Path], AbstractAsyncContextManager[Stage]]


@pytest.mark.slow
@around
# What is between the people and the bot knows nothing of databases; on both the stories are played directly, above.
@pytest.mark.parametrize("kind", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("turn", "opens"), list(enumerate([on_telegram, on_discord])), ids=["telegram", "discord"])
async def test_on_a_platform(
    turn: int, opens: Opens, change: Change, kind: str, copy_of: CopyOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All stories, around one change on Telegram and around the other one on Discord, each once.

    It dies at a point that is drawn; at full length around both changes, after every such step. What was queued, sent,
    paid and run in the end is what it is where nothing is between the people and the bot.
    """
    monkeypatch.setattr(outbox, "_IDLE_S", _IDLE_S)
    monkeypatch.setattr(discord, "_FLUSH_GRACE_S", 0.0)  # whoever is killed gets no grace
    hand = AtHand(copy_of)
    empty = copy_of(nothing)
    assert isinstance(empty, Path)
    draw = random.Random(f"{_SEED} {turn} {change.name}")
    async with opens(empty) as stage:
        for number, story in enumerate(STORIES):
            if not _is_played(number, change, turn):
                continue
            whole = await _whole(kind, number, change, hand)
            point = draw.randint(1, whole.telling)
            died = await play(story, change, stage, after_each_that_tells if IS_LONG else after_the(point))
            assert died.deaths == (died.telling if IS_LONG else 1), (story.name, point)
            assert died.anywhere == whole.anywhere, story.name
