"""Stamping cards, whoever gives the stamp, and issuing the coupon that a full card becomes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bot.calendar import local_date
from bot.challenges.measures import Counts, Happened
from bot.config.config import Config
from bot.members.members import Member
from bot.purchases.purchases import Purchase
from bot.replies import Picture, Post, ToMember
from bot.rewards.rewards import Coupon
from bot.rewards.stamps import Card, CardTerms, StampsCapped
from handlers.challenges.progress import Progress
from handlers.coupons import lifecycle as coupons
from handlers.coupons import own as own_coupons
from handlers.coupons.own import own_coupon
from handlers.stamps.taking_back import TakingBack, source_of_stamps
from storage.transaction import Transaction


@dataclass(slots=True)
class Stamped:
    """What stamping came to: the card of the last stamp as it is now, and what became of those that were filled."""

    card: Card
    given: int = 0
    filled: list[tuple[Card, Coupon]] = field(default_factory=list)

    def plain(self) -> dict[str, Any]:
        """Return it as templates take it."""
        return self.card.plain() | {"given": self.given, "coupons": len(self.filled)}


class Stamping:
    """Stamps the cards of members, in one transaction. `actor_id` is the holder who gives the stamps, if one does."""

    def __init__(self, tx: Transaction, config: Config, actor_id: int | None = None) -> None:
        self._tx = tx
        self._offered = {settings.id: CardTerms.now(settings) for settings in config.stamp_card}
        self._actor_id = actor_id

    def cards(self, member: Member) -> list[Card]:
        """Return what a member can collect: what is offered, begun or not, then what is begun and not offered now."""
        begun = {card.key: card for card in reversed(self._tx.stamps.open_of(member.id))}
        offered = [begun.pop(key, Card(0, key, terms)) for key, terms in self._offered.items()]
        return offered + list(begun.values())

    def room(self, member: Member, card: Card, day: date) -> int:
        """Return how many stamps of a local day the member may still get on such a card."""
        return max(0, card.terms.daily_cap - self._tx.stamps.on_day(member.id, card.key, day))

    def offer(self, key: str, terms: CardTerms) -> None:
        """Let a card be begun on these terms if the config has none of this name any more."""
        self._offered.setdefault(key, terms)

    def give(self, member: Member, card: Card, count: int, source: str, day: date) -> Stamped:
        """Stamp a card; where it gets full and stamps are left, the next one. Raises StampsCapped.

        Nothing is given where the source gave some before.
        """
        if self._tx.stamps.is_given(f"{source}:1"):
            return Stamped(card)
        stamped = self._give(member, card, range(1, count + 1), source, day)
        if stamped.given < count:
            cap = card.terms.daily_cap
            raise StampsCapped(title=dict(card.terms.title), left=stamped.given, cap=cap, asked=count)
        return stamped

    def _give(self, member: Member, card: Card, numbers: range, source: str, day: date) -> Stamped:
        """Give those of a source's stamps that were not given yet, as far as the day's limit and the cards go."""
        stamped = Stamped(card)
        for number in numbers:
            if self._tx.stamps.is_given(f"{source}:{number}"):
                continue
            # A card that was just filled and is not offered any more leaves none to go on with.
            begun = next((other for other in self.cards(member) if other.key == card.key), None)
            if begun is None or not self.room(member, begun, day):
                break
            self._put(member, begun, f"{source}:{number}", day, stamped)
        return stamped

    def _put(self, member: Member, card: Card, source: str, day: date, stamped: Stamped) -> None:
        card_id = card.id or self._tx.stamps.begin(member.holder_id, card.key, card.terms)
        self._tx.stamps.add(card_id, source, day, self._actor_id)
        Progress(self._tx).add(Happened(counts=Counts.STAMPS, member_id=member.id, at=self._tx.now, mark=source))
        stamped.card = Card(card_id, card.key, card.terms, card.stamps + 1)
        stamped.given += 1
        if stamped.card.is_full:
            coupon = coupons.issue(member, card.terms.coupon, self._filled_by(source), self._tx)
            self._tx.stamps.fill(card_id, coupon.id)
            stamped.filled.append((stamped.card, coupon))

    def _filled_by(self, source: str) -> str:
        """Return the source of a coupon: of the stamp that fills its card, as often as that stamp does, and not of the
        card, whose number may come again once somebody is erased."""
        often, filled_by = 1, f"full:{source}"
        while self._tx.coupons.by_source(filled_by) is not None:
            often, filled_by = often + 1, f"full:{source}:{often + 1}"
        return filled_by

    # By purchases ----------------------------------------------------------------------------------------------------

    def follow(self, before: Purchase, after: Purchase, buyer: Member) -> list[Stamped]:
        """Stamp for a purchase as it gives stamps; take them back as it gives less, unless their card was full and its
        coupon is used or over. One that was not recorded before has version 0."""
        if before.version:
            TakingBack(before, after, buyer, self._tx).run()
        if not (after.is_kept and buyer.is_active):
            return []
        stamped, day = [], local_date(after.occurred_at, self._tx.zone)
        for card in self.cards(buyer):
            had = card.terms.asked_by(before) if before.version else 0
            numbers = range(had + 1, card.terms.asked_by(after) + 1)
            if numbers:
                stamped.append(self._give(buyer, card, numbers, source_of_stamps(after, card), day))
        return [one for one in stamped if one.given]

    # What the member hears -------------------------------------------------------------------------------------------

    def tell(self, member: Member, stamped: Stamped, source: str) -> None:
        """Tell a member who stands at the till of stamps; of full cards they are told with their coupons."""
        if stamped.given and not stamped.card.is_full:
            key = f"stamped:{source}"
            self._tx.post(Post(ToMember(member.id), "stamped", key, stamped.plain(), is_urgent=True))
        self.tell_of_coupons(member, stamped, is_urgent=True)

    def tell_of_coupons(self, member: Member, stamped: Stamped, *, is_urgent: bool) -> None:
        """Tell a member what their full cards became."""
        for card, coupon in stamped.filled:
            rows, fields = own_coupon(coupon)
            told, key = fields | {"title": dict(card.terms.title)}, f"stamp_card_full:{coupon.id}"
            to, picture = ToMember(member.id), own_coupons.picture_of(coupon)
            self._tx.post(Post(to, "stamp_card_full", key, told, rows, is_urgent=is_urgent, picture=picture))


def picture_of(cards: Iterable[Card]) -> Picture:
    """Return the picture that shows cards with their stamps."""
    return Picture("stamp_cards", {"cards": [card.plain() for card in cards]}, "picture_stamp_cards")
