"""Rewarding referrals once the friend has done what they have to, and taking it back before it ripens."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.calendar import first_instant, local_date, span_around
from bot.challenges.measures import Counts, Happened
from bot.members.activity import active_days
from bot.members.members import Member
from bot.members.referrals import Flag, Referral, State
from bot.replies import Post, ToMember
from handlers.challenges.progress import Progress
from handlers.points.awards import award
from handlers.points.undo import reverse
from handlers.scheduler import Run
from storage.transaction import Transaction

_BEGINNING, _END = datetime(1970, 1, 1, tzinfo=UTC), datetime(2300, 1, 1, tzinfo=UTC)
_AT_ONCE, _MESSAGES_AT_ONCE, _MOST_PURCHASES = 200, 200, 3000


class Rewarding:
    """Rewards referrals, in one transaction.

    What is given is pending like the points of a purchase: if the friend's purchase is refunded whole and none that
    counts is left, before the reward ripens, both sides lose it, and a later purchase may bring it again. What has
    ripened stays.
    """

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    def bought(self, friend_id: int) -> None:
        """A purchase of a member counts that did not count before."""
        referral = self._tx.referrals.of_friend(friend_id)
        first = None if referral is None else self._tx.purchases.first_of(friend_id)
        if referral is None or first is None:
            return
        if self._is_before(first.occurred_at, referral.joined_at):
            self._not_new(referral)
            return
        if referral.terms.needs != "purchase" or first.occurred_at >= referral.ends_at():
            return
        # One that was heard of late may have been made in time all the same.
        if referral.state not in (State.OPEN, State.OVER):
            return
        cashier = None if first.cashier_id is None else self._tx.members.by_holder(first.cashier_id)
        flags = [Flag.OWN_TILL] if cashier is not None and cashier.id == referral.inviter_id else []
        self.met(referral.with_flags(flags))

    def _is_before(self, bought_at: datetime, joined_at: datetime) -> bool:
        """Whether something was bought before the friend joined. Where a file tells the day alone, of that day it was
        not: what is dated by its beginning."""
        zone = self._tx.zone
        day = local_date(bought_at, zone)
        if bought_at == first_instant(day, time(), zone):
            return day < local_date(joined_at, zone)
        return bought_at < joined_at.replace(microsecond=0)

    def _not_new(self, referral: Referral) -> None:
        """An order has turned up that the friend made before they joined."""
        if referral.state in (State.REFUSED, State.OVER):
            return
        if referral.state in (State.PAID, State.CAPPED):
            if not self._waits(referral):
                return
            self._reverse(referral)
        refused = replace(referral.with_flags([Flag.BOUGHT_BEFORE]), state=State.REFUSED)
        self._tx.referrals.update(refused)
        key = f"referral_not_new:{referral.id}"
        self._tx.post(Post(ToMember(referral.inviter_id), "referral_not_new", key))

    def _waits(self, referral: Referral) -> bool:
        """Whether what was given has not ripened yet."""
        ripens_at = None if referral.met_at is None else referral.ripens_at(referral.met_at)
        return ripens_at is not None and ripens_at > self._tx.now

    def _reverse(self, referral: Referral) -> list[tuple[int, str]]:
        """Take back what was given; return (member id, as what they got it) of whom something was taken from."""
        Progress(self._tx).remove(Counts.FRIENDS_BROUGHT, referral.inviter_id, _mark(referral))
        sides = (referral.friend_id, "friend"), (referral.inviter_id, "inviter")
        return [side for side in sides if reverse(referral.source(side[1]), self._tx) is not None]

    def returned(self, friend_id: int) -> None:
        """A purchase of a member counts no more that counted before."""
        referral = self._tx.referrals.of_friend(friend_id)
        if referral is None or referral.terms.needs != "purchase" or referral.met_at is None:
            return
        if self._tx.purchases.first_of(friend_id) is not None:
            return
        if referral.state is State.REVIEW:
            self._tx.referrals.update(replace(referral, state=State.OPEN, met_at=None))
        elif referral.state in (State.PAID, State.CAPPED) and self._waits(referral):
            for member_id, whom in self._reverse(referral):
                key, fields = f"referral_taken_back:{referral.source(whom)}", {"is_inviter": whom == "inviter"}
                self._tx.post(Post(ToMember(member_id), "referral_taken_back", key, fields))
            self._tx.referrals.update(replace(referral, state=State.OPEN, met_at=None))

    def met(self, referral: Referral) -> None:
        """The friend has done what they have to, in time: reward both, or let a moderator look at it first."""
        keys = self._tx.referrals.contact_keys
        if keys(referral.inviter_id) & keys(referral.friend_id):
            referral = referral.with_flags([Flag.SAME_CONTACT])
        referral = replace(referral, met_at=self._tx.now)
        if referral.needs_review():
            self._tx.referrals.update(replace(referral, state=State.REVIEW))
        else:
            self.pay(referral)

    def pay(self, referral: Referral) -> None:
        """Give both sides what they get, the inviter only as often as a period allows, and tell them."""
        terms, now = referral.terms, self._tx.now
        since, until = span_around(terms.per, local_date(now, self._tx.zone), self._tx.zone)
        rewarded = len(self._tx.referrals.paid(referral.inviter_id, since or _BEGINNING, until or _END))
        state = State.PAID if rewarded < terms.cap else State.CAPPED
        referral = replace(referral, state=state, version=referral.version + 1, met_at=now)
        self._tx.referrals.update(referral)
        self._count(referral)
        for member, whom in self._sides(referral):
            intent = referral.award(member, whom, now)
            award([intent], self._tx)
            if intent.points or intent.status:
                fields = {
                    "points": intent.points,
                    "status": intent.status,
                    "ripens_at": intent.ripens_at,
                    "is_inviter": whom == "inviter",
                    "needs": terms.needs,
                }
                self._tx.post(Post(ToMember(member.id), "referral_rewarded", f"referral:{intent.source}", fields))

    def _count(self, referral: Referral) -> None:
        """Count the friend for challenges, also where the inviter is rewarded for no more of them."""
        brought = Happened(
            counts=Counts.FRIENDS_BROUGHT, member_id=referral.inviter_id, at=self._tx.now, mark=_mark(referral)
        )
        Progress(self._tx).add(brought)

    def _sides(self, referral: Referral) -> Iterator[tuple[Member, str]]:
        """Yield who is rewarded, of those who have not left, and as what."""
        sides = [(referral.friend_id, "friend")]
        if referral.state is State.PAID:
            sides.append((referral.inviter_id, "inviter"))
        for member_id, whom in sides:
            member = self._tx.members.by_id(member_id)
            if member is not None and member.is_active:
                yield member, whom


def _mark(referral: Referral) -> str:
    return f"referral:{referral.id}"


def look_at_open(run: Run, tx: Transaction) -> str | None:
    """Reward the friends who have been active on enough days by now, and end what took too long."""
    waiting = tx.referrals.open(int(run.progress or 0), _AT_ONCE)
    rewarding = Rewarding(tx)
    for referral in waiting:
        if referral.terms.needs == "days" and _days_active(referral, tx) >= referral.terms.days:
            rewarding.met(referral)
        elif tx.now >= referral.ends_at():
            tx.referrals.update(replace(referral, state=State.OVER))
    return str(waiting[-1].id) if len(waiting) == _AT_ONCE else None


def _days_active(referral: Referral, tx: Transaction) -> int:
    """Return on how many local days the friend bought or wrote in the time they had, as far as it takes to know."""
    joined_on, ends_at = local_date(referral.joined_at, tx.zone), referral.ends_at()
    bought = tx.activity.purchases_at(referral.friend_id, _MOST_PURCHASES)
    days = {day for day in active_days((at for at in bought if at < ends_at), tx.zone) if day >= joined_on}
    last = None
    while len(days) < referral.terms.days:
        messages = tx.activity.messages(referral.friend_id, last, _MESSAGES_AT_ONCE)
        days |= active_days((at for at in messages.sent_at if at < ends_at), tx.zone)
        last = messages.last
        if last is None:
            break
    return len(days)


def until_looked_at(tx: Transaction) -> datetime | None:
    """Return from when on there is something to look at."""
    first = tx.referrals.first_open()
    return None if first is None else first + timedelta(microseconds=1)
