"""Purchases that a file brings: thousands in one transaction, each at most once, by the rule of today."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.boosts import Boost, boost_at
from bot.challenges.measures import Counts, Happened
from bot.config import Config
from bot.earning.versions import RuleBook
from bot.events import Identity
from bot.expiry import expiry_of
from bot.file_lines import Kind, PurchaseLine, Rejected, Who
from bot.ledger import EntryDraft, Reason, Unit, pending, wallet
from bot.money import MINOR_DIGITS
from bot.purchases import Terms, eligible, worth
from handlers.buying import Buying, limits_of, mark_of
from handlers.challenges.progress import Progress
from handlers.tiers import climb
from storage.leaderboards import Presences
from storage.named import Named
from storage.purchase_batches import NewPurchase
from storage.transaction import Transaction

_Line = tuple[PurchaseLine, Named]
_Key = tuple[str, str, str]


@dataclass(slots=True)
class Imported:
    """What became of lines. `known` had been recorded before; points and status are what the new ones gave.

    `waiting` are those of the new that wait for somebody to join.
    """

    new: int = 0
    known: int = 0
    points: int = 0
    status: int = 0
    waiting: int = 0
    rejected: list[Rejected] = field(default_factory=list)


class PurchaseImport:
    """Records purchases of a file. Unless it `earns` they give nothing."""

    def __init__(self, config: Config, *, earns: bool = True) -> None:
        rule, currency = config.earning.purchase, config.programme.currency
        self._rule = rule
        self._config = config
        self._earns = earns
        self._currency = currency
        self._rules = RuleBook.of(config)
        self._limits = limits_of(rule, currency)
        self._terms: dict[tuple[tuple[int, ...], Boost | None, bool], Terms] = {}

    def look(self, lines: Sequence[PurchaseLine], tx: Transaction) -> Imported:
        """Return what `write` would make of the lines, but for the points; write nothing."""
        done = Imported()
        done.new = len(_fresh(lines, done, tx))
        return done

    def write(self, lines: Sequence[PurchaseLine], tx: Transaction) -> Imported:
        """Record the purchases that are not known, with their awards, in the order of the lines.

        They count in the weeks and months they are from, also where these are closed. Only who climbs is told.
        """
        done = Imported()
        fresh = _fresh(lines, done, tx)
        if fresh:
            self._record(fresh, done, tx)
        return done

    def _record(self, fresh: Sequence[_Line], done: Imported, tx: Transaction) -> None:
        purchases = self._purchases(fresh, tx)
        tx.purchase_batches.add(purchases)
        recorded = _recorded([line for line, _ in fresh], tx)
        drafts: list[EntryDraft] = []
        marks = []
        for new, (line, member) in zip(purchases, fresh, strict=True):
            purchase_id = recorded[_key(line)][0]
            drafts += _awards(new, purchase_id, member, tx.now)
            if new.eligible_minor and new.refunded_minor < new.amount_minor:
                marks.append(_happened(new, purchase_id, member.member_id))
            done.points += new.points
            done.status += new.status
        tx.ledger.post_past(drafts)
        progress = Progress(tx)
        progress.earned(drafts)
        progress.add_many(marks)
        if self._earns and self._rule.first_bonus_points:
            done.points += self._first_points({member.member_id for _, member in fresh}, tx)
        climb(tx, self._rules)
        done.new = len(fresh)

    def _first_points(self, member_ids: set[int], tx: Transaction) -> int:
        """Give members what the first of their purchases brings; return how many points that is in all."""
        buying, members = Buying(tx, self._config), tx.members.by_ids(member_ids)
        return sum(change.points for member in members.values() for change in buying.settle_first(member))

    def _purchases(self, fresh: Sequence[_Line], tx: Transaction) -> list[NewPurchase]:
        counted: dict[tuple[int, str], tuple[int, int]] = {}
        if self._earns:
            counted = tx.purchase_batches.counted({(member.member_id, line.day) for line, member in fresh})
        presences = tx.leaderboards.presences({member.member_id for _, member in fresh})
        purchases = []
        for line, member in fresh:
            eligible_minor = self._eligible(line, member, counted) if self._earns else 0
            terms = self._terms_of(presences[member.member_id], line, tx)
            purchases.append(self._purchase(line, member, eligible_minor, terms))
        return purchases

    def _eligible(self, line: PurchaseLine, member: Named, counted: dict[tuple[int, str], tuple[int, int]]) -> int:
        """Return what of a purchase earns, and count it for those of the same day after it."""
        day = member.member_id, line.day
        times, sum_minor = counted[day]
        part = eligible(line.amount_minor, self._limits, counted[day])
        if part and line.refunded_minor < line.amount_minor:
            counted[day] = times + 1, sum_minor + _kept(part, line)
        return part

    def _terms_of(self, was_in: Presences, line: PurchaseLine, tx: Transaction) -> Terms:
        """Return the rule of today with its boost of then, and the boards of the spaces the member was in then.

        No points for what had expired by now if it had come in when it was bought.
        """
        spaces = tuple(sorted(was_in.at(line.at))) if was_in else ()
        boosts = self._config.boost
        boost = boost_at(boosts, line.shop, line.at, tx.zone) if boosts else None
        ripened_at = line.at + timedelta(days=self._rule.pending_days)
        expires_at = expiry_of(ripened_at, self._config.programme.points_expire_after_months, tx.zone)
        is_over = expires_at is not None and expires_at <= tx.now
        if (spaces, boost, is_over) not in self._terms:
            rule, minor_per_unit = self._rule, 10 ** MINOR_DIGITS[self._currency]
            self._terms[spaces, boost, is_over] = Terms(
                0 if is_over else rule.points,
                rule.status,
                minor_per_unit,
                rule.pending_days,
                spaces,
                boost=boost,
                first_points=rule.first_bonus_points,
            )
        return self._terms[spaces, boost, is_over]

    def _purchase(self, line: PurchaseLine, member: Named, eligible_minor: int, terms: Terms) -> NewPurchase:
        points, status = worth(terms, _kept(eligible_minor, line))
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
            currency=self._currency,
            points=points,
            status=status,
            terms=terms,
            rule_version=self._rules["purchase"],
            occurred_at=line.at,
        )


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


def _key(line: PurchaseLine) -> _Key:
    return line.shop, line.receipt, line.day


def _happened(new: NewPurchase, purchase_id: int, member_id: int) -> Happened:
    return Happened(
        counts=Counts.PURCHASES,
        member_id=member_id,
        at=new.occurred_at,
        mark=mark_of(purchase_id),
        weight=new.amount_minor - new.refunded_minor,
        shop=new.shop,
        amount_minor=new.amount_minor,
    )


def _fresh(lines: Sequence[PurchaseLine], done: Imported, tx: Transaction) -> list[_Line]:
    """Return the lines to be recorded, with their members; count the others."""
    fresh = []
    recorded = {key: (holder_id, paid_minor) for key, (_, holder_id, paid_minor) in _recorded(lines, tx).items()}
    for line, member in _with_members(lines, done, tx):
        before, now = recorded.get(_key(line)), (member.holder_id, line.amount_minor)
        if before is None:
            recorded[_key(line)] = now
            fresh.append((line, member))
        elif before == now:
            done.known += 1
        else:
            what = "another amount" if before[0] == now[0] else "another member"
            reason = f"receipt {line.receipt} of {line.day} is recorded already, with {what}"
            done.rejected.append(Rejected(line.line, reason))
    return fresh


def _recorded(lines: Sequence[PurchaseLine], tx: Transaction) -> dict[_Key, tuple[int, int, int]]:
    """Return (id, holder id, amount) of those of the lines' purchases that are recorded."""
    receipts: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        receipts[line.shop].add(line.receipt)
    return {
        (shop, *key): about
        for shop, numbers in receipts.items()
        for key, about in tx.purchase_batches.known(shop, numbers).items()
    }


