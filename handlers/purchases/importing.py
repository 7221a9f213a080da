"""Purchases that a file brings: thousands in one transaction, each at most once, by the rule of today."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.challenges.measures import Counts, Happened
from bot.config.config import Config
from bot.earning.boosts import Boost, boost_at
from bot.earning.versions import RuleBook
from bot.files.file_lines import PurchaseLine
from bot.ledger.expiry import expiry_of
from bot.ledger.ledger import EntryDraft, Reason, Unit, pending, wallet
from bot.purchases.money import MINOR_DIGITS, Money
from bot.purchases.purchases import Counted, Terms, eligible, worth
from handlers.badges.awarding import Awarding
from handlers.challenges.progress import Progress
from handlers.purchases.buying import Buying, limits_of, mark_of
from handlers.purchases.import_lines import Imported, Line, fresh_lines, key_of, recorded
from handlers.referrals.rewarding import Rewarding
from handlers.shops.terms import ShopRule, challenge_weight, rule_of
from handlers.tiers.holding import climb
from storage.boards.leaderboards import Presences
from storage.members.named import Named
from storage.purchases.purchase_batches import NewPurchase
from storage.transaction import Transaction

# Nobody hears, years later, of a badge for what they have long forgotten.
_BRINGS_BADGES_FOR = timedelta(days=30)
_TermsKey = tuple[str, tuple[str, str] | None, tuple[int, ...], Boost | None, bool]


class PurchaseImport:
    """Records purchases of a file. Unless it `earns` they give nothing."""

    def __init__(self, config: Config, *, earns: bool = True) -> None:
        self._rule = config.earning.purchase
        self._config = config
        self._earns = earns
        self._rules = RuleBook.of(config)
        self._common = rule_of(None, config, self._rules)
        self._of_shops = {shop.id: rule_of(shop, config, self._rules) for shop in config.shop}
        sold_in = {rule.currency for rule in (self._common, *self._of_shops.values())}
        self._limits = {currency: limits_of(self._rule, currency) for currency in sold_in}
        self._terms: dict[_TermsKey, Terms] = {}

    def look(self, lines: Sequence[PurchaseLine], tx: Transaction) -> Imported:
        """Return what `write` would make of the lines, but for the points; write nothing."""
        done = Imported()
        done.new = len(fresh_lines(lines, self._of_shops, done, tx))
        return done

    def write(self, lines: Sequence[PurchaseLine], tx: Transaction) -> Imported:
        """Record the purchases that are not known, with their awards, in the order of the lines.

        They count in the weeks and months they are from, also where these are closed. Only who climbs is told, who
        brought a friend that bought something now, whom a purchase of late brought a badge, and whose points are taken
        back, since more of a purchase that was known was given back by now.
        """
        done = Imported()
        fresh = fresh_lines(lines, self._of_shops, done, tx)
        tx.purchase_batches.number(done.numbered)
        if fresh:
            self._record(fresh, done, tx)
        self._take_back(done, tx)
        return done

    def _take_back(self, done: Imported, tx: Transaction) -> None:
        buying = Buying(tx, self._config)
        for purchase_id, refunded_minor in done.returned.items():
            before = tx.purchases.by_id(purchase_id)
            assert before is not None
            change = buying.converge(before, replace(before, refunded_minor=refunded_minor))
            done.points_back -= change.points
            done.status_back -= change.status

    def _record(self, fresh: Sequence[Line], done: Imported, tx: Transaction) -> None:
        purchases = self._purchases(fresh, tx)
        tx.purchase_batches.add(purchases)
        known = recorded([line for line, _ in fresh], tx)
        drafts: list[EntryDraft] = []
        marks = []
        bought_lately = set()
        for new, (line, member) in zip(purchases, fresh, strict=True):
            purchase_id = known[key_of(line)].id
            drafts += _awards(new, purchase_id, member, tx.now)
            if new.eligible_minor and new.refunded_minor < new.amount_minor:
                marks.append(_happened(new, purchase_id, member.member_id, self._config))
                if new.occurred_at >= tx.now - _BRINGS_BADGES_FOR:
                    bought_lately.add(member.member_id)
            done.points += new.points
            done.status += new.status
        tx.ledger.post_past(drafts)
        progress = Progress(tx)
        progress.earned(drafts)
        progress.add_many(marks)
        member_ids = {member.member_id for _, member in fresh}
        if self._earns and self._rule.first_bonus_points:
            done.points += self._first_points(member_ids, tx)
        if self._earns:
            _reward_who_brought(member_ids, tx)
        if bought_lately:
            self._award_badges(bought_lately, tx)
        climb(tx, self._rules)
        done.new = len(fresh)

    def _first_points(self, member_ids: set[int], tx: Transaction) -> int:
        """Give members what the first of their purchases brings; return how many points that is in all."""
        buying, members = Buying(tx, self._config), tx.members.by_ids(member_ids)
        return sum(change.points for member in members.values() for change in buying.settle_first(member))

    def _award_badges(self, member_ids: Collection[int], tx: Transaction) -> None:
        tx.badges.read_ahead(member_ids)
        members, awarding = tx.members.by_ids(member_ids), Awarding(tx, self._config)
        for member_id in sorted(members):
            awarding.bought(members[member_id])

    def _purchases(self, fresh: Sequence[Line], tx: Transaction) -> list[NewPurchase]:
        counted: dict[tuple[int, str], Counted] = {}
        if self._earns:
            counted = tx.purchase_batches.counted({(member.member_id, line.day) for line, member in fresh})
        presences = tx.leaderboards.presences({member.member_id for _, member in fresh})
        purchases = []
        for line, member in fresh:
            eligible_minor = self._eligible(line, member, counted) if self._earns else 0
            terms = self._terms_of(presences[member.member_id], line, tx)
            purchases.append(self._purchase(line, member, eligible_minor, terms))
        return purchases

    def _eligible(self, line: PurchaseLine, member: Named, counted: dict[tuple[int, str], Counted]) -> int:
        """Return what of a purchase earns, and count it for those of the same day after it."""
        of_day, currency = counted[member.member_id, line.day], self._rule_of(line).currency
        part = eligible(line.to_count_minor, self._limits[currency], of_day.within(currency))
        if part and line.refunded_minor < line.amount_minor:
            of_day.add(_kept(part, line), currency)
        return part

    def _rule_of(self, line: PurchaseLine) -> ShopRule:
        return self._of_shops.get(line.shop, self._common)

    def _terms_of(self, was_in: Presences, line: PurchaseLine, tx: Transaction) -> Terms:
        """Return the shop's rule of today with its boost of then, and the boards of the spaces the member was in then.

        No points for what had expired by now if it had come in when it was bought.
        """
        spaces = tuple(sorted(was_in.at(line.at))) if was_in else ()
        boosts = self._config.boost
        boost = boost_at(boosts, line.shop, line.at, tx.zone) if boosts else None
        ripened_at = line.at + timedelta(days=self._rule.pending_days)
        expires_at = expiry_of(ripened_at, self._config.programme.points_expire_after_months, tx.zone)
        is_over = expires_at is not None and expires_at <= tx.now
        rate = None if line.told is None else (line.told.currency, self._config.rates[line.told.currency])
        key = line.shop, rate, spaces, boost, is_over
        if key not in self._terms:
            self._terms[key] = self._new_terms(line, rate, spaces, boost, is_over=is_over)
        return self._terms[key]

    def _new_terms(
        self,
        line: PurchaseLine,
        rate: tuple[str, str] | None,
        spaces: tuple[int, ...],
        boost: Boost | None,
        *,
        is_over: bool,
    ) -> Terms:
        rule, of_shop = self._rule, self._rule_of(line)
        points = rule.points if of_shop.points is None else of_shop.points
        return Terms(
            0 if is_over else points,
            rule.status,
            10 ** MINOR_DIGITS[of_shop.currency],
            rule.pending_days,
            spaces,
            boost=boost,
            first_points=rule.first_bonus_points,
            partner_thousandths=of_shop.partner_thousandths,
            rate=rate,
        )

    def _purchase(self, line: PurchaseLine, member: Named, eligible_minor: int, terms: Terms) -> NewPurchase:
        points, status = worth(terms, _kept(eligible_minor, line))
        of_shop = self._rule_of(line)
        return NewPurchase(
            shop=line.shop,
            receipt=line.receipt,
            day=line.day,
            holder_id=member.holder_id,
            cashier_id=None,
            space_id=None,
            amount_minor=line.amount_minor,
            eligible_minor=eligible_minor,
            refunded_minor=line.refunded_minor,
            currency=of_shop.currency,
            points=points,
            status=status,
            terms=terms,
            rule_version=of_shop.rule_version,
            occurred_at=line.at,
        )


def _reward_who_brought(member_ids: Iterable[int], tx: Transaction) -> None:
    """Reward the invitations by which those members came, where this was what they had to do."""
    tx.referrals.read_ahead(member_ids)
    rewarding = Rewarding(tx)
    for member_id in sorted(member_ids):
        rewarding.bought(member_id)


def _awards(new: NewPurchase, purchase_id: int, member: Named, now: datetime) -> Iterator[EntryDraft]:
    """Yield the entries of a purchase. Points are pending from the day it was made; those ripe by now are theirs."""
    ripens_at = new.occurred_at + timedelta(days=new.terms.pending_days)
    is_ripe = ripens_at <= now
    points = EntryDraft(
        unit=Unit.POINTS,
        points=new.points,
        reason=Reason.PURCHASE,
        source=f"shop:{new.shop}:{purchase_id}:v1",
        holder_id=member.holder_id,
        member_id=member.member_id,
        from_programme="issued:purchase",
        to_account=wallet(member.holder_id) if is_ripe else pending(member.holder_id),
        occurred_at=new.occurred_at,
        # They live as long as if they had ripened in time.
        counts_at=ripens_at if is_ripe else None,
        counts_in=new.terms.counts_in,
        rule_version=new.rule_version,
        ripens_at=None if is_ripe else ripens_at,
    )
    if new.points:
        yield points
    if new.status:
        yield points._replace(
            unit=Unit.STATUS,
            points=new.status,
            leg=1 if new.points else 0,
            to_account=wallet(member.holder_id),
            counts_at=None,
            ripens_at=None,
        )


def _kept(eligible_minor: int, line: PurchaseLine) -> int:
    """Return what of the part that earns was not refunded, as `Purchase.net_eligible_minor` does."""
    return eligible_minor * (line.amount_minor - line.refunded_minor) // line.amount_minor


def _happened(new: NewPurchase, purchase_id: int, member_id: int, config: Config) -> Happened:
    kept = Money(new.amount_minor - new.refunded_minor, new.currency)
    return Happened(
        counts=Counts.PURCHASES,
        member_id=member_id,
        at=new.occurred_at,
        mark=mark_of(purchase_id),
        weight=challenge_weight(kept, config),
        shop=new.shop,
    )
