"""Lines of a file: which of them are new, whose they are, and what became of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.config.rules import TILL
from bot.events import Identity
from bot.files.file_lines import Kind, PurchaseLine, Rejected, Who
from bot.purchases.money import exchanged
from bot.purchases.shop_orders import SAME_NUMBER_DAYS, days_apart, masked
from handlers.shops.buyers import number_key
from storage.members.named import Named
from storage.purchases.purchase_batches import Recorded
from storage.transaction import Transaction

Line = tuple[PurchaseLine, Named]
_Key = tuple[str, str, str]


@dataclass(slots=True)
class Imported:
    """What became of lines. `known` had been recorded before; points and status are what the new ones gave.

    `waiting` are those of the new that wait for somebody to join. `returned` are recorded purchases, by their ids, of
    which more was given back than was known, with how much in all; the points and status that were taken back for that
    are `points_back` and `status_back`. `numbered` are those of the known that the till recorded without a receipt
    number, by their ids, with the number that the file has of each.
    """

    new: int = 0
    known: int = 0
    points: int = 0
    status: int = 0
    waiting: int = 0
    returned: dict[int, int] = field(default_factory=dict)
    points_back: int = 0
    status_back: int = 0
    numbered: dict[int, str] = field(default_factory=dict)
    rejected: list[Rejected] = field(default_factory=list)


def fresh_lines(lines: Sequence[PurchaseLine], shops: Collection[str], done: Imported, tx: Transaction) -> list[Line]:
    """Return the lines to be recorded, with their members; count the others. `shops` are those that tell of orders."""
    fresh = []
    known = recorded(lines, tx)
    ours = list(_with_members(lines, done, tx))
    told, by_hand = _Told(ours, known, shops, tx), _ByHand(ours, known, tx)
    for line, member in ours:
        before = known.get(key_of(line))
        if before is None or before.holder_id != member.holder_id:
            before = told.find(line, member) or before
        before = before or by_hand.find(line, member)
        if before is None and (nameless := by_hand.take(line, member)) is not None:
            before = known[key_of(line)] = nameless
            done.numbered[before.id] = line.receipt
        if before is None and line.undone:
            done.rejected.append(Rejected(line.line, line.undone))
        elif before is None:
            known[key_of(line)] = Recorded(0, member.holder_id, line.amount_minor, line.refunded_minor, line.day)
            fresh.append((line, member))
        elif before.holder_id != member.holder_id:
            done.rejected.append(_otherwise(line, before, "member"))
        elif (back_minor := _back_minor(line, before, tx)) is None:
            done.rejected.append(_otherwise(line, before, "amount"))
        elif back_minor <= max(before.refunded_minor, done.returned.get(before.id, 0)) or _is_told(before, tx):
            done.known += 1
        elif before.id:
            done.returned[before.id] = back_minor
        else:
            done.rejected.append(_otherwise(line, before, "refund"))
    return fresh


class _Told:
    """Purchases that shops told of: the same that lines of a file mean, though these may name another day.

    A shop dates an order by when it was made, and its file may by when it was paid.
    """

    def __init__(
        self, lines: Sequence[Line], known: Mapping[_Key, Recorded], shops: Collection[str], tx: Transaction
    ) -> None:
        self._tx = tx
        self._numbered: dict[tuple[str, str, int], list[Recorded]] = defaultdict(list)
        self._hashed: dict[str, dict[tuple[str, int], list[Recorded]]] = {}
        of_shops = [(line.shop, member.holder_id) for line, member in lines if line.shop in shops]
        if not of_shops:
            return
        ids = tx.shop_orders.with_orders(before.id for key, before in known.items() if key[0] in shops)
        for (shop, receipt, _), before in known.items():
            if before.id in ids:
                self._numbered[shop, receipt, before.holder_id].append(before)
        for shop in {shop for shop, _ in of_shops}:
            holder_ids = {holder_id for of_shop, holder_id in of_shops if of_shop == shop}
            self._hashed[shop] = _by_hash(tx.shop_orders.hashed(shop, holder_ids))

    def find(self, line: PurchaseLine, member: Named) -> Recorded | None:
        """Return the member's purchase that a line means, the one of the nearest day."""
        found = self._numbered.get((line.shop, line.receipt, member.holder_id), [])
        if hashed := self._hashed.get(line.shop):
            number = number_key(line.shop, line.receipt, self._tx)
            found = found + hashed.get((number, member.holder_id), [])
        near = [one for one in found if days_apart(one.day, line.day) <= SAME_NUMBER_DAYS]
        return min(near, key=lambda one: days_apart(one.day, line.day), default=None)


def _by_hash(found: Iterable[tuple[str, Recorded]]) -> dict[tuple[str, int], list[Recorded]]:
    by_hash: dict[tuple[str, int], list[Recorded]] = defaultdict(list)
    for number, purchase in found:
        by_hash[number, purchase.holder_id].append(purchase)
    return by_hash


