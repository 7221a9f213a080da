"""What the books should say of rewards and the coupons they become: stock, limits, points held, spent, given back."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, time, timedelta

from bot.config.config import Config
from bot.config.rewards import RewardSettings
from tests.simulation.accounts import Account, Issued, Offered, Soonest
from tests.simulation.calendar import LocalCalendar

Answer = str | tuple[str, Mapping[str, object]]
"""The name of an answer, and what it says, as far as that is known."""
_WITHIN = timedelta(hours=1)
_FORM_LIVES = timedelta(hours=1)
_NEWEST_REMINDED = timedelta(hours=12)
_COUPONS_ON_A_PAGE = 4


def name_of(answer: Answer) -> str:
    """Return the name of an answer."""
    return answer if isinstance(answer, str) else answer[0]


class Redemptions:
    """Members, the catalogue and every coupon, which is `coupons[number - 1]`.

    `touched` collects whose amounts may have changed, `touched_coupons` which coupons, `told` counts posts by kind.
    """

    def __init__(self, config: Config) -> None:
        self.config = config
        self.calendar = LocalCalendar(config.programme.zone)
        self.people: dict[str, Account] = {}
        self.touched: set[str] = set()
        self.told: defaultdict[str, int] = defaultdict(int)
        self.next_expiry = Soonest(
            lambda: (soonest for account in self.people.values() if (soonest := account.next_expiry))
        )
        self.catalogue = {
            terms.id: Offered(number, terms, terms.stock) for number, terms in enumerate(config.reward, start=1)
        }
        self.coupons: list[Issued] = []
        self.touched_coupons: set[int] = set()
        self.spent = 0
        self._open: dict[int, Issued] = {}
        self._wrong: defaultdict[str, list[datetime]] = defaultdict(list)
        self._restocking: dict[str, tuple[str, str, datetime]] = {}
        self._before_expiry = timedelta(days=config.coupons.remind_days_before)
        self.next_over = Soonest(lambda: (coupon.expires_at for coupon in self._open.values() if coupon.expires_at))
        self.next_reminder = Soonest(
            lambda: (
                coupon.expires_at - self._before_expiry
                for coupon in self._open.values()
                if coupon.expires_at and not coupon.is_reminded
            )
        )

    def active(self, name: str) -> Account | None:
        """Return the account of someone who is a member now."""
        account = self.people.get(name)
        return account if account is not None and account.is_active else None

    # The catalogue ------------------------------------------------------------------------------------------------

    def ladder(self, name: str, now: datetime) -> Answer:
        """Show what a member can have, and what keeps them from the rest."""
        account = self.active(name)
        if account is None:
            return "join_first"
        offered = [reward for reward in self.catalogue.values() if not reward.is_stopped]
        rungs = [
            {
                "reward": {"key": reward.terms.id, "stock": reward.stock},
                "hindrance": self._hindrance(account, reward, now),
                "missing": max(0, reward.terms.cost - account.points),
            }
            for reward in sorted(offered, key=lambda reward: (reward.terms.cost, reward.number))
        ]
        return "rewards", {"rungs": rungs, "available": max(0, account.points), "owed": max(0, -account.points)}

    def _hindrance(self, account: Account, reward: Offered, now: datetime) -> str | None:
        if reward.stock == 0:
            return "sold_out"
        if self._had(account, reward, now):
            return "limit"
        return "points" if account.points < reward.terms.cost else None

    def _had(self, account: Account, reward: Offered, now: datetime) -> bool:
        """Whether a member has had as many as one may: what was given back or expired does not count."""
        terms = reward.terms
        if terms.limit_count is None:
            return False
        today = self.calendar.day(now)
        first = today.replace(day=1) if terms.limit_period == "month" else today - timedelta(days=today.weekday())
        since = self.calendar.instant(first, time())
        mine = [coupon for coupon in account.coupons if coupon.reward is reward and coupon.issued_at >= since]
        return sum(coupon.state in ("open", "used") for coupon in mine) >= terms.limit_count

    def tend(self, key: str, action: str) -> Answer:
        """Stop offering a reward, or offer it again."""
        reward = self.catalogue[key]
        reward.version += 1
        reward.is_stopped = action == "stop"
        out = sum(coupon.reward is reward for coupon in self._open.values())
        return ("reward_ended", {"coupons": out}) if reward.is_stopped else "reward_resumed"

    def ask_stock(self, who: str, key: str, question: str, now: datetime) -> Answer:
        """Ask how many there are now: one question at a time for each who is asked, open for an hour."""
        self._restocking[who] = key, question, now + _FORM_LIVES
        return "reward_stock"

    def restock(self, who: str, stock: int | None, question: str, now: datetime) -> Answer:
        """Take the answer to a question, if it is the one that was asked last."""
        key, asked, until = self._restocking.get(who, ("", "", now))
        if until <= now or asked != question:
            return "form_over"
        del self._restocking[who]
        reward = self.catalogue[key]
        reward.stock = stock
        reward.version += 1
        return "reward_saved", {"key": key, "stock": stock}

    def forget_questions(self, now: datetime) -> None:
        """Drop the questions whose time is over, as the night does, whatever the clock shows afterwards."""
        self._restocking = {who: asked for who, asked in self._restocking.items() if asked[-1] >= now}

    # Redeeming ----------------------------------------------------------------------------------------------------

    def offer(self, name: str, key: str, now: datetime, *, has_changed: bool = False) -> Answer:
        """Ask whether to redeem a reward, or say what keeps them from it."""
        account, reward = self.active(name), self.catalogue.get(key)
        if account is None:
            return "join_first"
        if reward is None:
            return "no_such_reward"
        refusal = self._refusal(account, reward, now)
        if refusal is not None:
            return refusal
        cost = reward.terms.cost
        shown = {"key": key, "cost": cost, "stock": reward.stock, "left": account.points - cost}
        return "reward_offer", shown | {"has_changed": has_changed, "expires_at": self._over_at(reward.terms, now)}

    def _refusal(self, account: Account, reward: Offered, now: datetime) -> str | None:
        if reward.is_stopped:
            return "reward_stopped"
        if self._had(account, reward, now):
            return "limit_reached"
        if account.points < reward.terms.cost:
            return "in_debt" if account.points < 0 else "not_enough_points"
        return "sold_out" if reward.stock == 0 else None

    def _over_at(self, terms: RewardSettings, now: datetime) -> datetime | None:
        if not terms.valid_days:
            return None
        return self.calendar.instant(self.calendar.day(now) + timedelta(days=terms.valid_days + 1), time())

    def redeem(self, name: str, key: str, version: int, now: datetime) -> Answer:
        """Redeem a reward as it was shown; one that was changed since is asked about again."""
        account, reward = self.active(name), self.catalogue[key]
        if account is None:
            return "join_first"
        if reward.version != version:
            return self.offer(name, key, now, has_changed=True)
        refusal = self._refusal(account, reward, now)
        if refusal is not None:
            return refusal
        cost, expires_at = reward.terms.cost, self._over_at(reward.terms, now)
        coupon = Issued(len(self.coupons) + 1, reward, account, cost, account.debit(cost), now, expires_at)
        account.held += cost
        if reward.stock is not None:
            reward.stock -= 1
            coupon.took_stock = True
        self.coupons.append(coupon)
        account.coupons.append(coupon)
        self._open[coupon.number] = coupon
        if expires_at is not None:
            self.next_over.add(expires_at)
            self.next_reminder.add(expires_at - self._before_expiry)
        self._touch(coupon)
        return "redeemed", {"cost": cost, "left": account.points, "expires_at": expires_at}

    # Coupons ------------------------------------------------------------------------------------------------------

    def open_of(self, account: Account, now: datetime) -> list[Issued]:
        """Return what a member can still use, what expires first at the front."""
        found = [coupon for coupon in account.coupons if coupon.state_at(now) == "open"]
        return sorted(found, key=lambda coupon: (coupon.expires_at is None, coupon.expires_at or now, coupon.number))

    def list_coupons(self, name: str, now: datetime) -> Answer:
        """Show a member's coupons."""
        account = self.active(name)
        if account is None:
            return "join_first"
        on_page = self.open_of(account, now)[:_COUPONS_ON_A_PAGE]
        return "coupons", {"coupons": [coupon.shown for coupon in on_page]}

    def look_up(self, cashier: str, coupon: Issued | None, *, is_code: bool, now: datetime) -> Answer:
        """Show the cashier the coupon whose code they typed, None for none; of wrong codes there are only so many."""
        tries = [at for at in self._wrong[cashier] if at > now - _WITHIN]
        if len(tries) >= self.config.coupons.wrong_codes_per_hour:
            return "too_many_wrong_codes"
        if not is_code:
            return "coupon_malformed"
        if coupon is None:
            self._wrong[cashier] = [*tries, now]
            return "no_such_coupon"
        return self._over(coupon, now) or ("coupon_at_till", coupon.shown)

    def look_at(self, name: str, coupon: Issued, template: str, now: datetime) -> Answer:
        """Show a member a coupon of theirs, in one way or another."""
        if self.active(name) is None:
            return "join_first"
        return self._over(coupon, now) or (template, coupon.shown)

    def use(self, coupon: Issued, now: datetime) -> Answer:
        """Use a coupon up, whoever has left meanwhile."""
        over = self._over(coupon, now)
        if over is not None:
            return over
        self._end(coupon, "used", now)
        self.told["coupon_used"] += coupon.owner.is_told
        return "coupon_accepted", coupon.shown

    def give_back(self, name: str, coupon: Issued, now: datetime) -> Answer:
        """End a coupon unused: its points return, those of lots that are over meanwhile until midnight."""
        if self.active(name) is None:
            return "join_first"
        over = self._over(coupon, now)
        if over is not None:
            return over
        self._end(coupon, "cancelled", now)
        owner = coupon.owner
        going = sum(lot.left for lot in owner.lots if lot.expires_at <= self.calendar.day_end(now))
        return "coupon_given_back", {"owed": max(0, -owner.points), "expiring": going}

    def expire_coupons(self, now: datetime) -> None:
        """End the coupons that are past their time, and tell their owners."""
        over = [coupon for coupon in self._open.values() if coupon.state_at(now) == "expired"]
        for coupon in sorted(over, key=lambda coupon: (coupon.expires_at or now, coupon.number)):
            self._end(coupon, "expired", now)
            self.told["coupon_expired"] += coupon.owner.is_told

    def remind_of_coupons(self, now: datetime) -> None:
        """Remind of what expires soon, once of each coupon, but for what is new."""
        for coupon in self._open.values():
            expires_at = coupon.expires_at
            if coupon.is_reminded or expires_at is None:
                continue
            if coupon.issued_at > now - _NEWEST_REMINDED and expires_at > self._next_morning(now):
                continue
            if now < expires_at <= now + self._before_expiry:
                coupon.is_reminded = True
                self.touched_coupons.add(coupon.number)
                self.told["coupon_expiring"] += coupon.owner.is_told

    def _next_morning(self, now: datetime) -> datetime:
        """Return when members are reminded next."""
        today = self.calendar.day(now)
        mornings = (self.calendar.instant(today + timedelta(days=days), time(10, 0)) for days in (0, 1))
        return next(morning for morning in mornings if morning > now)

    def _over(self, coupon: Issued, now: datetime) -> Answer | None:
        state = coupon.state_at(now)
        return None if state == "open" else ("coupon_over", {"state": state})

    def _end(self, coupon: Issued, state: str, now: datetime) -> None:
        """End a coupon: only a used one keeps its stock, and only one that was used or forfeited its points."""
        coupon.state = state
        del self._open[coupon.number]
        owner, reward = coupon.owner, coupon.reward
        owner.held -= coupon.cost
        if state != "used" and coupon.took_stock and reward.stock is not None:
            reward.stock += 1
        if state == "used" or (state == "expired" and reward.terms.on_expiry == "forfeit"):
            self.spent += coupon.cost
        else:
            for expires_at in owner.put_back(coupon.parts, coupon.cost, now, self.calendar.day_end(now)):
                self.next_expiry.add(expires_at)
        self._touch(coupon)

    def _touch(self, coupon: Issued) -> None:
        self.touched.add(coupon.owner.name)
        self.touched_coupons.add(coupon.number)
