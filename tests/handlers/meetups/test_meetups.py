"""Events: made in chat, checked in at by code once or once a day, within their time; what that counts for."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.purchases.one_time_codes import PAYLOAD, format_code, new_code
from handlers.members.erasing import erase
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge
from tests.handlers.looking import balances, count, labels, member, rows

COME: dict[str, Any] = {"counts": "check_ins", "repeat": "monthly", "starts": "2026-03-01"}
SETTINGS = config(
    challenge=[
        challenge(**COME, goal=2, title={"en": "Come twice", "pl": "Przyjdź dwa razy"}),
        challenge(**COME, id="streak", goal=2, kind="streak", every="week", title={"en": "Weekly", "pl": "Co tydzień"}),
    ],
    codes={"wrong_tries": 3},
)


async def made(club: Club, *answers: str, name: str = "Repair café") -> str:
    """Let marta make an event with these answers, pressed where there is such a button; return its code."""
    await club.say("marta", "/event new")
    said = await club.answer("marta", name)
    for given in answers:
        is_label = given in labels(club, "marta")
        said = await club.press("marta", given) if is_label else await club.answer("marta", given)
    found = re.search(r"Code: ([A-Z0-9-]{14})", said)
    assert found is not None, said
    return found[1]


async def test_many_events_are_listed_on_pages(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "t"
        names = [f"Repair café {number}" for number in range(1, 7)]
        for number, name in enumerate(names, 1):
            await made(club, f"2026-03-2{number} 18:00", "21:00", "Once", name=name)
        listed = [await club.say("marta", "/event list")]
        assert labels(club, "marta")[-1] == "Next"
        listed.append(await club.press("marta", "Next"))
        assert [name for said in listed for name in names if name in said] == names
        shows = [label for label in labels(club, "marta") if names[5] in label]
        assert "Code:" in await club.press("marta", shows[0])
        await club.say("marta", "/event list")
        onward = club.button("marta", "Next")
        await club.say("olek", "/role @marta none")
        assert "Only a moderator" in await club.press("marta", "", token=onward)


async def test_members_check_in_once_while_the_event_is_on(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "t"
        assert "Only a moderator can do that" in await club.say("ania", "/event new")
        await club.say("marta", "/event new")
        await club.answer("marta", "Repair café")
        assert "18:00" in await club.answer("marta", "at noon")
        await club.answer("marta", "2026-03-16 18:00")
        await club.answer("marta", "17:00")
        assert "before it begins on 16 Mar, 18:00" in await club.press("marta", "Once")
        await club.say("marta", "/cancel")

        code = await made(club, "18:00", "21:00", "Once")
        assert f"/checkin {code}" in club.shown["marta"].text
        assert "From 16 Mar, 18:00 to 16 Mar, 21:00; each member once." in club.shown["marta"].text
        assert "You can check in from 16 Mar, 18:00" in await club.say("ania", f"/checkin {code}")
        await club.skip(hours=10)
        plain = code.replace("-", "")
        assert "You are checked in: Repair café" in await club.say("ania", f"/checkin {plain.lower()}", SPACE)
        assert "It counts once." in await club.say("ania", f"/start {PAYLOAD}{plain}")
        assert "You are checked in: Repair café" in await club.say("bartek", f"/claim {code}")
        # Who has not joined is asked to, and is checked in then.
        await club.say("ewa", f"/start {PAYLOAD}{plain}")
        assert "You are checked in: Repair café" in await club.press("ewa", "Accept and join")
        assert "ania: A new badge: Event goer. All of yours: /badges" in await club.posts()
        assert "Repair café, 16 Mar, 18:00 to 16 Mar, 21:00: 3 members checked in" in await club.say(
            "marta", "/event list"
        )
        # What was said in time counts, also where the bot hears of it later.
        late = club.command("celina", f"/checkin {code}")
        await club.skip(hours=3)
        assert "You are checked in" in club.show("celina", await club.app.handle(late))
        assert "ended on 16 Mar, 21:00" in await club.say("darek", f"/checkin {code}")
        assert "1/2 check-ins at events" in await club.say("ania", "/challenges")

        # Wrong codes are counted with those of all kinds.
        answers = [await club.say("darek", f"/checkin {format_code(new_code())}") for _ in range(3)]
        assert "That was the last try for now" in answers[-1]
        assert "Too many wrong codes: 3" in await club.say("darek", f"/claim {code}")
        ania = await member(club, "ania")
        await club.database.write(lambda tx: erase(ania.id, tx.now, tx))
        assert await count(club, "check_in") == 3
        await club.skip(days=42)
        assert (await count(club, "check_in"), await count(club, "meetup")) == (0, 0)
        assert "No event is on" in await club.say("marta", "/event list")
    assert verify(copy_of_settled).problems == []


async def test_a_weekly_meeting_counts_once_a_day_and_can_be_ended(copy_of_settled: Address) -> None:
    async with open_club(copy_of_settled, SETTINGS, inline=True) as club:
        club.event_prefix = "t"
        await club.skip(minutes=1)
        code = await made(club, "Now", "30 days", "Once a day", name="Board games")
        for told in ("You are checked in: Board games", "It counts once a day."):
            assert told in await club.say("ania", f"/checkin {code}")
        await club.skip(days=7)
        assert "You are checked in" in await club.say("ania", f"/checkin {code}")
        await club.skip(minutes=2)
        posts = await club.posts()
        assert sum("Goal reached: Come twice" in post for post in posts) == 1
        assert sum("Goal reached: Weekly" in post for post in posts) == 1
        assert sum("Event goer" in post for post in posts) == 1
        await club.say("marta", "/event list")
        assert f"Code: {code}" in await club.press("marta", "Show: Board games")
        assert "So far: 1 member checked in." in club.shown["marta"].text
        await club.say("marta", "/event list")
        assert "Board games is over: 1 member checked in." in await club.press("marta", "End it")
        assert "Its code brings nothing any more" in await club.say("bartek", f"/checkin {code}")
        assert await rows(club, "SELECT COUNT(*) FROM check_in") == [(2,)]
        club.clock.now = datetime(2026, 4, 1, 6, tzinfo=UTC) + timedelta(minutes=1)
        await club.app.run_due()
        assert (await balances(club, "ania")).points >= 60
        await club.say("ania", "/language pl")
        assert "Kod już nic nie daje" in await club.say("ania", f"/checkin {code}")
    assert verify(copy_of_settled).problems == []


async def test_events_of_a_group_are_its_moderators_affair(club: Club) -> None:
    await club.say("marta", "/event new", SPACE)
    await club.answer("marta", "In the group", SPACE)
    for label in ("Now", "2 hours", "Once"):
        await club.press("marta", label, SPACE)
    code = re.search(r"Code: (\S+)", club.shown["marta"].text)
    assert code is not None
    await club.say("marta", "/event new")
    await club.answer("marta", "Of the club")
    for given in ("Now", "2027-12-31 18:00"):
        await (club.press("marta", given) if given == "Now" else club.answer("marta", given))
    assert "at most 366 days" in await club.press("marta", "Once")
    await club.say("marta", "/cancel")
    await club.say("marta", "/event new")
    await club.answer("marta", "Of the club")
    await club.press("marta", "Now")
    await club.press("marta", "Until midnight")
    await club.press("marta", "Once")
    assert "Of the club" not in await club.say("marta", "/event list", SPACE)
    assert "Of the club" in await club.say("marta", "/event list")
    await club.say("ania", "/event list")
    token = club.button("marta", "Show: Of the club")
    assert "Code:" not in await club.press("ania", "Show: Of the club", token=token)
