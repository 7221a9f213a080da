"""One transaction as a handler sees it: every store over one connection at one instant."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from bot.calendar import local_date
from bot.config.config import Programme
from bot.events import Identity
from bot.members.members import Member
from bot.observing import Tally
from bot.replies import Post, Reply, Rows, Sending, ToSpace, are_news
from storage.answering.conversations import Conversations
from storage.answering.events import Events
from storage.boards.leaderboards import Leaderboards
from storage.boards.seasons import Seasons
from storage.boards.special_boards import SpecialBoards
from storage.challenges.badges import Badges
from storage.challenges.challenge_firsts import ChallengeFirsts
from storage.challenges.challenge_marks import ChallengeMarks
from storage.challenges.challenges import Challenges
from storage.challenges.contests import Contests
from storage.challenges.duels import Duels
from storage.challenges.meetups import Meetups
from storage.challenges.quizzes import Quizzes
from storage.earning.actions import Actions
from storage.earning.participation import ParticipationStore
from storage.earning.thanks import Thanks
from storage.engine.dialect import Connection
from storage.engine.once import Once
from storage.ledger.balances import Accounts
from storage.ledger.explaining import Explanations
from storage.ledger.ledger import Ledger
from storage.ledger.lots import LotKeeper
from storage.ledger.open_lots import OpenLots
from storage.ledger.rules import RuleVersions
from storage.ledger.seals import Seals
from storage.members.activity import Activity
from storage.members.aliases import Aliases
from storage.members.contacts import Contacts
from storage.members.erasures import Erasures
from storage.members.exporting import Exports
from storage.members.member_zones import MemberZones
from storage.members.members import Members
from storage.members.named import NamedMembers
from storage.members.openings import Openings
from storage.members.referrals import Referrals
from storage.members.roles import Roles
from storage.members.wrong_tries import WrongTries
from storage.operating.alerts import Alerts
from storage.operating.health import Health
from storage.operating.jobs import Jobs
from storage.operating.leases import Leases
from storage.operating.settings import Settings
from storage.outgoing.outbox import Outbox
from storage.purchases.codes import Codes
from storage.purchases.purchase_batches import PurchaseBatches
from storage.purchases.purchases import Purchases
from storage.purchases.shop_orders import ShopOrders
from storage.rewards.accesses import Accesses
from storage.rewards.coupon_links import CouponLinks
from storage.rewards.coupons import Coupons
from storage.rewards.gifts import Gifts
from storage.rewards.pictures import Pictures
from storage.rewards.pool_codes import PoolCodes
from storage.rewards.rewards import Rewards
from storage.rewards.stamps import Stamps
from storage.spaces.marks import Marks
from storage.spaces.pins import Pins
from storage.spaces.spaces import Spaces
from storage.tiers.levels import LevelsTold
from storage.tiers.status_months import StatusMonths
from storage.tiers.tiers import Tiers

T = TypeVar("T")
_NEWS_PART = 2
"""News of members go out on a day until a group has had one in so many of its posts; the rest is the club's own."""


