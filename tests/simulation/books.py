"""What the books should say of purchases and bonuses, and what all of it comes to."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from bot.config.config import Config
from tests.simulation.accounts import Account, Bought, PendingLot, Soonest
from tests.simulation.redemptions import Redemptions
from tests.simulation.rounds import Rounds
from tests.simulation.standings import Standings


class Books(Redemptions):
    """Members' accounts."""

    def __init__(self, config: Config) -> None:
        super().__init__(config)
        self.earning = config.earning
        self.standings = Standings(self.calendar)
        self.rounds = Rounds(config, self.calendar)
        self.spaces: dict[str, int] = {}
        self.bought: list[Bought] = []
        self._credits = 0
        self.next_ripening = Soonest(
            lambda: (lot.ripens_at for account in self.people.values() for lot in account.pending if lot.left)
        )
        self._receipts: set[tuple[str, str]] = set()
        self._given: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._by_day: defaultdict[tuple[str, str], list[Bought]] = defaultdict(list)

    # Purchases and bonuses ----------------------------------------------------------------------------------------

    def purchase(
        self,
        buyer: str,
        minor: int,
        receipt: str | None,
        space: int | None,
        now: datetime,
        at: datetime,
        *,
        sure: bool = False,
    ) -> str:
        """Record a purchase; return the name of the answer. `sure` is a yes to the question about a repetition."""
        account, at = self.active(buyer), min(at, now)
        if account is None:
            return "not_a_member"
        day = self.calendar.day(at).isoformat()
        if receipt is not None and (receipt, day) in self._receipts:
            return "receipt_used"
        if receipt is None and not sure and self._like(buyer, minor, at):
            return "purchase_again"
        rule = self.earning.purchase
        kept = [known for known in self._by_day[buyer, day] if known.is_kept and known.eligible_minor]
        eligible = 0
        if minor >= _minor(rule.minimum_amount) and len(kept) < rule.daily_cap_count:
            room = _minor(rule.daily_cap_amount) - sum(known.net_eligible_minor for known in kept)
            eligible = max(0, min(minor, room))
        scopes = (space,) if space is not None else account.scopes_at(now)
        new = Bought(len(self.bought) + 1, buyer, minor, eligible, receipt, day, at, scopes)
        self.bought.append(new)
        if receipt is not None:
            self._receipts.add((receipt, day))
        self._by_day[buyer, day].append(new)
        points = eligible // 100 * rule.points
        if points:
            ripens_at = at + timedelta(days=rule.pending_days)
            account.pending.append(PendingLot(f"purchase:{new.number}", "points", points, points, ripens_at, scopes))
            self.next_ripening.add(ripens_at)
        self._status(account, scopes, at, eligible // 100 * rule.status)
        if eligible:
            self._mark("purchases", buyer, at, f"purchase:{new.number}", now)
        self.told["purchase_received"] += account.is_told
        return "purchase_recorded"

    def _like(self, buyer: str, minor: int, at: datetime) -> bool:
        since = at - timedelta(minutes=self.earning.purchase.ask_again_within_minutes)
        days = {self.calendar.day(since + timedelta(days=step)).isoformat() for step in range(-1, 6)}
        known = [bought for day in days for bought in self._by_day.get((buyer, day), ())]
        return any(bought.is_kept and bought.minor == minor and bought.at > since for bought in known)

    def refund(self, number: int, minor: int | None, now: datetime) -> str:
        """Take a purchase back in part or whole; return the name of the answer."""
        bought = self.bought[number - 1]
        left = bought.minor - bought.refunded_minor
        amount = left if minor is None else minor
        if amount > left or not left:
            return "refund_too_large"
        before = bought.net_eligible_minor // 100
        bought.refunded_minor += amount
        bought.version += 1
        units = before - bought.net_eligible_minor // 100
        account, rule = self.people[bought.buyer], self.earning.purchase
        gone = account.expired[f"purchase:{number}"] + bought.taken_back
        kept = bought.eligible_minor // 100 * rule.points - gone
        left_to_take = max(0, kept - bought.net_eligible_minor // 100 * rule.points)
        bought.taken_back += left_to_take
        for lot in account.pending:
            if lot.source == f"purchase:{number}":
                part = min(lot.left, left_to_take)
                lot.left -= part
                left_to_take -= part
        account.debit(left_to_take, f"purchase:{number}")
        self._status(account, bought.scopes, bought.at, -units * rule.status)
        if not bought.is_kept:
            self.rounds.unmark("purchases", account.name, f"purchase:{number}")
        elif bought.eligible_minor:
            # It was too late for a round when it was heard of by a clock that was ahead.
            self._mark("purchases", account.name, bought.at, f"purchase:{number}", now)
        if units:
            self.told["refund_received"] += account.is_told
        return "refunded"

    def bonus(self, giver: str, to: str, points: int, now: datetime, at: datetime) -> str:
        """Give bonus points; return the name of the answer."""
        account = self.active(to)
        if account is None:
            return "not_a_member"
        if points > self.config.bonus.max_points:
            return "bonus_too_large"
        today = giver, self.calendar.day(now).isoformat()
        if self._given[today] + points > self.config.bonus.daily_points:
            return "bonus_day_over"
        self._given[today] += points
        self._credit(account, points, "bonus", min(at, now), now)
        self.touched.add(to)
        self.told["bonus_received"] += account.is_told
        return "bonus_given"

    def _credit(self, account: Account, points: int, source: str, at: datetime, now: datetime) -> None:
        """Give points that live to the end of a month: some months after an instant, or after now if that is over."""
        if not points:
            return
        months = self.config.programme.points_expire_after_months
        expires_at = self.calendar.month_end(at, months)
        if expires_at <= now:
            expires_at = self.calendar.month_end(now, months)
        self._credits += 1
        account.credit(points, self._credits, source, expires_at)
        self.next_expiry.add(expires_at)

    # What all of it comes to ----------------------------------------------------------------------------------------

    def _status(self, account: Account, scopes: Iterable[int], at: datetime, status: int) -> None:
        account.status += status
        self.standings.gain(account.name, scopes, at, status)
        self.touched.add(account.name)

    def _mark(self, counts: str, name: str, at: datetime, mark: str, now: datetime) -> None:
        for late in self.rounds.mark(counts, name, at, mark, now):
            self._pay(late.challenge, name, now)

    def _pay(self, challenge: str, name: str, now: datetime) -> None:
        terms, account = self.rounds.terms(challenge), self.people[name]
        self._credit(account, terms.points, "challenge", now, now)
        self._status(account, account.scopes_at(now), now, terms.status)
        self.told["challenge_paid"] += account.is_told


def _minor(amount: str) -> int:
    whole, _, fraction = amount.partition(".")
    return int(whole) * 100 + int(fraction.ljust(2, "0")[:2])
