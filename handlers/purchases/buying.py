"""Recording purchases, whoever tells of them, and bringing their points to what is known of them now.

Nothing is ever added up from what is told: points follow from what was paid and kept, by the terms the purchase was
made under, and only the difference to what was given so far is written, under a source of its own.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from bot.calendar import local_date
from bot.challenges.measures import Counts, Happened
from bot.config.config import Config
from bot.config.earning import PurchaseRule
from bot.earning.boosts import boost_at
from bot.ledger.ledger import EntryDraft, Reason, Unit, pending, wallet
from bot.members.members import Member
from bot.purchases.money import MINOR_DIGITS, Money
from bot.purchases.purchases import (
    Limits,
    Purchase,
    Sold,
    Terms,
    cap_of,
    capped_by,
    counted,
    eligible,
    shared_out,
    source_of,
    sources_of,
    worth,
)
from bot.replies import Post, ToMember
from handlers.badges.awarding import Awarding
from handlers.challenges.progress import Progress
from handlers.purchases.receipts import Change, outcome_of, refund_of, ripening_of
from handlers.referrals.rewarding import Rewarding
from handlers.shops.terms import challenge_weight
from handlers.stamps.stamping import Stamping
from handlers.tiers.holding import multiplier_of
from storage.transaction import Transaction

_ISSUED = "issued:purchase"


class Buying:
    """Records purchases and converges them, in one transaction. `actor_id` is the holder who says so, if one does."""

    def __init__(self, tx: Transaction, config: Config, actor_id: int | None = None) -> None:
        self._tx = tx
        self._config = config
        self._rule = config.earning.purchase
        self._actor_id = actor_id
        self._stamping = Stamping(tx, config, actor_id)
        self._awarding = Awarding(tx, config)
        self._rewarding = Rewarding(tx)
        self._has_more = self._has_less = False

    def record(self, sold: Sold, *, is_told: bool = True) -> Change:
        """Record a purchase that is not known yet, and give what it is worth. What was paid must be above zero."""
        day = local_date(sold.occurred_at, self._tx.zone).isoformat()
        others = self._tx.purchases.of_day(sold.buyer.id, day)
        currency = sold.paid.currency
        limits = limits_of(self._rule, currency)
        # What is given at the till stays; orders share what that leaves, whichever is heard of first.
        fixed = counted(other for other in others if not other.is_open).within(currency)
        new = self._new(sold, limits, fixed)
        shared = shared_out([*others, new])
        known = {other.id: other for other in others}
        mine = self._as_first(next(purchase for purchase in shared if not purchase.id), sold.buyer)
        mine = _priced(mine, version=1)
        mine = replace(mine, id=self._tx.purchases.add(mine, day))
        before = shared[: [purchase.id for purchase in shared].index(0)]
        earlier = counted(before).within(currency) if sold.is_open else fixed
        change = self._written(new, mine, sold.buyer, capped_by(mine, limits, earlier))
        if is_told:
            self._tell_bought(change, sold)
        for purchase in shared:
            if purchase.id:
                self._tell(self._bring(known[purchase.id], purchase, sold.buyer), sold.buyer)
        self._tell_of_first(shared, sold.buyer)
        self._follow_up(sold.buyer)
        return change

    def _as_first(self, new: Purchase, buyer: Member) -> Purchase:
        """Return a new purchase with what it brings if it is the member's first one, as far as that is known yet."""
        if not (new.counts and new.terms.first_points):
            return new
        first = self._tx.purchases.first_of(buyer.id)
        is_first = first is None or new.occurred_at < first.occurred_at
        return replace(new, first_points=new.terms.first_points) if is_first else new

    def _new(self, sold: Sold, limits: Limits, fixed: tuple[int, int]) -> Purchase:
        """Return a purchase for which nothing was given yet. `fixed` is as `counted` in `eligible`."""
        rule = self._rule
        counting_minor = sold.paid.amount_minor if sold.counting_minor is None else sold.counting_minor
        terms = Terms(
            rule.points if sold.points is None else sold.points,
            rule.status,
            10 ** MINOR_DIGITS[sold.paid.currency],
            rule.pending_days,
            sold.counts_in,
            limits if sold.is_open else None,
            multiplier_of(sold.buyer.id, self._tx, self._config),
            boost_at(self._config.boost, sold.shop, sold.occurred_at, self._tx.zone),
            rule.first_bonus_points,
            sold.partner_thousandths,
            sold.rate,
        )
        return Purchase(
            id=0,
            shop=sold.shop,
            receipt=sold.receipt,
            holder_id=sold.buyer.holder_id,
            cashier_id=sold.cashier_id,
            space_id=sold.space_id,
            paid=sold.paid,
            eligible_minor=0 if sold.is_open else eligible(counting_minor, limits, fixed),
            refunded_minor=sold.refunded_minor,
            version=0,
            points=0,
            status=0,
            terms=terms,
            rule_version=sold.rule_version,
            occurred_at=sold.occurred_at,
            counting_minor=counting_minor if sold.is_open else sold.counting_minor,
            goods=sold.goods,
        )

    def converge(self, before: Purchase, after: Purchase) -> Change:
        """Bring a purchase to what is known of it now: what was paid, what of it counts, how much was refunded.

        Open purchases of the same day follow where the day's limits leave them more or less than before.
        """
        buyer = self._tx.members.by_holder(before.holder_id)
        assert buyer is not None
        of_day = self._tx.purchases.of_day(buyer.id, self._tx.purchases.day_of(before.id))
        known = {purchase.id: purchase for purchase in of_day} | {before.id: before}
        shared = shared_out((known | {before.id: after}).values())
        changes = {purchase.id: self._bring(known[purchase.id], purchase, buyer) for purchase in shared}
        for change in changes.values():
            self._tell(change, buyer)
        self._tell_of_first(shared, buyer)
        self._follow_up(buyer)
        return changes[before.id]

    def settle_first(self, buyer: Member) -> list[Change]:
        """Bring what a member's first purchase brings to the earliest of those that count; return what changed.

        Which one that is follows from what was bought and kept alone. So it moves when an earlier one is heard of, and
        to the next one when the first is refunded whole.
        """
        first = self._tx.purchases.first_of(buyer.id)
        others = [
            held for held in self._tx.purchases.with_first_points(buyer.id) if first is None or held.id != first.id
        ]
        changes = [self._bring(other, replace(other, first_points=0), buyer) for other in others]
        if first is not None:
            changes.append(self._bring(first, replace(first, first_points=first.terms.first_points), buyer))
        return changes

    def _tell_of_first(self, touched: Iterable[Purchase], buyer: Member) -> None:
        if any(purchase.terms.first_points for purchase in touched):
            for change in self.settle_first(buyer):
                self._tell(change, buyer)

    def _follow_up(self, buyer: Member) -> None:
        """Do what follows from how many of a member's purchases count now. They hear of it after the purchase."""
        if self._has_more:
            self._awarding.bought(buyer)
            self._rewarding.bought(buyer.id)
        if self._has_less:
            self._rewarding.returned(buyer.id)
        self._has_more = self._has_less = False

    def _bring(self, before: Purchase, after: Purchase, buyer: Member) -> Change:
        """Write the difference between what was given for a purchase and what it is worth, none if it is as before."""
        after = _priced(after, before.version)
        if after == before:
            return Change(before, after, ())
        after = replace(after, version=before.version + 1)
        self._tx.purchases.update(after)
        return self._written(before, after, buyer)

    def _written(self, before: Purchase, after: Purchase, buyer: Member, capped: str | None = None) -> Change:
        legs = [*self._points(before, after), *_status(before, after)]
        draft = self._draft(after, buyer)
        entries = tuple(draft._replace(leg=number, **leg) for number, leg in enumerate(legs))
        # The first ones have sources that nobody had, for so is the purchase's number.
        (self._tx.ledger.post_many if before.version else self._tx.ledger.post_new)(entries)
        progress, did_count = Progress(self._tx), before.version > 0 and before.counts
        progress.earned(entries)
        if after.counts:
            progress.add(bought(after, buyer.id, self._config))
            self._has_more = self._has_more or not did_count
        elif did_count:
            self._has_less = True
            progress.remove(Counts.PURCHASES, buyer.id, mark_of(after.id))
        stamps = tuple(self._stamping.follow(before, after, buyer))
        for stamped in stamps:
            self._stamping.tell_of_coupons(buyer, stamped, is_urgent=not after.is_open)
        return Change(before, after, entries, capped, stamps)

    def _draft(self, after: Purchase, buyer: Member) -> EntryDraft:
        is_first = after.version == 1
        return EntryDraft(
            unit=Unit.POINTS,
            points=1,
            reason=Reason.PURCHASE,
            source=source_of(after),
            holder_id=after.holder_id,
            member_id=buyer.id,
            actor_id=self._actor_id,
            space_id=after.space_id,
            occurred_at=after.occurred_at if is_first else self._tx.now,
            counts_at=after.occurred_at,
            counts_in=after.terms.counts_in,
            rule_version=after.rule_version,
        )

    def _points(self, before: Purchase, after: Purchase) -> list[dict[str, Any]]:
        """Return the legs that bring a purchase's points to its target.

        As many are taken as the member was left with beyond what the purchase is worth now. What expired is gone
        already: it makes no difference whether points expired before a refund or after.
        """
        sources = sources_of(before)
        given = self._tx.accounts.given_by(sources)
        if after.points > given:
            return [{"points": after.points - given, "from_programme": _ISSUED} | self._lands(after)]
        came_by = self._tx.lots.sources_from(sources) if sources else ()
        left = max(0, given - self._tx.lots.expired_of(came_by) - after.points) if sources else 0
        taken = {"to_programme": _ISSUED, "reason": Reason.REFUND}
        legs: list[dict[str, Any]] = []
        for lot in self._tx.lots.of(sources, Unit.POINTS) if left else []:
            part = min(left, lot.remaining)
            if part and lot.ripens_at is not None:
                legs.append(taken | {"points": part, "from_account": pending(after.holder_id), "from_lot": lot.id})
                left -= part
        if left:
            owed = {"points": left, "reason": Reason.CLAWBACK, "from_account": wallet(after.holder_id)}
            legs.append(taken | owed | {"prefers": came_by})
        return legs

    def _lands(self, purchase: Purchase) -> dict[str, Any]:
        """Return where points go: to what is pending; to the wallet if the time to return it is over by now."""
        ripens_at = ripening_of(purchase)
        if ripens_at is not None and ripens_at > self._tx.now:
            return {"to_account": pending(purchase.holder_id), "ripens_at": ripens_at}
        # They live as long as if they had ripened in time.
        return {"to_account": wallet(purchase.holder_id), "counts_at": ripens_at or purchase.occurred_at}

    # What the buyer hears --------------------------------------------------------------------------------------------

    def _tell_bought(self, change: Change, sold: Sold) -> None:
        fields = outcome_of(change, self._tx.now)
        key = f"purchase_received:{change.after.id}"
        # The member stands at the till, or is asleep long after an order.
        to, is_urgent = ToMember(sold.buyer.id), not sold.is_open
        self._tx.post(Post(to, "purchase_received", key, fields, is_urgent=is_urgent))

    def _tell(self, change: Change, buyer: Member) -> None:
        before, after = change.before, change.after
        if not (change.points or change.status):
            return
        refunded = after.refunded_minor - before.refunded_minor
        if refunded > 0 and change.points <= 0 and change.status <= 0:
            template, fields = "refund_received", refund_of(change, self._tx)
        else:
            template = "purchase_changed"
            fields = {"paid": after.paid, "at": after.occurred_at, "points": change.points, "status": change.status}
        self._tx.post(Post(ToMember(buyer.id), template, f"{template}:{source_of(after)}", fields))


