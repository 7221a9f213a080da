"""The Telegram group of a tier or reward: who loses what it is for is told, and taken out of it a day later."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.config.config import Config
from bot.deeds import Removal
from bot.earning.versions import RuleBook
from bot.events import ButtonPressed, Command, Identity, JoinRequested, Person, Place, SpaceRef
from bot.members.cards import format_card_number
from bot.replies import Reply
from handlers.ports import DatabaseOutbox
from handlers.scheduler import run_due
from handlers.tiers.periods import tier_jobs
from messages.markup import PlainMarkup
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.tiers.test_tiers import tier

GROUP, OTHER = "-1001", "-1002"
LINK: dict[str, Any] = {"telegram_invite": "https://t.me/+abc"}
SILVER, GOLD = tier("silver", 50), tier("gold", 100, telegram_group=GROUP, **LINK)
ROOM = {"id": "room", "kind": "group", "cost": 10, "valid_days": 30, "name": {"en": "The room", "pl": "Pokój"}}
ROOM |= {"telegram_group": GROUP} | LINK
WARNED, OVER = datetime(2027, 3, 25, 9, tzinfo=UTC), datetime(2027, 4, 1, tzinfo=UTC)
"""When a tier that was reached in March 2026 is about to end, and has ended."""


class Guest:
    """Somebody on Telegram, in a private chat with the bot."""

    def __init__(self, club: Club, user_id: str) -> None:
        self._club = club
        self._person = Person(Identity("telegram", user_id), f"Guest {user_id}")
        self._place = Place("telegram", user_id)
        self._shown: list[Reply] = []
        self.card = ""

    def _about(self) -> dict[str, Any]:
        return {"event_id": self._club.next_id(), "at": self._club.clock.now, "person": self._person}

    async def says(self, text: str) -> str:
        head, *words = text.split()
        command = Command(name=head, words=tuple(words), place=self._place, **self._about())
        return self._show(await self._club.app.handle(command))

    async def presses(self) -> str:
        """Press the first button of what was last shown."""
        token = self._shown[0].buttons[0][0].token
        return self._show(await self._club.app.handle(ButtonPressed(place=self._place, token=token, **self._about())))

    def _show(self, replies: list[Reply]) -> str:
        self._shown = replies
        return "\n".join(self._club.renderer.render(reply, PlainMarkup()).text for reply in replies)

    async def joins(self) -> None:
        await self.says("start")
        await self.presses()
        self.card = str((await self._club.app.handle(self._asks_for_card()))[0].fields["card"]).replace(" ", "")

    def _asks_for_card(self) -> Command:
        return Command(name="card", words=(), place=self._place, **self._about())

    async def buys(self, amount: int) -> None:
        await self._club.say("olek", f"/purchase {self.card} {amount}")

    async def asks_to_join(self, group: str = GROUP) -> None:
        await self._club.app.handle(JoinRequested(place=Place("telegram", group), **self._about()))


def settings(*tiers: dict[str, Any], removes: bool = True, **sections: Any) -> Config:
    earning = {"purchase": {"pending_days": 0, "daily_cap_amount": "100000.00", "daily_cap_count": 100}}
    telegram = {"remove_from_groups": removes}
    return config(tier=list(tiers or (SILVER, GOLD)), earning=earning, telegram=telegram, **sections)


@asynccontextmanager
async def opened(where: Address, how: Config) -> AsyncIterator[tuple[Club, Guest]]:
    """Open a club whose owner is at the till, with a guest who has joined."""
    async with open_club(where, how, inline=True) as club:
        await club.join("olek")
        guest = Guest(club, "5")
        await guest.joins()
        yield club, guest


async def tiers_at(club: Club, at: datetime) -> None:
    club.clock.now = at
    await run_due(club.database, tier_jobs(club.config), club.config, RuleBook.of(club.config))


async def tiers_end(club: Club) -> None:
    """Let the tiers of March 2026 end, and take what was said until then."""
    await tiers_at(club, WARNED)
    await sent(club)
    await tiers_at(club, OVER)


async def sent(club: Club, how: Config | None = None) -> list[str | Removal]:
    """Take what is due on Telegram; return what is said, and who is taken out of what."""
    outbox = DatabaseOutbox(club.database, how or club.config)
    posts = (await outbox.claim("telegram", "me", 100)).posts
    for post in posts:
        if post.deed is None:
            await outbox.sent(post.id, "1")
        else:
            await outbox.done(post.id, ())
    said = [club.renderer.render(post.reply, PlainMarkup()).text for post in posts if post.deed is None]
    return [*said, *(post.deed for post in posts if isinstance(post.deed, Removal))]


async def a_day_later(club: Club) -> list[str | Removal]:
    club.clock.now += timedelta(days=1)
    return await sent(club)


async def test_whose_tier_ends_is_warned_told_and_taken_out_a_day_later(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        await guest.buys(120)
        await sent(club)
        await tiers_at(club, WARNED)
        [warned] = await sent(club)
        assert str(warned).endswith(" Otherwise you continue with Silver. Its own group is only for those who hold it.")
        await tiers_at(club, OVER)
        [told] = await sent(club)
        assert "Gold has ended. You have Silver now" in str(told)
        assert "Its own group is only for those who hold it: tomorrow you will be taken out of it." in str(told)
        club.clock.now += timedelta(hours=23)
        assert await sent(club) == []
        club.clock.now += timedelta(hours=1)
        assert await sent(club) == [Removal(GROUP)]
        assert await a_day_later(club) == []


async def test_who_reaches_the_tier_again_within_that_day_stays(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        await guest.buys(120)
        await tiers_end(club)
        await guest.buys(110)
        assert "You have reached Gold" in str((await sent(club))[-1])
        assert await a_day_later(club) == []


async def test_who_may_be_there_by_another_tier_or_a_reward_stays(empty: Address) -> None:
    shared = tier("silver", 50, telegram_group=GROUP), tier("gold", 100, telegram_group=GROUP, **LINK)
    async with opened(empty, settings(*shared)) as (club, guest):
        await guest.buys(120)
        await tiers_end(club)
        assert "Gold has ended" in str((await sent(club))[-1])
        assert await a_day_later(club) == []


async def test_a_reward_opens_the_group_until_it_is_over_unless_a_tier_does(empty: Address) -> None:
    async with opened(empty, settings(SILVER, GOLD, reward=[ROOM])) as (club, guest):
        await guest.buys(60)
        other = Guest(club, "6")
        await other.joins()
        await other.buys(120)
        for one in (guest, other):
            await one.says("redeem room")
            assert "The room is yours" in await one.presses()
        await sent(club)
        await club.skip(days=31)
        told = [str(post) for post in await sent(club) if "The room has ended" in str(post)]
        assert ["tomorrow you will be taken out of it" in text for text in told] == [True, False]
        assert "please leave" not in told[1]
        assert await a_day_later(club) == [Removal(GROUP)]


async def test_staff_and_owners_stay(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        boss, waiter = Guest(club, "7"), Guest(club, "8")
        for one in (boss, waiter):
            await one.joins()
            await one.buys(120)
        await guest.buys(120)
        await club.say("olek", f"/role {waiter.card} cashier")
        await tiers_end(club)
        told = [str(post) for post in await sent(club)]
        assert ["group" in text for text in told] == [True, False, False]
        # Who comes to work here on that very day stays as well.
        await club.say("olek", f"/role {guest.card} cashier")
        assert [post for post in await a_day_later(club) if isinstance(post, Removal)] == []


async def test_without_the_setting_they_are_asked_to_leave(empty: Address) -> None:
    async with opened(empty, settings(removes=False)) as (club, guest):
        await guest.buys(120)
        await tiers_end(club)
        [told] = await sent(club)
        assert "Its own group is only for those who hold it: please leave the group." in str(told)
        assert await a_day_later(club) == []
        assert "taken out" not in await guest.says("leave")


async def test_who_was_to_be_taken_out_stays_where_that_is_switched_off_meanwhile(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        await guest.buys(120)
        await tiers_end(club)
        await sent(club)
        club.clock.now += timedelta(days=1)
        assert await sent(club, settings(removes=False)) == []


async def test_who_leaves_the_programme_is_taken_out_at_once(empty: Address) -> None:
    platinum = tier("platinum", 1000, telegram_group=OTHER)
    async with opened(empty, settings(SILVER, GOLD, platinum)) as (club, guest):
        await guest.buys(1200)
        await tiers_end(club)
        assert "Platinum has ended. You have Gold now" in str((await sent(club))[0])
        assert "You will also be taken out of the groups that your tier" in await guest.says("leave")
        await guest.presses()
        assert await sent(club) == [Removal(GROUP)]
        assert await a_day_later(club) == [Removal(OTHER)]


async def test_who_comes_back_before_it_is_done_stays(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        await guest.buys(120)
        await sent(club)
        await guest.says("leave")
        await guest.presses()
        await guest.joins()
        assert await sent(club) == []


async def test_what_the_platform_refuses_is_tried_again_every_morning(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        await guest.buys(120)
        await tiers_end(club)
        await sent(club)
        club.clock.now += timedelta(days=1)
        outbox, begun = DatabaseOutbox(club.database, club.config), club.clock.now
        [post] = (await outbox.claim("telegram", "me", 100)).posts
        assert await outbox.begin("telegram", "me", post.id)
        await outbox.refused(post.id, "not enough rights to restrict/unrestrict chat member")
        since = begun - timedelta(minutes=1)
        assert await club.database.read(lambda tx: tx.health.refused_since(since)) == {"telegram": 1}
        assert await sent(club) == []
        await club.skip(days=1)
        assert Removal(GROUP) in await sent(club)
        assert await club.database.read(lambda tx: tx.marks.any_not_taken_out()) is False


async def refused(club: Club) -> list[str]:
    """Let the platform refuse whatever is to be done in groups; return what the owner is told."""
    outbox = DatabaseOutbox(club.database, club.config)
    for post in (await outbox.claim("telegram", "me", 100)).posts:
        if isinstance(post.deed, Removal):
            await outbox.refused(post.id, "bot was kicked from the supergroup chat")
        else:
            await outbox.sent(post.id, "1")
    return [post for post in await club.posts() if "could not be taken out" in post]


async def test_after_a_week_of_refusals_the_owner_is_told_once_who_is_still_there(empty: Address) -> None:
    async with opened(empty, settings(privacy={"keep_posts_days": 1})) as (club, guest):
        back, other = Guest(club, "6"), Guest(club, "8")
        for one in (back, other):
            await one.joins()
        for one in (guest, back, other):
            await one.buys(120)
        await tiers_end(club)
        club.clock.now += timedelta(days=1)
        for _ in range(7):
            assert await refused(club) == []
            assert await club.database.read(lambda tx: tx.marks.any_not_taken_out()) is True
            await club.skip(days=1)
        await back.buys(120)
        told = await refused(club)
        await club.skip(days=1)
        told += await refused(club)
        cards = ", ".join(format_card_number(one.card) for one in (guest, other))
        assert told == [
            "olek: ⚠️ Members could not be taken out of groups for a week: 2. The bot does not try it any more: "
            "take them out by hand. This says what stands in the way: run_bot.py check\n"
            f"Group {GROUP}, card numbers: {cards}"
        ]
        await club.skip(days=3)
        assert await refused(club) == []
        assert await club.database.read(lambda tx: tx.marks.any_not_taken_out()) is False


async def test_nobody_has_to_leave_a_group_that_was_set_up_for_everybody(empty: Address) -> None:
    async with opened(empty, settings(SILVER, GOLD, reward=[ROOM])) as (club, guest):
        await guest.buys(160)
        await guest.says("redeem room")
        await guest.presses()
        assert "taken out of the groups" in await guest.says("leave")
        await club.set_up(SpaceRef("telegram", GROUP, "The club"))
        assert "taken out of the groups" not in await guest.says("leave")
        await sent(club)
        await club.skip(days=31)
        [over] = [str(post) for post in await sent(club) if "The room has ended" in str(post)]
        assert over == "The room has ended. /rewards shows how to get it again."
        await tiers_at(club, WARNED)
        [warned] = [str(post) for post in await sent(club) if "Gold is yours until" in str(post)]
        await tiers_at(club, OVER)
        [told] = [str(post) for post in await sent(club) if "Gold has ended" in str(post)]
        assert "group" not in warned + told
        assert await a_day_later(club) == []


async def test_who_was_to_be_taken_out_stays_where_the_group_is_set_up_meanwhile(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        await guest.buys(120)
        await tiers_end(club)
        assert "tomorrow you will be taken out" in str((await sent(club))[0])
        await club.set_up(SpaceRef("telegram", GROUP, "The club"))
        assert await a_day_later(club) == []


async def test_who_lost_it_is_let_in_no_more(empty: Address) -> None:
    async with opened(empty, settings()) as (club, guest):
        await guest.buys(120)
        await guest.asks_to_join()
        posts = (await DatabaseOutbox(club.database, club.config).claim("telegram", "me", 100)).posts
        assert [type(post.deed).__name__ for post in posts if post.deed is not None] == ["Admission"]
        await tiers_end(club)
        await sent(club)
        await guest.asks_to_join()
        assert "That group is for those who hold Gold" in str((await sent(club))[0])