def _with_members(lines: Sequence[PurchaseLine], done: Imported, tx: Transaction) -> Iterator[_Line]:
    """Yield the lines of active members; reject the others."""
    found = named(tx, {line.who for line in lines})
    for line in lines:
        members = found.get(line.who, ())
        if len(members) == 1 and not members[0].has_left:
            yield line, members[0]
        else:
            done.rejected.append(Rejected(line.line, _why_not(line.who, members)))


def _why_not(who: Who, members: Sequence[Named]) -> str:
    shown = f"@{who.name}" if who.kind is Kind.USERNAME else who.name
    if not members:
        return f"there is no member {shown}"
    if len(members) > 1:
        return f"{shown} is another member on each platform: use the card number"
    return f"{shown} has left the programme"


def named(tx: Transaction, people: set[Who]) -> Mapping[Who, Sequence[Named]]:
    """Return the members of each name that somebody has; usernames may mean several."""
    names: dict[Kind, list[str]] = {kind: [who.name for who in people if who.kind is kind] for kind in Kind}
    found: dict[Who, Sequence[Named]] = {}
    for card, member in tx.named.by_cards(names[Kind.CARD]).items():
        found[Who(Kind.CARD, card)] = [member]
    for identity, member in tx.named.by_identities(map(Identity.parse, names[Kind.IDENTITY])).items():
        found[Who(Kind.IDENTITY, str(identity))] = [member]
    for username, members in tx.named.by_usernames(names[Kind.USERNAME]).items():
        found[Who(Kind.USERNAME, username)] = members
    return found
