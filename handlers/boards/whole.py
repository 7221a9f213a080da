"""The whole board as text, page by page, for whoever presses under its picture."""

from collections.abc import Sequence
from dataclasses import replace

from bot.boards.leaderboards import Board, Row, shown_key
from bot.calendar import Period
from bot.replies import Button, Reply, Rows
from handlers.boards.seasons import season_fields
from handlers.boards.showing import Numbering, member_rows, numbering_of
from handlers.call import Call
from handlers.registry import button
from storage.transaction import Transaction

_LINES_A_PAGE = 30
Last = tuple[int, int]
"""(member id, status) of the last line of a page."""


@button("board.whole")
def whole_board(call: Call, tx: Transaction) -> Reply:
    """Show a page. `trail` has the last line of each page before it."""
    which = {name: call.data[name] for name in ("kind", "period", "space")}
    space_id, period = which["space"], Period(which["kind"], which["period"])
    trail: tuple[Last, ...] = tuple((last[0], last[1]) for last in call.data.get("trail", ()))
    tx.leaderboards.catch_up()
    found = tx.leaderboards.after(space_id, period, trail[-1] if trail else None, _LINES_A_PAGE + 1)
    shown = found[:_LINES_A_PAGE]
    turns = [Button("previous_page", "board.whole", which | {"trail": trail[:-1]})] if trail else []
    if len(found) > len(shown):
        turns.append(Button("next_page", "board.whole", which | {"trail": (*trail, shown[-1])}))
    buttons: Rows = (tuple(turns),) if turns else ()
    numbering = numbering_of(space_id, period, tx)
    rows = _rows(shown, space_id, period, numbering, tx)
    participants = max(tx.leaderboards.participants(space_id, period), numbering.participants)
    board = Board(shown_key(period), rows, participants)
    season = tx.seasons.get(board.period) if period.kind == "season" else None
    fields = {"board": board, "kind": period.kind, "is_past": False, **(season_fields(season) if season else {})}
    return Reply("leaderboard", fields, buttons, edit="trail" in call.data)


def _rows(
    shown: Sequence[Last], space_id: int, period: Period, numbering: Numbering, tx: Transaction
) -> tuple[Row, ...]:
    standings = tx.leaderboards.standings(space_id, period, [member_id for member_id, _ in shown])
    return tuple(
        replace(row, place=numbering.place(standings[row.member_id].place, row.amount))
        for row in member_rows(shown, tx)
    )
