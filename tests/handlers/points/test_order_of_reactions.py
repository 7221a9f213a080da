"""Reactions and what they earn end right, however their changes are ordered and repeated on the way."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from bot.events import ReactionChanged, ReactionsCleared
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.handlers.looking import balances, rows

_UNBOUNDED = {"daily_pair_cap": 10**6, "daily_cap": 10**6}
_RULES = config(earning={"reaction": {"points": 1} | _UNBOUNDED, "message": {"status": 0, "points": 0}})
Change = dict[str, Any]


def _told(*steps: str) -> list[Change]:
    """Return changes as Telegram tells them, each with all that stands, in the same second or not."""
    changes, before = [], frozenset[str]()
    for number, step in enumerate(steps):
        now = frozenset(step)
        order = (1_000 + number // 2, number)
        changes.append({"added": now - before, "removed": before - now, "standing": now, "order": order})
        before = now
    return changes


def _heard(*steps: str) -> list[Change]:
    """Return changes as Discord tells them, one emoji each; `!` is a moderator's clearing."""
    changes: list[Change] = []
    for number, step in enumerate(steps, 1):
        kind = {"+": "added", "-": "removed", "!": "cleared"}[step[0]]
        changes.append({kind: frozenset(step[1:]), "order": (number, 0)})
    return changes


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        (_told("a", "", "b", "ab", ""), ""),
        (_told("a", "b", "", "a", "ab"), "ab"),
        (_heard("+a", "-a"), ""),
        (_heard("+a", "+b", "-a", "-b", "+a"), "a"),
        (_heard("+a", "-a", "+a", "-a"), ""),
    ],
)
async def test_any_order_ends_right(empty: Path | str, changes: list[Change], standing: str) -> None:
    orders = list(permutations(changes))
    async with open_club(empty, _RULES) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        messages = [club.message("ania", event_id=f"x{number}") for number in range(len(orders))]
        await club.app.take_part(messages)
        events = [
            [club.reaction("bartek", message, **change) for change in order]
            for message, order in zip(messages, orders, strict=True)
        ]
        for turn in range(len(changes)):
            batch = [lane[turn] for lane in events]
            again = [lane[turn // 2] for lane in events]
            # Told again long after it was handled, when that it was is forgotten.
            long_after = [replace(event, event_id=club.next_id()) for event in again]
            for part in (batch, again, long_after):
                await club.app.take_part(part)
        earned = len(orders) if standing else 0
        assert await _earned(club) == (earned, earned)
        assert await rows(club, "SELECT DISTINCT emojis FROM reaction") == [(_stored(standing),)]
    assert verify(empty).problems == []


async def _earned(club: Club) -> tuple[int, int]:
    """Return Ania's status from reactions, and how many awards of reactions stand."""
    stand = await rows(club, "SELECT COUNT(award_source) FROM reaction")
    return (await balances(club, "ania")).status, stand[0][0]


def _stored(emojis: str) -> str:
    return "[" + ",".join(f'"{emoji}"' for emoji in sorted(emojis)) + "]"


@pytest.mark.parametrize("changes", [_heard("+a", "!", "-a"), _heard("+a", "+b", "!"), _heard("+a", "!a", "+b", "-b")])
async def test_what_was_cleared_stays_so_for_a_reactor_who_is_known(club: Club, changes: list[Change]) -> None:
    await _spoken(club, "first", [])
    before = (await balances(club, "ania")).status
    for number, order in enumerate(permutations(changes)):
        message = await _spoken(club, f"m{number}", _heard("-z"))
        await club.app.take_part([_event(club, message, change) for change in order])
        assert (await balances(club, "ania")).status == before


async def _spoken(club: Club, message_id: str, changes: Sequence[Change]) -> Any:
    message = club.message("ania", event_id=message_id)
    await club.app.take_part([message, *(_event(club, message, change) for change in changes)])
    return message


def _event(club: Club, message: Any, change: Change) -> ReactionChanged | ReactionsCleared:
    if "cleared" not in change:
        return club.reaction("bartek", message, **change)
    emoji = next(iter(change["cleared"]), None)
    return replace(club.cleared(message, emoji), order=change["order"])


async def test_changes_nobody_ordered_count_as_they_are_heard(club: Club) -> None:
    message = await _spoken(club, "m", [])
    for change, status in ((_heard("-a"), 5), (_heard("+a"), 6), (_heard("-a"), 5)):
        await club.app.take_part([replace(_event(club, message, change[0]), order=(0, 0))])
        assert (await balances(club, "ania")).status == status
