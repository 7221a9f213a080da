"""Boards besides status: newcomers, who improved most, who was thanked most, and the spaces against each other."""

import heapq
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from bot.boards.leaderboards import Board, Row, helpers_of, improvement, kept_as, places
from bot.calendar import Period, PeriodKind, previous
from bot.replies import Audience, Button, MemberName, Reply, Rows, reply
from handlers.boards.showing import buttons_of, hiding, member_rows, picture_of, stored_board
from handlers.boards.weekly import board
from handlers.call import Call
from handlers.pages import page_turns
from handlers.registry import button
from storage.transaction import Transaction

NEW_FOR = timedelta(days=30)
WEEKS_BEFORE = 4
# Who gained most this week is looked at first: nobody can have improved by more than they gained.
_PART, _MOST_PARTS = 500, 20
_FEWEST_MEMBERS = 3
_LINES_A_PAGE = 30


def special_board(kind: str, space_id: int, call: Call, tx: Transaction) -> Reply:
    """Show the board of a kind as it stands now."""
    tx.leaderboards.catch_up()
    week = tx.leaderboards.open_periods(call.now)[0]
    shown = _KINDS[kind](space_id, week, call.config.leaderboard.size, tx)
    return _shown(shown, kind, buttons_under(kind, space_id, week), is_past=False)


def past_special(kind: PeriodKind, space_id: int, week: Period, tx: Transaction) -> Reply | None:
    """Show the board of a kind as it stood when a week was closed, None where none was kept."""
    stored = stored_board(space_id, kept_as(kind, week), tx)
    return None if stored is None else _shown(stored, kind, buttons_under(kind, space_id, week), is_past=True)


def _shown(shown: Board, kind: str, buttons: Rows, *, is_past: bool) -> Reply:
    fields = {"board": shown, "kind": kind, "is_past": is_past}
    # Where no button leads to all lines they stand beside the picture: not everybody sees that.
    caption = "leaderboard_short" if buttons else None
    return Reply("leaderboard", fields, buttons, picture=picture_of(shown, kind, caption))


def keep_special(space_id: int, week: Period, size: int, tx: Transaction) -> None:
    """Store the boards of a week that is over, as they stand at its end."""
    for kind in KEPT:
        ended = _KINDS[kind](space_id, week, size, tx)
        tx.leaderboards.save(space_id, replace(ended, period=kept_as(kind, week).key))


def buttons_under(kind: str, space_id: int, week: Period) -> Rows:
    """Return the buttons under a board of a kind. Of places only those of helpers are kept."""
    if kind == "helpers":
        return buttons_of(space_id, helpers_of(week))
    if kind == "spaces":
        return ()
    which = {"kind": kind, "space": space_id, "period": week.key}
    return (
        (
            Button("my_place", "rank.special", which, audience=Audience.ANYONE),
            Button("whole_board", "board.special", which, audience=Audience.ANYONE),
            *hiding()[0],
        ),
    )


@button("board.special")
def whole_special(call: Call, tx: Transaction) -> Reply:
    """Show a page of the board of a kind as text; of a week that is over, what was kept of it."""
    kind, space_id, page = call.data["kind"], call.data["space"], call.data.get("page", 0)
    tx.leaderboards.catch_up()
    week = tx.leaderboards.open_periods(call.now)[0]
    of = Period("week", call.data["period"])
    stored = None if of == week else stored_board(space_id, kept_as(kind, of), tx)
    if stored is not None:
        return reply("leaderboard", board=stored, kind=kind, is_past=True)
    first, last = page * _LINES_A_PAGE, (page + 1) * _LINES_A_PAGE
    found = _KINDS[kind](space_id, week, last + 1, tx)
    which = {"kind": kind, "space": space_id, "period": of.key}
    turns = page_turns("board.special", page, which, has_more=len(found.rows) > last)
    shown = replace(found, rows=found.rows[first:last])
    return reply("leaderboard", buttons=turns, edit="page" in call.data, board=shown, kind=kind, is_past=False)


def _newcomers(space_id: int, week: Period, size: int, tx: Transaction) -> Board:
    top, participants = tx.special_boards.newcomers(space_id, tx.now - NEW_FOR, size)
    return Board(week.key, member_rows(top, tx), participants)


def weeks_before(week: Period) -> list[Period]:
    """Return the weeks with which one is compared, the last one first."""
    before = [previous(week)]
    while len(before) < WEEKS_BEFORE:
        before.append(previous(before[-1]))
    return before


def improvements(space_id: int, week: Period, tx: Transaction) -> Iterator[tuple[list[tuple[int, int]], int]]:
    """Walk down the board of a week: yield the (member id, by how much) of those who improved, part by part.

    With each comes the most by which anybody further down can have improved, which is what they can have gained.
    """
    before, last = weeks_before(week), None
    for _ in range(_MOST_PARTS):
        part = tx.leaderboards.after(space_id, week, last, _PART)
        past = tx.special_boards.amounts(space_id, before, [member_id for member_id, _ in part])
        changes = [
            (member_id, improvement(amount, past.get(member_id, ()), WEEKS_BEFORE)) for member_id, amount in part
        ]
        yield (
            [(member_id, by) for member_id, by in changes if by is not None],
            part[-1][1] if len(part) == _PART else 0,
        )
        if len(part) < _PART:
            return
        last = part[-1]


def _improved(space_id: int, week: Period, size: int, tx: Transaction) -> Board:
    """Walk down the board of the week until nobody further down can have improved by more than those found."""
    found: list[tuple[int, int]] = []
    for improved, most_below in improvements(space_id, week, tx):
        found += improved
        best = heapq.nlargest(size, (by for _, by in found))
        if len(best) == size and best[-1] >= most_below:
            break
    top = sorted(found, key=lambda one: (-one[1], one[0]))[:size]
    return Board(week.key, member_rows(top, tx), tx.leaderboards.participants(space_id, week))


def _helpers(space_id: int, week: Period, size: int, tx: Transaction) -> Board:
    return board(space_id, helpers_of(week), size, tx)


def board_of_spaces(week: Period, size: int, tx: Transaction) -> Board:
    """Compare what each member gained on average: a sum would only say which space is the largest."""
    titles = {space.id: space.title for space in tx.spaces.active()}
    averages = [
        (one.space_id, (2 * one.status + one.members) // (2 * one.members))
        for one in tx.special_boards.spaces(titles, week)
        if one.members >= _FEWEST_MEMBERS
    ]
    averages.sort(key=lambda one: (-one[1], one[0]))
    ranked = zip(places([average for _, average in averages]), averages, strict=True)
    # No member has such a number.
    rows = [Row(place, -space_id, MemberName(titles[space_id]), average) for place, (space_id, average) in ranked]
    return Board(week.key, tuple(rows[:size]), len(rows))


_KINDS: dict[str, Callable[[int, Period, int, Transaction], Board]] = {
    "newcomers": _newcomers,
    "improved": _improved,
    "helpers": _helpers,
    "spaces": lambda _, week, size, tx: board_of_spaces(week, size, tx),
}
SPECIAL = tuple(_KINDS)
"""The kinds, as they are said after /leaderboard."""
KEPT: tuple[PeriodKind, ...] = ("newcomers", "improved", "helpers")
"""The kinds of which a board is kept when a week is closed."""
