"""What the boards should say: status gained by scope and period, closed periods, frozen boards."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import datetime

from tests.simulation.calendar import LocalCalendar, next_month, next_week

CLUB = 0
ALL = "all"


class Standings:
    """Status by (space or CLUB, period) and member; by month for tiers, and the most that each had at a time."""

    def __init__(self, calendar: LocalCalendar) -> None:
        self._calendar = calendar
        self.amounts: defaultdict[tuple[int, str], defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
        self.months: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.most: defaultdict[str, int] = defaultdict(int)
        self.boards: dict[tuple[int, str], tuple[list[int], int]] = {}
        self._closed_week = ""
        self._closed_month = ""

    def gain(self, name: str, scopes: Iterable[int], at: datetime, status: int) -> None:
        """Move a member's amounts in the open periods that an instant counts in."""
        week, month = self._calendar.week(at), self._calendar.month(at)
        self.months[name, month] += status
        if week <= self._closed_week:
            week = next_week(self._closed_week)
        if month <= self._closed_month:
            month = next_month(self._closed_month)
        for scope in {CLUB, *scopes}:
            for period in (week, month, ALL):
                self.amounts[scope, period][name] += status
        self.most[name] = max(self.most[name], self.amounts[CLUB, ALL][name])

    def close(self, period: str, scopes: Iterable[int], size: int, is_listed: Callable[[str], bool]) -> None:
        """Freeze a period's boards: (amounts on the board, members taking part)."""
        for scope in (CLUB, *scopes):
            listed = [amount for name, amount in self.amounts[scope, period].items() if amount > 0 and is_listed(name)]
            self.boards.setdefault((scope, period), (sorted(listed, reverse=True)[:size], len(listed)))
        if "W" in period:
            self._closed_week = max(self._closed_week, period)
        else:
            self._closed_month = max(self._closed_month, period)
