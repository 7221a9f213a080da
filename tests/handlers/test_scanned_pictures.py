"""What a camera reads off the pictures with a code, and where that leads whoever scans it."""

import re
from dataclasses import replace
from typing import Any

from bot.events import ButtonPressed, Identity, Person, Place
from bot.replies import Reply
from messages.render import Renderer
from storage.verify import verify
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import count
from tests.scanning import scanned

BOT = "bywalec_bot"
# What Telegram hands over from such a link, and passes by if it has anything else in it.
LINK = re.compile(rf"https://t\.me/{BOT}\?start=([A-Za-z0-9_-]{{1,64}})")


async def _read(club: Club, reply: Reply, bot_name: str | None = BOT) -> str:
    """Return what the picture of an answer says to a camera, where the bot is called so on Telegram."""
    renderer = Renderer(club.config)
    renderer.bot_name = bot_name
    drawn = await renderer.draw(reply)
    assert drawn is not None
    return scanned(drawn.png)


async def _payload(club: Club, reply: Reply) -> str:
    said = await _read(club, reply)
    found = LINK.fullmatch(said)
    assert found is not None, said
    return found[1]


async def _event(club: Club) -> Reply:
    """Return what marta is shown of an event that she made."""
    await club.say("marta", "/event new")
    await club.answer("marta", "Repair café")
    for label in ("Now", "30 days"):
        await club.press("marta", label)
    event_id, token = club.next_id(), club.button("marta", "Once")
    place, person = club.place("marta", None), club.person("marta")
    pressed = ButtonPressed(event_id=event_id, at=club.clock.now, place=place, person=person, token=token)
    (reply,) = await club.app.handle(pressed)
    return reply


async def test_who_scans_an_invitation_is_brought_by_its_member(club: Club) -> None:
    (reply,) = await club.app.handle(club.command("ania", "/invite"))
    payload = await _payload(club, reply)
    assert "You come by invitation" in await club.say("zosia", f"/start {payload}")
    await club.press("zosia", "Accept and join")
    assert "So far 1 friend joined" in await club.say("ania", "/invite")
    # Without a name of the bot there is the code, which /start takes too.
    code = await _read(club, reply, bot_name=None)
    assert payload == f"inv_{code}"
    assert "You come by invitation" in await club.say("jan", f"/start {code}")


async def test_an_invitation_of_discord_has_the_link_into_its_server(copy_of_settled: Address) -> None:
    settings = config(discord={"invite_url": "https://discord.gg/cups?event=1"})
    async with open_club(copy_of_settled, settings, inline=True) as club:
        club.event_prefix = "r"
        about: dict[str, Any] = {"person": Person(Identity("discord", "11"), "Ewa"), "place": Place("discord", "dm")}
        club.show("ewa", await club.app.handle(replace(club.command("ewa", "/start"), **about)))
        token = club.button("ewa", "Accept and join")
        await club.app.handle(ButtonPressed(event_id="r-yes", at=club.clock.now, token=token, **about))
        (reply,) = await club.app.handle(replace(club.command("ewa", "/invite"), **about))
        link = await _read(club, reply)
        assert re.fullmatch(r"https://discord\.gg/cups\?event=1&start=inv_[A-Z0-9]+", link), link
        assert "You come by invitation" in await club.say("zosia", f"/start {link}")
    assert verify(copy_of_settled).problems == []


async def test_who_scans_the_code_at_the_door_is_checked_in(club: Club) -> None:
    reply = await _event(club)
    payload = await _payload(club, reply)
    assert "You are checked in: Repair café" in await club.say("ania", f"/start {payload}")
    command = await _read(club, reply, bot_name=None)
    assert command.startswith("/checkin ")
    assert "You are checked in: Repair café" in await club.say("bartek", command)
    assert await count(club, "check_in") == 2


async def test_a_cashier_who_scans_a_card_serves_its_member(club: Club) -> None:
    (reply,) = await club.app.handle(club.command("ania", "/card"))
    assert "Ania" in await club.say("kasia", f"/start {await _payload(club, reply)}")
