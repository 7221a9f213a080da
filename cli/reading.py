"""Making purchases and members of the cells of a file."""

from collections.abc import Sequence
from datetime import datetime

from bot import file_lines
from bot.config import Programme
from bot.file_columns import Columns
from bot.file_lines import BadCell, Decimal, MemberLine, PurchaseLine


class PurchaseReader:
    """Reads a purchase of a line's cells. Raises BadCell. `shop` is the one where no column names it."""

    def __init__(
        self,
        programme: Programme,
        found: Columns,
        *,
        shop: str,
        date_format: str | None,
        decimal: Decimal | None,
        now: datetime,
    ) -> None:
        self._currency = programme.currency
        self._places = found.places
        self._shop = shop
        self._decimal = decimal
        self._date = file_lines.reader_of_dates(programme.zone, date_format, now)

    def __call__(self, line: int, cells: Sequence[str]) -> PurchaseLine:
        places = self._places
        at, day = self._date(cells[places["date"]])
        if "currency" in places:
            file_lines.check_currency(cells[places["currency"]], self._currency)
        named = cells[places["shop"]].strip() if "shop" in places else ""
        paid_minor = file_lines.amount(cells[places["amount"]], self._currency, self._decimal)
        back = cells[places["refunded"]] if "refunded" in places else ""
        return PurchaseLine(
            line,
            file_lines.who(cells[places["member"]]),
            paid_minor,
            file_lines.receipt(cells[places["receipt"]]),
            file_lines.shop(named) if named else self._shop,
            at,
            day,
            file_lines.refunded(back, paid_minor, self._currency, self._decimal),
        )


class MemberReader:
    """Reads a member with their points of a line's cells. Raises BadCell. `platform` is whose bare ids are."""

    def __init__(self, found: Columns, *, platform: str | None) -> None:
        self._places = found.places
        self._platform = platform

    def __call__(self, line: int, cells: Sequence[str]) -> MemberLine:
        who = file_lines.who(cells[self._places["member"]], self._platform)
        points = file_lines.points(cells[self._places["points"]])
        if not points:
            raise BadCell("there are no points to bring in")
        return MemberLine(line, who, points)
