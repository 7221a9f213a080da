"""Joining by accepting the rules, and leaving."""

import pytest

from bot.earning.programme_rules import rules_version
from bot.events import SpaceRef
from bot.replies import Audience, Button
from storage.verify import verify
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, labels, member, rows

RULES = {"en": "Be kind. <b>Always</b>.", "pl": "Bądź miły."}


async def test_start_shows_the_rules_and_one_press_joins(empty_club: Club) -> None:
    said = await empty_club.say("ania", "/start")
    assert "Welcome to Bywalec!" in said
    assert "The rules in short" in said
    assert labels(empty_club, "ania") == ["Accept and join"]
    assert await count(empty_club, "member") == 0
    joined = await empty_club.press("ania", "Accept and join")
    assert joined.startswith("You are in, Ania!")
    card = (await member(empty_club, "ania")).card_number
    assert f"{card[:3]} {card[3:6]} {card[6:]}" in joined


async def test_joining_records_which_rules_when_and_where(empty_club: Club) -> None:
    club = empty_club
    await club.join("olek")
    await club.set_up()
    await club.skip(hours=1)
    await club.join("ania", space=SPACE)
    accepted = await rows(club, "SELECT rules_version, language, platform, space_id, accepted_at FROM acceptance")
    at = int(club.clock.now.timestamp() * 1_000_000)
    assert accepted[1] == (rules_version(club.config), "en", PLATFORM, 1, at)
    assert accepted[0][3] is None


@pytest.mark.parametrize("prefix", ["", "inv_"])
async def test_nothing_is_kept_of_what_leads_to_nobody(empty_club: Club, prefix: str) -> None:
    for name in ("ania", "bartek"):
        await empty_club.say(name, f"/start {prefix}PESEL90010112345")
    await empty_club.press("ania", "Accept and join")
    for table, column in (("button", "data"), ("handled", "reply")):
        assert not any("PESEL" in str(row) for row in await rows(empty_club, f"SELECT {column} FROM {table}"))
    assert await count(empty_club, "member") == 1
    assert await count(empty_club, "referral") == 0


async def test_a_button_of_an_earlier_version_leads_to_who_invited(empty_club: Club) -> None:
    await empty_club.join("bartek")
    code = (await empty_club.say("bartek", "/invite")).split("/start ")[1].split()[0]
    data = {"version": rules_version(empty_club.config), "invitation": code, "code": None}
    shown = Button("accept", "start.accept", data, audience=Audience.ANYONE)
    token = await empty_club.database.write(lambda tx: tx.conversations.show(shown, None))
    await empty_club.press("ania", "", token=token)
    assert await rows(empty_club, "SELECT inviter_id, friend_id FROM referral") == [(1, 2)]


async def test_starting_and_accepting_twice_joins_once(empty_club: Club) -> None:
    await empty_club.say("ania", "/start")
    accept = empty_club.button("ania", "Accept and join")
    await empty_club.press("ania", "", token=accept)
    assert "a member already" in await empty_club.press("ania", "", token=accept)
    assert "a member already" in await empty_club.say("ania", "/start")
    assert await count(empty_club, "member") == await count(empty_club, "acceptance") == 1


