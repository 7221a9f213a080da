"""The archive of seasons: those that have begun, the latest first, who won, and buttons that lead to their boards."""

from dataclasses import replace
from typing import Any

from bot.boards.seasons import Season, SeasonState
from bot.replies import Audience, Button, Reply, Rows, reply
from handlers.boards.seasons import NoSeason, begun_by, season_board
from handlers.boards.showing import stored_board
from handlers.call import Call
from handlers.pages import in_language, page_turns
from handlers.registry import button
from storage.transaction import Transaction

# Discord shows five rows of buttons: one for each season, one for turning pages.
_ON_A_PAGE = 4


def archive(space_id: int, call: Call, tx: Transaction, page: int = 0) -> Reply:
    """List the seasons that have begun, with who won them in a space or in the whole club. Raises NoSeason."""
    begun = begun_by(call.today, tx)
    if not begun:
        raise NoSeason(given=None, known=[], others=0)
    first = page * _ON_A_PAGE
    numbered = list(enumerate(begun, 1))[first : first + _ON_A_PAGE]
    rows: Rows = tuple((_opening(number, season, space_id, call),) for number, season in numbered)
    rows += page_turns("board.seasons", page, {"space": space_id}, has_more=len(begun) > first + _ON_A_PAGE)
    listed = [{"number": number, **_shown(season, space_id, call, tx)} for number, season in numbered]
    return reply("seasons", buttons=rows, seasons=listed)


def _opening(number: int, season: Season, space_id: int, call: Call) -> Button:
    fields = {"number": number, "title": in_language(season.title, call.language)}
    data = {"season": season.id, "space": space_id}
    return Button("season_show", "board.season", data, fields, audience=Audience.ANYONE)


def _shown(season: Season, space_id: int, call: Call, tx: Transaction) -> dict[str, Any]:
    """Return what the list says of a season. It has winners from the moment its boards are frozen."""
    stored = None if season.state is SeasonState.OPEN else stored_board(space_id, season.period, tx)
    return {
        "title": season.title,
        "starts": season.starts,
        "ends": season.ends,
        "is_on": season.counts(call.today),
        "winners": [row.name for row in stored.rows if row.place == 1] if stored else [],
    }


@button("board.seasons")
def seasons_page(call: Call, tx: Transaction) -> Reply:
    """Show the archive to whoever presses under the board of a season, or another page of it."""
    shown = archive(call.data["space"], call, tx, call.data.get("page", 0))
    return replace(shown, edit="page" in call.data)


@button("board.season")
def season_pressed(call: Call, tx: Transaction) -> Reply:
    """Show the board of a season of the archive, as it ended."""
    return season_board(call.data["season"], call.data["space"], call, tx)
