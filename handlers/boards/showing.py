"""How a board is shown: a picture of its top with a short text, and buttons under it."""

from bot.calendar import Period
from bot.leaderboards import Board
from bot.replies import Audience, Button, Picture, Rows


def picture_of(board: Board, kind: str, caption: str) -> Picture | None:
    """Return the picture of a board, None where nobody stands on it. `caption` is the message template beside it."""
    if not board.rows:
        return None
    return Picture("leaderboard", {"board": board, "kind": kind}, "picture_leaderboard", caption)


def buttons_of(space_id: int, period: Period) -> Rows:
    """Return the buttons under a board of a space, or of the club: for anyone who sees it."""
    which = {"kind": period.kind, "period": period.key}
    return (
        (
            Button("my_place", "rank.mine", which, audience=Audience.ANYONE),
            Button("whole_board", "board.whole", which | {"space": space_id}, audience=Audience.ANYONE),
            Button("hide_me", "board.hide", audience=Audience.ANYONE),
        ),
    )
