"""Farming is bounded: invented accounts and endless talk gain what the limits allow, and cost others nothing."""

from datetime import timedelta

from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import member, rows
from tests.handlers.test_referrals import code_of, come, opened
from tests.reliability.effort import rounds

_UNSEEN = 3


async def _status(club: Club, name: str, reason: str) -> int:
    """Return how much status somebody got for one reason."""
    of = (await member(club, name)).id
    found = await rows(
        club,
        "SELECT COALESCE(SUM(e.points), 0) FROM entry e JOIN holder h ON h.id = e.holder_id "
        "WHERE e.unit = 'status' AND e.reason = ? AND h.member_id = ?",
        reason,
        of,
    )
    return int(found[0][0])


async def test_rings_and_raids_of_invented_accounts(copy_of_settled: Address) -> None:
    """Each member who was there before brings `review_over` friends in seven days before a moderator looks, and who was
    invited lately brings none unseen. So that many times what both sides get is all they gain, whatever their number.
    """
    honest, accounts = 2, rounds(16, 300)
    async with opened(copy_of_settled, needs="days", days=2, pending_days=0, review_over=_UNSEEN) as club:
        for number in range(honest):
            await come(club, f"good{number}", await code_of(club, "bartek"))
        names = ["ania"]
        for number in range(accounts):
            # Half of them raid one code; then each brings the next, and the last one means to bring the first.
            inviter = "ania" if number < accounts // 2 else names[-1]
            await come(club, f"alt{number}", await code_of(club, inviter))
            names.append(f"alt{number}")
        assert "member already" in await club.say("ania", f"/start {await code_of(club, names[-1])}")
        for _ in range(3):
            await club.chat(*names, *(f"good{number}" for number in range(honest)))
            await club.skip(days=1)
        gained = "SELECT SUM(points) FROM entry WHERE reason = 'referral' AND unit = 'points'"
        assert await rows(club, gained) == [((_UNSEEN + honest) * (50 + 50),)]
        assert await _status(club, "bartek", "referral") == honest * 50
        assert await _status(club, "ania", "referral") == _UNSEEN * 50
        assert "many friends in a short time" in await club.say("marta", "/referrals")


async def test_who_writes_every_second_gains_what_a_day_allows(copy_of_settled: Address) -> None:
    seconds, settings = rounds(3_600, 50_000), config()
    rule = settings.earning.message
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "f"
        begin = club.clock.now
        for first in range(0, seconds, 600):
            said = [club.message("ania", at=begin + timedelta(seconds=second)) for second in range(first, first + 600)]
            # The honest one writes once in ten minutes, between all of that.
            said.append(club.message("bartek", at=begin + timedelta(seconds=first + 300)))
            club.clock.now = begin + timedelta(seconds=first + 600)
            await club.app.take_part(said)
        assert await _status(club, "ania", "message") == rule.daily_cap * rule.status
        honest = min(rule.daily_cap, len(range(0, seconds, 600)))
        assert await _status(club, "bartek", "message") == honest * rule.status
    assert verify(copy_of_settled).problems == []


async def test_a_ring_that_reacts_to_itself_gains_what_pairs_allow(copy_of_settled: Address) -> None:
    alts, settings = [f"alt{number}" for number in range(rounds(6, 20))], config()
    rule = settings.earning.reaction
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "f"
        await club.join(*alts)
        said = [club.message(name) for name in (*alts, "bartek") for _ in range(rule.daily_pair_cap + 2)]
        await club.app.take_part(said)
        for message in said:
            others = [name for name in alts if name != message.person.username]
            await club.app.take_part([club.reaction(name, message, added=frozenset("👍")) for name in others])
        for name in alts:
            assert await _status(club, name, "reaction") == (len(alts) - 1) * rule.daily_pair_cap * rule.status
        assert await _status(club, "bartek", "reaction") == len(alts) * rule.daily_pair_cap * rule.status
    assert verify(copy_of_settled).problems == []
