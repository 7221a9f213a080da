"""What a member is given once for all: for accepting the rules, and for an address or number that was proved."""

import re

from bot.ledger.ledger import Balances
from handlers.members.erasing import erase
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member, rows

SIGN_UP = {"points": 20, "status": 5}
PROFILE = {"points": 30, "status": 1}
ONCE = config(earning={"join": {"points": 0, "status": 0}, "sign_up": SIGN_UP, "profile": PROFILE})


async def _links(club: Club, name: str, kind: str, address: str) -> str:
    """Link an address at the till; return what the member hears of it."""
    asked = await club.say(name, f"/link {kind} {address}")
    code = re.search(r"till: ([0-9]{6})\n", asked)
    assert code, asked
    assert "now belongs to" in await club.say("kasia", f"/confirm {code[1]} {address}")
    [told] = [post for post in await club.posts() if "is linked" in post]
    return told


async def _unlinks(club: Club, name: str, kind: str) -> None:
    await club.say(name, f"/link {kind}")
    assert "is forgotten" in await club.press(name, "Forget it")


async def _staffed(club: Club) -> None:
    await club.join("olek")
    await club.join("kasia")
    await club.say("olek", "/role @kasia cashier")


async def test_accepting_the_rules_pays_once_in_private_too(empty: Address) -> None:
    async with open_club(empty, ONCE, inline=True) as club:
        assert "Accepting these rules brings 20 points and 5 status points once." in await club.say("ania", "/start")
        welcome = await club.press("ania", "Accept and join")
        assert "For joining you have 20 points and 5 status points." in welcome
        assert await balances(club, "ania") == Balances(points=20, status=5)
        history = await club.say("ania", "/history")
        assert "joining the programme, +20 points, +5 status points" in history
        [number] = re.findall("#([0-9]+)", history)
        assert "20 points and 5 status points once for accepting the rules" in await club.say("ania", f"/why {number}")
        await club.say("ania", "/leave")
        await club.press("ania", "Yes, leave")
        await club.say("ania", "/start")
        back = await club.press("ania", "Accept and join")
        assert back.startswith("Welcome back")
        assert "For joining" not in back
        assert await balances(club, "ania") == Balances(points=20, status=5)
    assert verify(empty).problems == []


async def test_who_accepts_in_a_group_gets_both_for_that_and_for_the_group(empty: Address) -> None:
    settings = config(earning={"sign_up": SIGN_UP})
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek")
        await club.set_up()
        await club.join("ania", space=SPACE)
        assert await balances(club, "ania") == Balances(points=20, status=5, pending=20, pending_status=20)


async def test_who_was_a_member_before_the_rule_gets_nothing_for_coming_back(empty: Address) -> None:
    async with open_club(empty, config(), inline=True) as club:
        assert "Accepting these rules" not in await club.say("ania", "/start")
        assert "For joining" not in await club.press("ania", "Accept and join")
        await club.say("ania", "/leave")
        await club.press("ania", "Yes, leave")
    async with open_club(empty, ONCE, inline=True) as club:
        club.event_prefix = "later"
        await club.join("ania")
        assert await balances(club, "ania") == Balances()


async def test_a_proved_address_pays_a_member_once_whatever_they_link_later(empty: Address) -> None:
    settings = ONCE.model_copy(
        update={"earning": ONCE.earning.model_copy(update={"sign_up": config().earning.sign_up})}
    )
    async with open_club(empty, settings, inline=True) as club:
        await _staffed(club)
        await club.join("ania")
        assert "brings 30 points and 1 status point once" in await club.say("ania", "/rules")
        told = await _links(club, "ania", "email", "ania@example.com")
        assert told.endswith("For that you have 30 points and 1 status point.")
        history = await club.say("ania", "/history")
        assert "linking your e-mail or phone, +30 points, +1 status point" in history
        [number] = re.findall("#([0-9]+)", history)
        assert "once for an e-mail address or phone number" in await club.say("ania", f"/why {number}")
        for kind, address in (("email", "ania@example.com"), ("email", "anna@example.com"), ("phone", "600 100 200")):
            if kind == "email":
                await _unlinks(club, "ania", kind)
            assert "For that" not in await _links(club, "ania", kind, address)
        assert await balances(club, "ania") == Balances(points=30, status=1)
    assert verify(empty).problems == []


