"""Awarding badges by rules, in the transaction of what brings them, and telling of them once."""

from collections.abc import Sequence
from datetime import datetime

from bot.challenges.badges import BY_ACTIVITY, Badge, Counts, for_events, offered, reached
from bot.config.config import Config
from bot.members.members import Member
from bot.replies import Post, ToMember
from handlers.badges.counting import actions_done, done
from handlers.spaces.news import tell_groups
from storage.transaction import Transaction


class Awarding:
    """Awards badges, in one transaction.

    A badge is told of in the transaction that awards it, so there is none that was never told: a refund, which may
    leave fewer purchases than it took, takes no badge away. Purchases count as they stand when one is added, so that
    buying and giving back many times over brings none.
    """

    def __init__(self, tx: Transaction, config: Config) -> None:
        self._tx = tx
        self._offered = offered(config.badge)
        self._for_events = for_events(config.badge)

    def bought(self, member: Member) -> None:
        """A purchase of the member counts that did not count before."""
        missing = self._missing(member, Counts.PURCHASES)
        if missing:
            most = max(badge.goal for badge in missing)
            self._award_for(member, missing, Counts.PURCHASES, self._tx.purchases.count(member.id, most))

    def acted(self, member: Member, action: str) -> None:
        """The member did an action of the config."""
        for badge in self._missing(member, Counts.ACTIONS):
            if action in badge.actions:
                self._award_for(member, [badge], Counts.ACTIONS, actions_done(badge, member, self._tx))

    def checked_in(self, member: Member) -> None:
        """The member checked in at an event."""
        badge = self._for_events
        if badge is not None and badge.id not in self._tx.badges.known(member.id):
            self.award(member, [badge])

    def thanked(self, member: Member) -> None:
        """The member was thanked."""
        missing = self._missing(member, Counts.THANKS)
        if missing:
            most = max(badge.goal for badge in missing)
            self._award_for(member, missing, Counts.THANKS, self._tx.thanks.in_all(member.id, most))

    def came_to(self, member: Member, counts: Counts) -> None:
        """The member came to something by the calendar: first places of a week, seasons and places in them."""
        self._award_for(member, self._missing(member, counts), counts, 1)

    def was_active(self, member: Member, at: datetime) -> None:
        """The member was active before an instant: award what days in a row, messages and the like bring."""
        missing = [badge for counts in BY_ACTIVITY for badge in self._missing(member, counts)]
        self.award(member, [badge for badge in missing if done(badge, member, at, self._tx) == badge.goal])

    def _missing(self, member: Member, counts: Counts) -> list[Badge]:
        badges = [badge for badge in self._offered if badge.counts is counts]
        had = self._tx.badges.known(member.id) if badges else set()
        return [badge for badge in badges if badge.id not in had]

    def _award_for(self, member: Member, missing: Sequence[Badge], counts: Counts, amount: int) -> None:
        self.award(member, reached(missing, counts, amount, ()))

    def award(self, member: Member, badges: Sequence[Badge]) -> None:
        """Award those of the badges that the member never had, and tell of them together."""
        if member.is_active:
            tell(member, [badge for badge in badges if self._tx.badges.award(member.id, badge)], self._tx)


def tell(member: Member, badges: Sequence[Badge], tx: Transaction, mark: str = "") -> None:
    """Tell a member of new badges, and their groups if they chose so and stand on public boards.

    `mark` tells this time from another one at which they got the same.
    """
    if not badges:
        return
    key = f"badges:{member.id}:{badges[0].id}:{badges[0].level}{mark}"
    shown = [badge.plain() for badge in badges]
    tx.post(Post(ToMember(member.id), "badges_received", key, {"badges": shown}))
    tell_groups(member, "badges_of_member", key, {"badges": shown}, tx)