class _ByHand:
    """Purchases that a cashier recorded at the till, or a code: a line of its file may mean one by another number."""

    def __init__(self, lines: Sequence[Line], known: Mapping[_Key, Recorded], tx: Transaction) -> None:
        self._nameless: defaultdict[tuple[int, str, int], list[Recorded]] = defaultdict(list)
        self._typed: dict[tuple[int, str, str], Recorded] = {}
        unknown = [(line, member) for line, member in lines if line.shop == TILL and key_of(line) not in known]
        if not unknown:
            return
        days, holder_ids = {line.day for line, _ in unknown}, {member.holder_id for _, member in unknown}
        found = tx.purchase_batches.by_hand(TILL, days, holder_ids)
        # One that is kept comes before one that was recorded by mistake and refunded.
        for receipt, purchase in sorted(found, key=lambda one: one[1].refunded_minor >= one[1].amount_minor):
            if receipt is None:
                self._nameless[purchase.holder_id, purchase.day, purchase.amount_minor].append(purchase)
            else:
                self._typed.setdefault((purchase.holder_id, purchase.day, receipt.upper()), purchase)

    def find(self, line: PurchaseLine, member: Named) -> Recorded | None:
        """Return the one whose number a cashier typed in other capitals."""
        if line.shop != TILL or not self._typed:
            return None
        return self._typed.get((member.holder_id, line.day, line.receipt.upper()))

    def take(self, line: PurchaseLine, member: Named) -> Recorded | None:
        """Return the first one without a number that is like a line, which is that line's then."""
        if line.shop != TILL or not self._nameless:
            return None
        found = self._nameless.get((member.holder_id, line.day, line.amount_minor))
        return found.pop(0) if found else None


def _back_minor(line: PurchaseLine, before: Recorded, tx: Transaction) -> int | None:
    """Return what was given back of a purchase that is recorded; None where another amount was paid for it.

    What was undone went back whole. What was paid in another currency is reckoned at the rate of then.
    """
    if line.undone:
        return before.amount_minor
    if before.amount_minor == line.amount_minor:
        return line.refunded_minor
    purchase = tx.purchases.by_id(before.id) if line.told is not None else None
    if line.told is None or purchase is None or purchase.terms.rate is None:
        return None
    currency, rate = purchase.terms.rate
    then = partial(exchanged, rate=rate, currency=currency, into=purchase.paid.currency)
    if (currency, then(line.told.amount_minor)) != (line.told.currency, before.amount_minor):
        return None
    return then(line.told_refunded_minor)


def _is_told(before: Recorded, tx: Transaction) -> bool:
    """Whether a shop tells of a purchase by itself, and so of what was given back of it."""
    return before.id > 0 and tx.shop_orders.has_purchase(before.id)


def _otherwise(line: PurchaseLine, before: Recorded, what: str) -> Rejected:
    return Rejected(line.line, f"receipt {line.receipt} of {before.day} is recorded already, with another {what}")


def key_of(line: PurchaseLine) -> _Key:
    """Return by what a purchase is known: shop, receipt and local day."""
    return line.shop, line.receipt, line.day


def recorded(lines: Sequence[PurchaseLine], tx: Transaction) -> dict[_Key, Recorded]:
    """Return those of the lines' purchases that are recorded."""
    receipts: dict[str, set[str]] = defaultdict(set)
    for line in lines:
        receipts[line.shop].add(line.receipt)
    return {
        (shop, *key): about
        for shop, numbers in receipts.items()
        for key, about in tx.purchase_batches.known(shop, numbers).items()
    }


def _with_members(lines: Sequence[PurchaseLine], done: Imported, tx: Transaction) -> Iterator[Line]:
    """Yield the lines of active members; reject the others."""
    found = named(tx, {line.who for line in lines})
    for line in lines:
        members = found.get(line.who, ())
        if len(members) == 1 and not members[0].has_left:
            yield line, members[0]
        else:
            done.rejected.append(Rejected(line.line, line.undone or _why_not(line.who, members)))


def _why_not(who: Who, members: Sequence[Named]) -> str:
    shown = f"@{who.name}" if who.kind is Kind.USERNAME else who.name
    if who.kind is Kind.CONTACT:
        shown = masked(who.name.partition(":")[2])
        if not members:
            return f"no member has linked {shown}: when one did, run the same again"
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
    contacts = {tx.settings.keyed(plain): plain for plain in names[Kind.CONTACT]}
    for key, member in tx.named.by_contacts(contacts).items():
        found[Who(Kind.CONTACT, contacts[key])] = [member]
    for username, members in tx.named.by_usernames(names[Kind.USERNAME]).items():
        found[Who(Kind.USERNAME, username)] = members
    return found
