"""Making purchases and members of the cells of a file."""

from collections.abc import Sequence
from datetime import datetime

from bot.config.config import Config
from bot.files import file_lines
from bot.files.file_columns import Columns
from bot.files.file_lines import BadCell, Decimal, MemberLine, PurchaseLine
from handlers.shops.terms import currencies_of


class PurchaseReader:
    """Reads a purchase of a line's cells. Raises BadCell. `shop` is the one where no column names it.

    Of an order of several things Shopify's export has further lines, which say nothing of what was paid: they are None.
    """

    def __init__(
        self,
        config: Config,
        found: Columns,
        *,
        shop: str,
        date_format: str | None,
        decimal: Decimal | None,
        now: datetime,
    ) -> None:
        self._common = currencies_of(None, config)
        self._sold_in = {shop.id: currencies_of(shop, config) for shop in config.shop}
        self._rates = config.rates
        self._country_code = config.programme.phone_country_code
        self._places = found.places
        self._shop = shop
        self._decimal = decimal
        self._date = file_lines.reader_of_dates(config.programme.zone, date_format, now)

    def __call__(self, line: int, cells: Sequence[str]) -> PurchaseLine | None:
        places = self._places
        state = cells[places["state"]] if "state" in places else "paid"
        if not (state.strip() or cells[places["amount"]].strip()):
            return None
        is_all_back, undone = file_lines.state(state, cells[places["cancelled"]] if "cancelled" in places else "")
        try:
            read = self._read(line, cells, is_all_back=is_all_back)
        except BadCell as bad:
            raise BadCell(undone or str(bad)) from None
        return read._replace(undone=undone) if undone else read

    def _read(self, line: int, cells: Sequence[str], *, is_all_back: bool) -> PurchaseLine:
        places = self._places
        at, day = self._date(cells[places["date"]])
        named = cells[places["shop"]].strip() if "shop" in places else ""
        shop = file_lines.shop(named) if named else self._shop
        sold_in = allowed = self._sold_in.get(shop, self._common)
        if "currency" in places:
            allowed = file_lines.currencies(cells[places["currency"]], sold_in)
        paid = file_lines.amount(cells[places["amount"]], allowed, self._decimal)
        counts = cells[places["counts"]] if "counts" in places else ""
        counting_minor = file_lines.counting(counts, paid, self._decimal)
        back = cells[places["refunded"]] if "refunded" in places else ""
        back_minor = file_lines.refunded(back, paid, self._decimal)
        read = PurchaseLine(
            line,
            file_lines.buyer(cells[places["member"]], self._country_code),
            paid.amount_minor,
            file_lines.receipt(cells[places["receipt"]]),
            shop,
            at,
            day,
            paid.amount_minor if is_all_back else back_minor,
            counting_minor=counting_minor,
        )
        if paid.currency == sold_in[0]:
            return read
        return file_lines.reckoned(read, paid, self._rates[paid.currency], sold_in[0])


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