async def test_the_same_address_pays_nobody_else(empty: Address) -> None:
    async with open_club(empty, ONCE, inline=True) as club:
        await _staffed(club)
        for name in ("ania", "bartek", "celina"):
            await club.join(name)
        assert "For that" in await _links(club, "ania", "email", "ania@example.com")
        await _unlinks(club, "ania", "email")
        assert "For that" not in await _links(club, "bartek", "email", "Ania@Example.com")
        await _unlinks(club, "bartek", "email")
        # Who has had theirs uses up the address, too.
        assert "For that" not in await _links(club, "ania", "phone", "600 100 200")
        await _unlinks(club, "ania", "phone")
        assert "For that" not in await _links(club, "celina", "phone", "+48 600 100 200")
        # Nothing stands in the way of an address of one's own.
        assert "For that" in await _links(club, "bartek", "email", "bartek@example.com")
        assert (await balances(club, "celina")).points == SIGN_UP["points"]


async def test_leaving_and_coming_back_pays_no_second_time(empty: Address) -> None:
    async with open_club(empty, ONCE, inline=True) as club:
        await _staffed(club)
        await club.join("ania")
        await _links(club, "ania", "email", "ania@example.com")
        await club.say("ania", "/leave")
        await club.press("ania", "Yes, leave")
        await club.join("ania")
        await _unlinks(club, "ania", "email")
        assert "For that" not in await _links(club, "ania", "email", "ania@example.com")
        assert await balances(club, "ania") == Balances(points=50, status=6)


async def test_who_is_erased_leaves_no_hash_of_an_address(empty: Address) -> None:
    async with open_club(empty, ONCE, inline=True) as club:
        await _staffed(club)
        await club.join("ania")
        await _links(club, "ania", "email", "ania@example.com")
        await _unlinks(club, "ania", "email")
        assert await rows(club, "SELECT kind FROM contact") == [("proved",)]
        ania = (await member(club, "ania")).id
        await club.database.write(lambda tx: erase(ania, tx.now, tx))
        assert await count(club, "contact") == 0
        assert "ania@example" not in str(await rows(club, "SELECT * FROM entry"))


async def test_nothing_is_noted_or_paid_while_the_rules_give_nothing(club: Club) -> None:
    await _links(club, "ania", "email", "ania@example.com")
    assert await rows(club, "SELECT kind FROM contact") == [("email",)]
    assert "profile" not in str(await rows(club, "SELECT reason FROM entry"))


async def test_it_is_said_in_polish(empty: Address) -> None:
    async with open_club(empty, ONCE, inline=True) as club:
        club.language = "pl"
        assert "Akceptacja tych zasad daje raz 20 punktów i 5 punktów statusu." in await club.say("ania", "/start")
        welcome = await club.press("ania", "Akceptuję i dołączam")
        assert "Za dołączenie masz 20 punktów i 5 punktów statusu." in welcome
        assert "dołączenie do programu" in await club.say("ania", "/history")


async def test_status_for_signing_up_and_for_the_profile_reaches_levels_at_once(empty: Address) -> None:
    earning = {"join": {"points": 0, "status": 0}, "sign_up": {"status": 100}, "profile": {"status": 155}}
    async with open_club(empty, config(earning=earning, levels={"enabled": True}), inline=True) as club:
        await _staffed(club)
        await club.join("ania")
        assert any("ania: You have reached level 1!" in post for post in await club.posts())
        code = re.search(r"till: ([0-9]{6})\n", await club.say("ania", "/link phone 600 100 200"))
        assert code is not None
        await club.say("kasia", f"/confirm {code[1]} 600 100 200")
        assert any("ania: You have reached level 2!" in post for post in await club.posts())
