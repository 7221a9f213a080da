"""The whole board as text, page by page, for whoever presses under its picture."""

from bot.calendar import Period
from bot.leaderboards import Board, Row
from bot.names import distinguish
from bot.replies import Button, MemberName, Reply, Rows, reply
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
    rows = _rows([member_id for member_id, _ in shown], space_id, period, tx)
    board = Board(period.key, rows, tx.leaderboards.participants(space_id, period))
    is_edit = "trail" in call.data
    return reply("leaderboard", buttons=buttons, edit=is_edit, board=board, kind=period.kind, is_past=False)


def _rows(member_ids: list[int], space_id: int, period: Period, tx: Transaction) -> tuple[Row, ...]:
    members = tx.members.by_ids(member_ids)
    names = distinguish([(members[member_id].name, members[member_id].card_number) for member_id in member_ids])
    standings = tx.leaderboards.standings(space_id, period, member_ids)
    return tuple(
        Row(standings[member_id].place, member_id, MemberName(name), standings[member_id].amount)
        for member_id, name in zip(member_ids, names, strict=True)
    )
