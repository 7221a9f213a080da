"""Codes by mail: a member proves an address with one, nobody else can, and no address is kept."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from adapters.mail.check import check
from adapters.mail.sending import MailSender
from bot.config.earning import Earning
from bot.config.section import Section
from bot.config.smtp import SmtpSettings
from bot.mail import code_in, mailable
from handlers.members.erasing import erase
from handlers.ports import DatabaseOutbox
from messages.render import Renderer
from storage.schema import metadata
from storage.verify import verify
from tests.adapters.telegram.running import until
from tests.adapters.web.hooks import Mall, open_mall, with_shops
from tests.databases import Address
from tests.handlers.looking import balances, count, labels, member, rows
from tests.platforms.mail import MailServer
from tests.platforms.shops import signed


@dataclass
class Post:
    """The club, its mail server, and the sender between them."""

    mall: Mall
    server: MailServer
    sender: MailSender = field(init=False)

    def __post_init__(self) -> None:
        self.sender = self.new_sender()

    def new_sender(self) -> MailSender:
        """Return a sender that has not begun."""
        club = self.mall.club
        settings = SmtpSettings.model_validate(self.server.settings)
        outbox, renderer = DatabaseOutbox(club.database), Renderer(club.config)
        return MailSender(settings, outbox, renderer, club.clock, self.mall.metrics)

    async def code(self, said: str, name: str = "ania") -> str:
        """Let a member ask for a code; return the one that arrives."""
        before = len(self.server.mails)
        answer = await self.mall.club.say(name, said)
        assert "A code of six digits is on its way" in answer, answer
        await until(lambda: len(self.server.mails) > before)
        return str(self.server.mails[-1]["Subject"])[:6]

    async def told(self, figure: str) -> None:
        """Wait for a figure."""
        await until(lambda: figure.encode() in self.mall.metrics.page(None, None, ()))

    async def order(self, number: str, **about: Any) -> str:
        """Let the web shop tell of an order; return what came of it."""
        at = self.mall.club.clock.now
        content = {"order": number, "paid": "50.00", "currency": "PLN", "updated_at": at.isoformat()}
        content |= {"occurred_at": (at - timedelta(hours=1)).isoformat()} | about
        return (await self.mall.call("generic", signed("generic", content, at)))[1]

    async def holds(self, text: str) -> list[str]:
        """Return the tables in which a text stands."""
        names = [table.name for table in metadata.sorted_tables]
        return [name for name in names if text in str(await rows(self.mall.club, f"SELECT * FROM {name}"))]


@asynccontextmanager
async def open_post(where: Address, **sections: Section) -> AsyncIterator[Post]:
    """Open a club over a database, with mail."""
    async with MailServer() as server:
        sections |= {"smtp": SmtpSettings.model_validate(server.settings)}
        settings = with_shops().model_copy(update=sections)
        async with open_mall(where, settings) as mall:
            post = Post(mall, server)
            try:
                yield post
            finally:
                await post.sender.stop()


async def test_a_member_proves_an_address_by_the_code_that_comes_there(copy_of_settled: Address) -> None:
    async with open_post(copy_of_settled) as post:
        club = post.mall.club
        assert await post.order("1", email="Ania@example.com") == "waiting"
        await post.sender.start()
        first = await post.code("/link email ania@example.com")
        code = await post.code("/link email Ania@Example.com")
        mail = post.server.mails[-1]
        assert (post.server.to[-1], mail["To"], mail["From"]) == (
            "Ania@Example.com", "Ania@Example.com", "Bywalec <club@example.org>",
        )  # fmt: skip
        assert mail["Subject"] == f"{code} is your code for Bywalec"
        assert f"Your code: {code}\r\n" in mail.get_content()
        await post.told('outcome="sent",platform="mail"} 2.0')
        assert await post.holds("…@Example.com") == ["button", "handled", "mailed_code"]
        assert await post.holds("nia@") == []
        assert await post.holds(f'"{code}"') == []
        # Neither the one before nor anybody else's code does.
        assert "That is not the code that went to An…@Example.com. Tries left: 4" in await club.say(
            "ania", f"/link email {first if first != code else '000000'}"
        )
        assert "No code is open" in await club.say("bartek", f"/link email {code}")
        linked = await club.press("ania", "Type the code", text=f" {code[:3]} {code[3:]}")
        assert linked == (
            "An…@Example.com is linked: orders that name it count for you from now on. "
            "Orders that were waiting for you: 1."
        )
        assert (await balances(club, "ania")).pending == 50
        assert "No code is open" in await club.say("ania", f"/link email {code}")
        assert await post.order("2", email="ania@example.com") == "recorded"
        assert "Another member has linked" in await club.say(
            "bartek", f"/link email {await post.code('/link email ania@example.com', 'bartek')}"
        )
    assert verify(copy_of_settled).problems == []


async def test_a_code_by_mail_brings_once_what_a_complete_profile_does(copy_of_settled: Address) -> None:
    earning = Earning.model_validate({"profile": {"points": 30}})
    async with open_post(copy_of_settled, earning=earning) as post:
        club = post.mall.club
        await post.sender.start()
        linked = await club.say("ania", f"/link email {await post.code('/link email ania@example.com')}")
        assert linked.endswith("from now on. For that you have 30 points.")
        await club.say("ania", "/link email")
        assert "is forgotten" in await club.press("ania", "Forget it")
        again = await post.code("/link email ania@example.com", "bartek")
        assert (await club.say("bartek", f"/link email {again}")).endswith("from now on.")
        assert [(await balances(club, name)).points for name in ("ania", "bartek")] == [30, 0]
    assert verify(copy_of_settled).problems == []


async def test_no_address_and_no_member_gets_more_than_three_mails_a_day(copy_of_settled: Address) -> None:
    async with open_post(copy_of_settled) as post:
        club = post.mall.club
        await post.sender.start()
        for name in ("ania", "bartek", "darek"):
            await post.code("/link email ania@example.com", name)
        assert (await club.say("celina", "/link email ania@example.com")).startswith(
            "Enough codes went out by mail today, so a cashier confirms the address. Show this code at the till:"
        )
        for _ in range(2):
            await post.code("/link email bartek@example.com", "bartek")
        assert "Enough codes went out" in await club.say("bartek", "/link email bartek2@example.com")
        await club.skip(days=1)
        await post.code("/link email bartek@example.com", "bartek")


async def test_who_guesses_has_to_wait_and_who_waits_too_long_asks_anew(copy_of_settled: Address) -> None:
    async with open_post(copy_of_settled) as post:
        club = post.mall.club
        event = club.command("ania", "/link email ania@example.com")
        for _ in range(2):
            club.show("ania", await club.app.handle(event))
        assert labels(club, "ania") == ["Type the code", "At the till instead"]
        assert "Write the six digits" in await club.press("ania", "Type the code")
        await post.sender.start()
        await until(lambda: bool(post.server.mails))
        code = str(post.server.mails[0]["Subject"])[:6]
        wrong = f"{(int(code) + 1) % 10**6:06}"
        for left in range(4, -1, -1):
            said = await club.say("ania", f"/link email {wrong}")
            assert (f"Tries left: {left}." if left else "the last try for now") in said
        assert "Too many wrong codes" in await club.say("ania", f"/link email {code}")
        await club.skip(hours=1)
        assert "No code is open" in await club.say("ania", f"/link email {code}")
        # Whoever would rather does it at the till.
        await post.code("/link email ania@example.com")
        shown = await club.press("ania", "At the till instead")
        [at_till] = re.findall(r"till: ([0-9]{6})\n", shown)
        assert "now belongs to Ania" in await club.say("kasia", f"/confirm {at_till} ania@example.com")
        assert len(post.server.mails) == 2


async def test_no_address_outlives_its_mail(copy_of_settled: Address) -> None:
    async with open_post(copy_of_settled) as post:
        club = post.mall.club
        await club.say("ania", "/link email ania@example.com")
        await club.say("bartek", "/link email bartek@example.com")
        await club.say("celina", "/link email celina@example.com")
        assert await post.holds("nia@example.com") == ["outbox"]
        bartek = (await member(club, "bartek")).id
        await club.database.write(lambda tx: erase(bartek, tx.now, tx))
        assert await post.holds("bartek@example.com") == []
        refusals = {"ania@example.com": "550 No such mailbox", "celina@example.com": "450 Try again later"}
        post.server.refusals |= refusals
        await post.sender.start()
        await post.told('outcome="later",platform="mail"')
        await post.told('error="SMTP 550",platform="mail"')
        assert await post.holds("nia@example.com") == []
        assert await post.holds("lina@example.com") == ["outbox"]
        await post.sender.stop()
        # Nobody sends it any more: the night drops it, and what was counted goes a day later.
        await club.skip(days=1)
        assert await post.holds("lina@example.com") == []
        await club.skip(days=1)
        assert await count(club, "mailed_code") == 0
        await club.say("darek", "/link email darek@example.com")
        club.clock.now += timedelta(minutes=31)
        post.sender = post.new_sender()
        await post.sender.start()
        await post.told('error="its code is over",platform="mail"')
        assert await post.holds("darek@example.com") == []
        assert post.server.mails == []


async def test_the_check_says_what_the_mail_server_wants() -> None:
    async with MailServer() as server:

        async def said(**about: object) -> str:
            [finding] = await check(SmtpSettings.model_validate(server.settings | about))
            return f"{finding.level}: {finding.text}"

        assert await said() == "ok: Mail: the server 127.0.0.1 takes us. Codes go out from club@example.org."
        wrong = await said(password="another-password")
        assert "problem: Mail: the server 127.0.0.1 refuses smtp.username and smtp.password" in wrong
        assert "another-password" not in wrong
        assert 'does not do smtp.security = "starttls"' in await said(security="starttls")
        assert 'does not do smtp.security = "tls"' in await said(security="tls")
    assert "could not reach 127.0.0.1" in await said()
    assert await check(SmtpSettings()) == []


@pytest.mark.parametrize(
    "address",
    [
        "a,b@example.com",
        "a@b@example.com",
        "<a>@example.com",
        "a\n@example.com",
        "ą@example.com",
        "a@example",
        "a.@x.pl",
    ],
)
def test_what_could_break_a_header_gets_no_mail(address: str) -> None:
    assert mailable(address) is None
    assert mailable(" first.last+club@shop.example.co.uk ") == "first.last+club@shop.example.co.uk"


def test_a_code_is_taken_as_people_type_it() -> None:
    assert {code_in(text) for text in ("123456", " 123 456", "123-456")} == {"123456"}
    assert {code_in(text) for text in ("12345", "1234567", "ania@example.com", "١٢٣٤٥٦")} == {None}
