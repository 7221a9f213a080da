"""Ranks and leaderboards, as members ask for them."""

from typing import Any

from bot.boards.leaderboards import Board, Row, kept_as, shown_key
from bot.calendar import ALL, Period, month_of, parse_month, parse_week, previous, week_of
from bot.commands import ChoiceParam, WordParam
from bot.errors import UserError
from bot.members.names import clean_text, distinguish
from bot.replies import MemberName, Reply, Visibility, reply
from handlers.boards.archive import archive
from handlers.boards.seasons import season_board
from handlers.boards.showing import Numbering, buttons_of, numbering_of, picture_of, stored_board
from handlers.boards.special import KEPT, SPECIAL, past_special, special_board
from handlers.boards.weekly import board
from handlers.call import Call
from handlers.listing import relist
from handlers.registry import button, command
from storage.schema import CLUB
from storage.transaction import Transaction

_NEIGHBOURS = 2
_VIEWS = ("week", "month", "all", *SPECIAL, "season", "seasons", "hide", "show")
_PARSERS = {"week": parse_week, "month": parse_month}


class NoSuchPeriod(UserError):
    """Not a week or month, or one of which no board is kept."""

    template = "no_such_period"


def _scope(call: Call) -> int:
    return call.space.id if call.space else CLUB


def _periods(call: Call) -> dict[str, Period]:
    return {"week": week_of(call.now, call.zone), "month": month_of(call.now, call.zone), "all": ALL}


@command("rank", read_only=True)
def rank(call: Call, tx: Transaction) -> Reply:
    """Show the member's places, this week, this month, all time, and who stands around them this week."""
    periods = _periods(call)
    places = [_mine(_scope(call), period, Numbering(), call, tx) for period in periods.values()]
    around = _around(_scope(call), periods["week"], Numbering(), call, tx)
    return reply("rank", places=places, around=around, **_who(call))


@button("rank.mine")
def my_place(call: Call, tx: Transaction) -> Reply:
    """Show the place of whoever presses under a board, on that board: a group may have the whole club's."""
    data = call.data
    # Boards that were posted before there were others name their week alone, and later ones no space.
    period = Period(data.get("kind", "week"), data["period"] if "period" in data else data["week"])
    space_id = data.get("space", _scope(call))
    tx.leaderboards.catch_up()
    numbering = numbering_of(space_id, period, tx)
    places = [_mine(space_id, period, numbering, call, tx)]
    around = _around(space_id, period, numbering, call, tx)
    return reply("rank", places=places, around=around, **_who(call))


def _who(call: Call) -> dict[str, Any]:
    return {"own_id": call.actor.id, "is_listed": call.actor.is_listed, "is_hidden": call.actor.is_hidden}


def _mine(space_id: int, period: Period, numbering: Numbering, call: Call, tx: Transaction) -> dict[str, Any]:
    standing = tx.leaderboards.standing(space_id, period, call.actor.id)
    return {
        "kind": period.kind,
        "period": shown_key(period),
        "amount": standing.amount if standing else 0,
        "place": numbering.place(standing.place, standing.amount) if standing else None,
        "participants": max(tx.leaderboards.participants(space_id, period), numbering.participants),
        "is_past": _is_past(call, period),
    }


def _is_past(call: Call, period: Period) -> bool:
    """Whether a period is a week that is over, of status or of thanks."""
    return period.kind in ("week", "helpers") and shown_key(period) != week_of(call.now, call.zone).key


def _around(space_id: int, period: Period, numbering: Numbering, call: Call, tx: Transaction) -> tuple[Row, ...]:
    """Return a member of the public board between those next to them; nothing for others, or where nobody is."""
    own = tx.leaderboards.standing(space_id, period, call.actor.id)
    if own is None or not call.actor.is_listed:
        return ()
    around = tx.leaderboards.around(space_id, period, own, _NEIGHBOURS)
    members = tx.members.by_ids(standing.member_id for standing in around)
    found = [members[standing.member_id] for standing in around]
    names = distinguish([(member.name, member.card_number) for member in found])
    rows = [
        Row(numbering.place(one.place, one.amount), one.member_id, MemberName(name), one.amount)
        for one, name in zip(around, names, strict=True)
    ]
    return tuple(rows) if len(rows) > 1 else ()


@command(
    "leaderboard",
    params=[
        ChoiceParam(
            "view", required=False, choices=("week", "month", "all", *SPECIAL, "season", "seasons", "hide", "show")
        ),
        WordParam("when", required=False, completes=True, limit=47),
    ],
    visibility=Visibility.PUBLIC,
)
def leaderboard(call: Call, tx: Transaction) -> Reply:
    """Show a board, a past week's as it was posted; or hide from the boards, or show again."""
    view = call.args.view or "week"
    if view in ("hide", "show"):
        return _hide(call, tx, is_hidden=view == "hide")
    if view == "seasons" and call.args.when is None:
        return archive(_scope(call), call, tx)
    if view in ("season", "seasons"):
        return season_board(call.args.when, _scope(call), call, tx)
    if call.args.when is not None:
        return _past(call, tx, view, call.args.when)
    if view in SPECIAL:
        return special_board(view, _scope(call), call, tx)
    period = _periods(call)[view]
    return _shown(board(_scope(call), period, call.config.leaderboard.size, tx), period, call, is_past=False)


def _shown(shown: Board, period: Period, call: Call, *, is_past: bool) -> Reply:
    return reply(
        "leaderboard",
        buttons=buttons_of(_scope(call), period),
        picture=picture_of(shown, period.kind, "leaderboard_short"),
        board=shown,
        kind=period.kind,
        is_past=is_past,
    )


def _past(call: Call, tx: Transaction, view: str, when: str) -> Reply:
    of_what = "week" if view in KEPT else view
    try:
        now = _periods(call)[of_what]
        period = _PARSERS[of_what](when)
    except (KeyError, ValueError) as error:
        raise _no_such(clean_text(when, 16), view, of_what, call, tx) from error
    if view in KEPT:
        shown = past_special(view, _scope(call), period, tx)
        if shown is None:
            raise _no_such(period.key, view, of_what, call, tx)
        return shown
    if period == now:
        return _shown(board(_scope(call), period, call.config.leaderboard.size, tx), period, call, is_past=False)
    stored = stored_board(_scope(call), period, tx)
    if stored is None:
        raise _no_such(period.key, view, of_what, call, tx)
    return _shown(stored, period, call, is_past=True)


def _no_such(given: str, view: str, of_what: str, call: Call, tx: Transaction) -> NoSuchPeriod:
    """Return a refusal that names the last board that is over of the kind that was asked for, where one is kept."""
    is_kept, last = of_what in _PARSERS, None
    if is_kept:
        last = previous(_periods(call)[of_what])
        stored = kept_as(view, last) if view in KEPT else last
        last = last if tx.leaderboards.saved(_scope(call), stored) else None
    return NoSuchPeriod(given=given, view=view, is_kept=is_kept, example=None if last is None else last.key)


@button("board.hide")
def hide_pressed(call: Call, tx: Transaction) -> Reply:
    """Take whoever presses off the boards."""
    return _hide(call, tx, is_hidden=True)


def _hide(call: Call, tx: Transaction, *, is_hidden: bool) -> Reply:
    tx.members.set_hidden(call.actor.id, is_hidden=is_hidden)
    relist(call.actor.id, tx, call.config)
    return Reply("hidden" if is_hidden else "shown", visibility=Visibility.PRIVATE, noted=True)
