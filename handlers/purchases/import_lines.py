"""Lines of a file: which of them are new, whose they are, and what became of them."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from bot.config.rules import TILL
from bot.events import Identity
from bot.files.file_lines import Kind, PurchaseLine, Rejected, Who
from bot.purchases.money import exchanged
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
    hashed, nameless = _hashed(ours, shops, tx), _without_number(ours, known, tx)
    for line, member in ours:
        before = known.get(key_of(line)) or _by_hash(line, member, hashed, tx)
        if before is None and line.shop == TILL and (found := nameless[member.holder_id, line.day, line.amount_minor]):
            before = known[key_of(line)] = found.pop(0)
            done.numbered[before.id] = line.receipt
        if before is None:
            known[key_of(line)] = Recorded(0, member.holder_id, line.amount_minor, line.refunded_minor)
            fresh.append((line, member))
        elif before.holder_id != member.holder_id:
            done.rejected.append(_otherwise(line, "member"))
        elif (back_minor := _back_minor(line, before, tx)) is None:
            done.rejected.append(_otherwise(line, "amount"))
        elif back_minor <= max(before.refunded_minor, done.returned.get(before.id, 0)) or _is_told(before, tx):
            done.known += 1
        elif before.id:
            done.returned[before.id] = back_minor
        else:
            done.rejected.append(_otherwise(line, "refund"))
    return fresh


def _hashed(lines: Sequence[Line], shops: Collection[str], tx: Transaction) -> dict[str, dict[str, Recorded]]:
    """Return by shop the purchases without a number of the lines' members, by the hash that their order has of it."""
    holders: dict[str, set[int]] = defaultdict(set)
    for line, member in lines:
        if line.shop in shops:
            holders[line.shop].add(member.holder_id)
    return {shop: tx.shop_orders.hashed(shop, holder_ids) for shop, holder_ids in holders.items()}


def _by_hash(
    line: PurchaseLine, member: Named, hashed: Mapping[str, Mapping[str, Recorded]], tx: Transaction
) -> Recorded | None:
    """Return the purchase of an order of this member whose number is known by its hash alone."""
    of_shop = hashed.get(line.shop)
    before = of_shop.get(number_key(line.shop, line.receipt, tx)) if of_shop else None
    return before if before is not None and before.holder_id == member.holder_id else None


def _without_number(
    lines: Sequence[Line], known: Mapping[_Key, Recorded], tx: Transaction
) -> defaultdict[tuple[int, str, int], list[Recorded]]:
    """Return the purchases without a number that a cashier recorded, or a code, by holder, local day and amount.

    A line of the till's file that is not known by its number is the first of those that are like it: one that is kept,
    before one that was recorded by mistake and refunded.
    """
    unknown = [(line, member) for line, member in lines if line.shop == TILL and key_of(line) not in known]
    found: defaultdict[tuple[int, str, int], list[Recorded]] = defaultdict(list)
    if unknown:
        days, holder_ids = {line.day for line, _ in unknown}, {member.holder_id for _, member in unknown}
        alike = tx.purchase_batches.without_number(TILL, days, holder_ids)
        for day, purchase in sorted(alike, key=lambda one: one[1].refunded_minor >= one[1].amount_minor):
            found[purchase.holder_id, day, purchase.amount_minor].append(purchase)
    return found


def _back_minor(line: PurchaseLine, before: Recorded, tx: Transaction) -> int | None:
    """Return what was given back of a purchase that is recorded; None where another amount was paid for it.

    What was paid in another currency is reckoned at the rate of then.
    """
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


def _otherwise(line: PurchaseLine, what: str) -> Rejected:
    return Rejected(line.line, f"receipt {line.receipt} of {line.day} is recorded already, with another {what}")


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