class Transaction:
    """What a handler works with. `now` is the injected clock's instant when its turn came.

    `tally` is what is counted of it once it is committed.
    """

    def __init__(self, connection: Connection, now: datetime, programme: Programme) -> None:
        self._connection = connection
        self.now = now
        self.programme = programme
        self.tally: Tally = {}
        self._own = len(self.__dict__) + 1

    def within(self, work: Callable[["Transaction"], T]) -> T:
        """Run a function, and let go of what was made for it: some of that knows the transaction, and circles stay
        in memory until the garbage collector finds them.
        """
        try:
            return work(self)
        finally:
            made = self.__dict__
            while len(made) > self._own:
                made.popitem()

    def count(self, what: str, label: str, times: int = 1) -> None:
        """Note something in the tally."""
        self.tally[what, label] = self.tally.get((what, label), 0) + times

    @Once
    def zone(self) -> ZoneInfo:
        return self.programme.zone

    @Once
    def settings(self) -> Settings:
        return Settings(self._connection)

    @Once
    def leaderboards(self) -> Leaderboards:
        return Leaderboards(self._connection, self.settings, self.status_months, self.zone, self.now)

    @Once
    def special_boards(self) -> SpecialBoards:
        return SpecialBoards(self._connection)

    @Once
    def seasons(self) -> Seasons:
        return Seasons(self.settings)

    @Once
    def status_months(self) -> StatusMonths:
        return StatusMonths(self._connection, self.settings, self.zone)

    @Once
    def tiers(self) -> Tiers:
        return Tiers(self._connection, self.now)

    @Once
    def levels(self) -> LevelsTold:
        return LevelsTold(self._connection)

    @Once
    def marks(self) -> Marks:
        return Marks(self._connection, self.outbox)

    @Once
    def ledger(self) -> Ledger:
        keeper = LotKeeper(self._connection, self.programme, self.now)
        return Ledger(self._connection, keeper, lambda: self.leaderboards, self.now, self.count)

    @Once
    def lots(self) -> OpenLots:
        return OpenLots(self._connection, self.now)

    @Once
    def explanations(self) -> Explanations:
        return Explanations(self._connection, self.purchases, self.lots, self.coupons, self.gifts)

    @Once
    def accounts(self) -> Accounts:
        return Accounts(self._connection, lambda: self.coupons, lambda: self.gifts)

    @Once
    def aliases(self) -> Aliases:
        return Aliases(self._connection)

    @Once
    def badges(self) -> Badges:
        return Badges(self._connection, self.now)

    @Once
    def members(self) -> Members:
        return Members(self._connection, self.now)

    @Once
    def member_zones(self) -> MemberZones:
        return MemberZones(self._connection, self.now, self.zone)

    @Once
    def named(self) -> NamedMembers:
        return NamedMembers(self._connection)

    @Once
    def openings(self) -> Openings:
        return Openings(self._connection, self.now)

    @Once
    def roles(self) -> Roles:
        return Roles(self._connection, self.now)

    @Once
    def spaces(self) -> Spaces:
        return Spaces(self._connection, self.now)

    @Once
    def participation(self) -> ParticipationStore:
        return ParticipationStore(self._connection, self.now)

    @Once
    def purchases(self) -> Purchases:
        return Purchases(self._connection)

    @Once
    def purchase_batches(self) -> PurchaseBatches:
        return PurchaseBatches(self._connection)

    @Once
    def actions(self) -> Actions:
        return Actions(self._connection)

    @Once
    def activity(self) -> Activity:
        return Activity(self._connection)

    @Once
    def shop_orders(self) -> ShopOrders:
        return ShopOrders(self._connection, self.now)

    @Once
    def contacts(self) -> Contacts:
        return Contacts(self._connection, self.now)

    @Once
    def challenges(self) -> Challenges:
        return Challenges(self._connection, self.now)

    @Once
    def challenge_marks(self) -> ChallengeMarks:
        return ChallengeMarks(self._connection)

    @Once
    def duels(self) -> Duels:
        return Duels(self._connection, self.now)

    @Once
    def quizzes(self) -> Quizzes:
        return Quizzes(self._connection, self.now)

    @Once
    def challenge_firsts(self) -> ChallengeFirsts:
        return ChallengeFirsts(self._connection)

    @Once
    def codes(self) -> Codes:
        return Codes(self._connection, self.now)

    @Once
    def contests(self) -> Contests:
        return Contests(self._connection)

    @Once
    def meetups(self) -> Meetups:
        return Meetups(self._connection, self.now)

    @Once
    def rewards(self) -> Rewards:
        return Rewards(self._connection)

    @Once
    def pictures(self) -> Pictures:
        return Pictures(self._connection, self.now)

    @Once
    def coupons(self) -> Coupons:
        return Coupons(self._connection, self.now)

    @Once
    def coupon_links(self) -> CouponLinks:
        return CouponLinks(self._connection, self.now)

    @Once
    def accesses(self) -> Accesses:
        return Accesses(self._connection, self.now)

    @Once
    def gifts(self) -> Gifts:
        return Gifts(self._connection, self.now)

    @Once
    def thanks(self) -> Thanks:
        return Thanks(self._connection)

    @Once
    def pool_codes(self) -> PoolCodes:
        return PoolCodes(self._connection, self.settings)

    @Once
    def wrong_tries(self) -> WrongTries:
        return WrongTries(self._connection, self.now)

    @Once
    def stamps(self) -> Stamps:
        return Stamps(self._connection, self.now)

    @Once
    def referrals(self) -> Referrals:
        return Referrals(self._connection, self.now)

    @Once
    def conversations(self) -> Conversations:
        return Conversations(self._connection, self.now)

    @Once
    def erasures(self) -> Erasures:
        return Erasures(self._connection, self.settings)

    @Once
    def exports(self) -> Exports:
        return Exports(self._connection)

    @Once
    def events(self) -> Events:
        return Events(self._connection, self.now)

    @Once
    def alerts(self) -> Alerts:
        return Alerts(self._connection, self.now)

    @Once
    def health(self) -> Health:
        return Health(self._connection, self.now)

    @Once
    def leases(self) -> Leases:
        return Leases(self._connection, self.now)

    @Once
    def outbox(self) -> Outbox:
        return Outbox(self._connection, self.now)

    @Once
    def pins(self) -> Pins:
        return Pins(self._connection, self.now)

    @Once
    def jobs(self) -> Jobs:
        return Jobs(self._connection, self.now)

    @Once
    def seals(self) -> Seals:
        return Seals(self._connection, self.now)

    @Once
    def rules(self) -> RuleVersions:
        return RuleVersions(self._connection, self.now)

    def post(self, post: Post) -> None:
        """Queue a message to others, delivered after the commit. The same key twice is one message.

        Nothing is queued for a retired space, one who has left or one the bot may not write to.
        """
        if isinstance(post.to, ToSpace):
            counts = post.to.channel_id is None and not post.is_urgent
            most = self.programme.group_posts_per_day // (_NEWS_PART if are_news(post.fields) else 1)
            self._post_to_space(post, post.to, is_held=counts and not self._has_room(post.to.space_id, most))
            return
        member = self.members.by_id(post.to.member_id)
        if member is not None and member.is_active and member.is_reachable:
            about = post.template, post.fields, self.with_tokens(post.buttons, None)
            said = Reply(*about, language=member.language or "", picture=post.picture)
            self._queue(post, said, holder=(member.identity, member.holder_id))

    def post_if_room(self, post: Post) -> None:
        """Queue a message to a space, but not on a day on which that has got as many as it may, nor the day after."""
        assert isinstance(post.to, ToSpace)
        if self._has_room(post.to.space_id, self.programme.group_posts_per_day):
            self._post_to_space(post, post.to, is_held=False)

    def _post_to_space(self, post: Post, to: ToSpace, *, is_held: bool) -> None:
        space = self.spaces.by_id(to.space_id)
        if space.retired_at is not None:
            return
        about = post.template, post.fields, self.with_tokens(post.buttons, None)
        said = Reply(*about, language=space.language, picture=post.picture)
        room = to.channel_id, to.thread_id
        self._queue(post, said, space=(space.platform, space.id), is_held=is_held, room=room)

    def repost(self, post: Post) -> bool:
        """Change the message to a space that has this post's key to what it says now, or queue it if there is none.

        Return False where it is being sent this moment and keeps saying what it did. A change is no post of the day;
        the first one is, but is never held.
        """
        assert isinstance(post.to, ToSpace)
        space = self.spaces.by_id(post.to.space_id)
        if space.retired_at is not None:
            return True
        if not self.outbox.has(post.key):
            # In a digest it could not be edited, nor be pinned.
            self.participation.add_counts({self._posts_today(space.id): 1})
            self._post_to_space(post, post.to, is_held=False)
            return True
        return self.outbox.change(post.key, Reply(post.template, post.fields, language=space.language))

    def post_to_each(
        self, members: Iterable[Member], template: str, key: str, fields: Mapping[str, object], sending: Sending
    ) -> None:
        """Queue the same message to many members as `post` would; the keys are `key` and the member's id."""
        to = [member for member in members if member.is_active and member.is_reachable]
        self.outbox.add_to_each(Reply(template, fields), key, to, sending)

    def _queue(
        self,
        post: Post,
        message: Reply,
        *,
        space: tuple[str, int] | None = None,
        holder: tuple[Identity, int] | None = None,
        is_held: bool = False,
        room: tuple[str | None, str | None] = (None, None),
    ) -> None:
        about = post.key, post.sending, post.priority
        self.outbox.add(message, *about, space=space, holder=holder, is_held=is_held, room=room)

    def _has_room(self, space_id: int, most: int) -> bool:
        """Whether a space has had fewer posts today than so many; then this one is counted."""
        counted = self._posts_today(space_id)
        has_room = self.participation.counts([counted]).get(counted, 0) < most
        if has_room:
            self.participation.add_counts({counted: 1})
        return has_room

    def _posts_today(self, space_id: int) -> tuple[str, str]:
        return f"posts:{space_id}", local_date(self.now, self.zone).isoformat()

    def with_tokens(self, rows: Rows, person_key: str | None) -> Rows:
        """Return the buttons with a stored token each; one without an action needs none."""
        return tuple(
            tuple(
                button if not button.action else replace(button, token=self.conversations.show(button, person_key))
                for button in row
            )
            for row in rows
        )

    @contextmanager
    def savepoint(self, name: str = "nested") -> Iterator[None]:
        """Undo what is done inside if it raises."""
        self._connection.script(f"SAVEPOINT {name}")
        before = dict(self.tally)
        try:
            yield
            # What fails inside must fail here, also where statements are sent ahead.
            self._connection.settle()
        except BaseException:
            self.tally.clear()
            self.tally.update(before)
            self._connection.script(f"ROLLBACK TO {name}")
            self._connection.script(f"RELEASE {name}")
            self._forget()
            raise
        self._connection.script(f"RELEASE {name}")

    def _forget(self) -> None:
        """Let go of what was read or written so far: some of it may be undone."""
        for name, made in vars(type(self)).items():
            if isinstance(made, Once):
                self.__dict__.pop(name, None)
        self._connection.forget()