async def test_rules_that_changed_since_they_were_shown_are_shown_again(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        await club.join("bartek")
        code = (await club.say("bartek", "/invite")).split("/start ")[1].split()[0]
        await club.say("ania", f"/start {code}")
        accept = club.button("ania", "Accept and join")
    async with open_club(empty, config(programme={"rules": RULES}), inline=True) as club:
        club.event_prefix = "later"
        assert "Be kind." in await club.press("ania", "", token=accept)
        assert await count(club, "member") == 1
        await club.press("ania", "Accept and join")
        assert await rows(club, "SELECT inviter_id, friend_id FROM referral") == [(1, 2)]
        assert await rows(club, "SELECT rules_version FROM acceptance ORDER BY member_id DESC LIMIT 1") == [
            (rules_version(club.config),)
        ]
    assert verify(empty).problems == []


async def test_an_owners_own_rules_are_shown(empty: Address) -> None:
    async with open_club(empty, config(programme={"rules": RULES}), inline=True) as club:
        assert "Be kind. <b>Always</b>." in await club.say("ania", "/rules")
        assert "Bądź miły." in await club.say("ania", "/rules", person=club.person("ania", language="pl-PL"))


async def test_the_rules_name_tiers_and_stamp_cards_where_there_are_any(empty: Address) -> None:
    named = {"en": "Coffees", "pl": "Kawy"}
    tier = {"id": "silver", "name": {"en": "Silver", "pl": "Srebrny"}, "threshold": 150}
    card = {"id": "coffee", "title": named, "reward": named}
    settings = config(
        tier=[tier | {"multiplier": "1.1"}, tier | {"id": "first", "threshold": 100, "reward_discount": 5}],
        product=[{"id": "drinks", "name": {"en": "Drinks", "pl": "Napoje"}, "multiplier": "2", "skus": ["1"]}],
        stamp_card=[
            card | {"minimum_amount": "8.00"},
            card | {"id": "b", "product": "drinks"},
            card | {"id": "c", "by_purchase": False},
        ],
    )
    async with open_club(empty, settings, inline=True) as club:
        for said in (await club.say("ania", "/start"), await club.say("ania", "/rules")):
            lines = said.replace("\N{NO-BREAK SPACE}", " ").splitlines()
            stamps = "• Coffees. For a full card (10 stamps): Coffees. "
            asked = "A stamp for each purchase of which at least PLN 8.00 counts, at most 5 stamps a day."
            at = lines.index(stamps + asked)
            told = "A stamp for each of these where the shop tells what was bought: Drinks, at most 5 stamps a day."
            assert lines[at + 1] == stamps + told
            assert lines[at + 2] == f"{stamps}Stamps are given at the till, at most 5 stamps a day."
            at = lines.index("• Silver: 100 status points within a year; rewards cost 5 % less.")
            assert lines[at + 1] == "• Silver: 150 status points within a year; points for purchases × 1.1."
        polish = await club.say("ania", "/rules", person=club.person("ania", language="pl-PL"))
        assert "• Srebrny: 150 punktów statusu w ciągu roku; punkty za zakupy × 1,1." in polish
        assert "Stempelek za każdy zakup, z którego liczy się co najmniej" in polish


async def test_a_bot_cannot_join(empty_club: Club) -> None:
    robot = empty_club.person("robot", is_bot=True)
    await empty_club.say("robot", "/start", person=robot)
    event = empty_club.command("robot", "/start")
    token = empty_club.button("robot", "Accept and join") if labels(empty_club, "robot") else "none"
    from bot.events import ButtonPressed

    await empty_club.app.handle(ButtonPressed(event_id="c", at=event.at, place=event.place, person=robot, token=token))
    assert await count(empty_club, "member") == 0


async def test_leaving_asks_once_and_keeps_the_points(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    asked = await club.say("ania", "/leave")
    assert "Do you really want to leave Bywalec?" in asked
    assert "Your 50 points stay with your card" in asked
    assert "role" not in asked
    without = await club.say("kasia", "/leave")
    assert "points stay" not in without
    assert "Your role ends too; only the owner can give it again." in without
    assert labels(club, "ania") == ["Yes, leave", "No, stay"]
    assert await club.press("ania", "No, stay") == "Good, you stay."
    assert (await member(club, "ania")).is_active
    await club.say("ania", "/leave")
    assert "You have left Bywalec." in await club.press("ania", "Yes, leave")
    assert "That is for members" in await club.say("ania", "/balance")
    assert (await balances(club, "ania")).points == 50


async def test_coming_back_finds_card_and_points_and_accepts_the_rules_anew(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    before = (await member(club, "ania")).card_number
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    await club.say("ania", "/start")
    assert "Welcome back, Ania!" in await club.press("ania", "Accept and join")
    assert (await member(club, "ania")).card_number == before
    assert (await balances(club, "ania")).points == 50
    assert len(await rows(club, "SELECT * FROM acceptance WHERE member_id = 2")) == 2


async def test_leaving_and_returning_earns_no_second_award_for_joining(club: Club) -> None:
    await club.chat("ania")
    for _ in range(2):
        await club.say("ania", "/leave", SPACE)
        await club.press("ania", "Yes, leave", SPACE)
        await club.join("ania", space=SPACE)
    assert (await balances(club, "ania")).pending == 20


async def test_one_who_left_gets_no_private_posts(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 10 R-1")
    await club.posts()
    await club.say("ania", "/leave")
    await club.press("ania", "Yes, leave")
    await club.say("kasia", "/refund R-1")
    assert await club.posts() == []
    assert (await balances(club, "ania")).pending == 0


async def test_a_new_member_is_spoken_to_in_the_language_of_their_platform(empty_club: Club) -> None:
    club = empty_club
    said = await club.say("ania", "/start", person=club.person("ania", language="pl-PL"))
    assert "Witaj w programie Bywalec!" in said
    assert "Welcome" in await club.say("hans", "/start", person=club.person("hans", language="de"))


async def test_in_a_space_a_stranger_is_spoken_to_in_its_language(empty_club: Club) -> None:
    club = empty_club
    await club.join("olek")
    polish = SpaceRef(PLATFORM, "pl", "Polski klub")
    await club.say("olek", "/setup", polish)
    for label in ("Here", "Polski", "Mon", "09:00", "Save"):
        await club.press("olek", label, polish)
    assert "Witaj" in await club.say("ania", "/start", polish, person=club.person("ania", language="en"))


async def test_hostile_names_are_made_harmless(empty_club: Club) -> None:
    club = empty_club
    names = ["\u202egnp.exe", "a" * 200, "Z̷̢̛̩̗͎͇a̸l̴g̵o̶", "<b>x</b>", "\x00\n\r\t", "🙂" * 50, "**x**", "{{7*7}}", "\u200b", ""]
    for number, name in enumerate(names):
        person = club.person(f"p{number}", shown_as=name)
        await club.say(f"p{number}", "/start", person=person)
        token = club.button(f"p{number}", "Accept and join")
        from bot.events import ButtonPressed

        event = ButtonPressed(
            event_id=club.next_id(), at=club.clock.now, place=club.place(f"p{number}", None), person=person, token=token
        )
        said = club.show(f"p{number}", await club.app.handle(event))
        first = said.splitlines()[0]
        assert first.startswith("You are in, ")
        assert len(first) < 120
        assert not set(first) & set("\u202e\x00\r\t\u200b")
