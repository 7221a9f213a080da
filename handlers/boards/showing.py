"""How a board is shown: a picture of its top with a short text, and buttons under it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from bot.boards.leaderboards import Board, Row, places, shown_key
from bot.calendar import Period
from bot.members.erasing import NAMELESS
from bot.members.names import distinguish
from bot.replies import Audience, Button, MemberName, Picture, Rows
from storage.transaction import Transaction


def picture_of(
    board: Board, kind: str, caption: str | None, about: Mapping[str, object] = MappingProxyType({})
) -> Picture | None:
    """Return the picture of a board, None where nobody stands on it. `caption` is the message template beside it,
    None for the whole text.

    `about` says what a season is.
    """
    if not board.rows:
        return None
    return Picture("leaderboard", {"board": board, "kind": kind, **about}, "picture_leaderboard", caption)


def member_rows(
    top: Sequence[tuple[int, int]], tx: Transaction, before: Mapping[int, int] = MappingProxyType({})
) -> tuple[Row, ...]:
    """Return the lines of (member id, amount), best first. `before` has the places of the period before."""
    members = tx.members.by_ids(member_id for member_id, _ in top)
    names = distinguish([(members[member_id].name, members[member_id].card_number) for member_id, _ in top])
    ranked = zip(places([amount for _, amount in top]), names, top, strict=True)
    return tuple(
        Row(place, member_id, MemberName(name), amount, before[member_id] - place if member_id in before else None)
        for place, name, (member_id, amount) in ranked
    )


def stored_board(space_id: int, period: Period, tx: Transaction) -> Board | None:
    """Return the stored board of a closed period, with the names that its members have now.

    Who has chosen another name since, or had one taken away, is not shown by the former one. Who stands on no board
    by now, having hidden or left, is not shown; the places of the others stay. Who was erased keeps a nameless line.
    """
    stored = tx.leaderboards.saved(space_id, period)
    if stored is None:
        return None
    members = tx.members.by_ids(row.member_id for row in stored.rows)
    listed = [row.member_id for row in stored.rows if row.member_id in members and members[row.member_id].is_listed]
    names = distinguish([(members[one].name, members[one].card_number) for one in listed])
    shown = dict(zip(listed, names, strict=True))
    rows = (
        replace(row, name=MemberName(shown.get(row.member_id, NAMELESS)))
        for row in stored.rows
        if row.member_id in shown or row.name.name == NAMELESS
    )
    return replace(stored, period=shown_key(period), rows=tuple(rows))


@dataclass(frozen=True, slots=True)
class Numbering:
    """How the places of a board are counted: on one that is closed who has hidden or left since leaves theirs empty.

    `gone` has what those had, as far down as the board was stored; `participants` is how many stood on it.
    """

    gone: tuple[int, ...] = ()
    participants: int = 0

    def place(self, place: int, amount: int) -> int:
        """Return the place of a member with an amount, of which `place` counts those alone who stand there now."""
        return place + sum(one > amount for one in self.gone)


def numbering_of(space_id: int, period: Period, tx: Transaction) -> Numbering:
    """Return how the places of a space, or of the club, are counted in a period."""
    stored = tx.leaderboards.saved(space_id, period)
    if stored is None:
        return Numbering()
    members = tx.members.by_ids(row.member_id for row in stored.rows)
    listed = {member_id for member_id, member in members.items() if member.is_listed}
    gone = tuple(row.amount for row in stored.rows if row.member_id not in listed)
    return Numbering(gone, stored.participants)


def buttons_of(space_id: int, period: Period) -> Rows:
    """Return the buttons under a board of a space, or of the club: for anyone who sees it."""
    which = {"kind": period.kind, "period": period.key, "space": space_id}
    return (
        (
            Button("my_place", "rank.mine", which, audience=Audience.ANYONE),
            Button("whole_board", "board.whole", which, audience=Audience.ANYONE),
            *hiding()[0],
        ),
    )


def hiding() -> Rows:
    """Return the button that takes whoever presses it off the boards."""
    return ((Button("hide_me", "board.hide", audience=Audience.ANYONE),),)