def mark_of(purchase_id: int) -> str:
    """Return the mark of a purchase in challenges."""
    return f"purchase:{purchase_id}"


def bought(purchase: Purchase, member_id: int, config: Config) -> Happened:
    """Return what challenges count of a purchase: what was kept of it, and which products."""
    goods, kept_minor = purchase.goods, purchase.paid.amount_minor - purchase.refunded_minor
    return Happened(
        counts=Counts.PURCHASES,
        member_id=member_id,
        at=purchase.occurred_at,
        mark=mark_of(purchase.id),
        weight=challenge_weight(Money(kept_minor, purchase.paid.currency), config),
        shop=purchase.shop,
        products=None if goods is None else frozenset(one.rule for one in goods.items if one.count),
    )


def limits_of(rule: PurchaseRule, currency: str) -> Limits:
    """Return the limits of the purchase rule in a currency."""
    minimum, cap = cap_of(rule.minimum_amount, currency), cap_of(rule.daily_cap_amount, currency)
    return Limits(minimum.amount_minor, cap.amount_minor, rule.daily_cap_count)


def _priced(purchase: Purchase, version: int) -> Purchase:
    points, status = worth(purchase.terms, purchase.net_eligible_minor, purchase.goods)
    first_points = purchase.first_points if purchase.counts else 0
    return replace(purchase, points=points + first_points, status=status, first_points=first_points, version=version)


def _status(before: Purchase, after: Purchase) -> list[dict[str, Any]]:
    account, change = wallet(after.holder_id), after.status - before.status
    if change > 0:
        return [{"unit": Unit.STATUS, "points": change, "from_programme": _ISSUED, "to_account": account}]
    if change < 0:
        taken = {"unit": Unit.STATUS, "points": -change, "reason": Reason.REFUND}
        return [taken | {"from_account": account, "to_programme": _ISSUED}]
    return []
