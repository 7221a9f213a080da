"""Taking stamps back: off cards that are being filled, and off full ones whose coupon can still be used."""

from collections import Counter
from dataclasses import replace

from bot.challenges.measures import Counts
from bot.members.members import Member
from bot.purchases.purchases import Purchase, source_of
from bot.replies import Post, ToMember
from bot.rewards.stamps import Card
from handlers.challenges.progress import Progress
from handlers.coupons import lifecycle as coupons
from storage.transaction import Transaction


def source_of_stamps(purchase: Purchase, card: Card) -> str:
    """Return what the sources of the stamps of a purchase on a card begin with; a colon and a number follow."""
    return f"stamp:purchase:{purchase.id}:{card.key}"


class TakingBack:
    """Takes back what a purchase gives no longer, in one transaction, and tells the buyer.

    A full card gets in the place of such a stamp one of the card that was begun after it. Where there is none, it is
    being filled again, and its coupon is no more. One that was used, or is over, stays as it is.
    """

    def __init__(self, before: Purchase, after: Purchase, buyer: Member, tx: Transaction) -> None:
        self._tx = tx
        self._before, self._after, self._buyer = before, after, buyer
        self._open: dict[str, Card] = {}
        self._taken, self._lost = Counter[str](), Counter[str]()

    def run(self) -> None:
        """Take them back."""
        self._open = {card.key: card for card in self._tx.stamps.open_of(self._buyer.id)}
        for card in self._open.values():
            gone = self._gone(card)
            self._take_off(card, gone)
            self._open[card.key] = replace(card, stamps=card.stamps - len(gone))
        for card, coupon_id in self._tx.stamps.full_of(self._buyer.id):
            gone = self._gone(card)
            if gone:
                self._take_off_full(card, coupon_id, gone)
        for key, taken in self._taken.items():
            self._tell(self._open[key], taken, self._lost[key])

    def _gone(self, card: Card) -> list[str]:
        """Return the sources of the stamps on a card that the purchase gives no longer."""
        had = 1 if card.terms.product is None else card.terms.asked_by(self._before)
        numbers = range(card.terms.asked_by(self._after) + 1, had + 1)
        sources = [f"{source_of_stamps(self._after, card)}:{number}" for number in numbers]
        return self._tx.stamps.on_it(card.id, sources) if sources else []

    def _take_off(self, card: Card, sources: list[str]) -> None:
        for source in sources:
            self._tx.stamps.take_back(card.id, source)
            Progress(self._tx).remove(Counts.STAMPS, self._buyer.id, source)
            self._taken[card.key] += 1

    def _take_off_full(self, card: Card, coupon_id: int, gone: list[str]) -> None:
        begun = self._open.get(card.key)
        moved = min(len(gone), begun.stamps if begun else 0)
        if moved < len(gone) and not coupons.take_back(coupon_id, self._tx):
            return
        self._take_off(card, gone)
        if begun is not None:
            self._tx.stamps.move(begun.id, card.id, moved)
            self._open[card.key] = replace(begun, stamps=begun.stamps - moved)
        if moved < len(gone):
            # A member fills one card of a kind at a time, and nothing is left on the other.
            self._tx.stamps.reopen(card.id, begun.id if begun else None)
            self._open[card.key] = replace(card, stamps=card.stamps - len(gone) + moved)
            self._lost[card.key] += 1

    def _tell(self, card: Card, taken: int, lost: int) -> None:
        key = f"stamp_taken_back:{source_of(self._after)}:{card.key}"
        told = card.plain() | {"taken": taken, "lost": lost, "is_part": self._after.is_kept}
        self._tx.post(Post(ToMember(self._buyer.id), "stamp_taken_back", key, told))
