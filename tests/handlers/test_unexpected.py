"""The language of the neutral sentence after an unexpected error."""

import pytest

from bot.members.roles import Role
from bot.replies import Reply
from handlers.app import App
from handlers.call import Call
from handlers.forms import Forms
from handlers.registry import Registry, command
from storage.engine.database import DatabaseUnavailable
from storage.transaction import Transaction
from tests.club import Club

ENGLISH, POLISH = "Something went wrong", "Coś poszło nie tak"


@command("explode", role=Role.ANYONE)
def explode(call: Call, tx: Transaction) -> Reply:
    """Fail."""
    raise RuntimeError


@pytest.fixture
async def fragile(club: Club) -> Club:
    """The club with a command that fails; ania has chosen Polish, her app is in English."""
    await club.say("ania", "/language")
    await club.press("ania", "Polski")
    club.app = App(club.database, Registry.of([explode]), Forms(()), (), club.config)
    club.language = "en"
    return club


async def test_it_is_in_the_language_that_the_member_chose(fragile: Club) -> None:
    assert (await fragile.say("ania", "/explode")).startswith(POLISH)
    assert (await fragile.say("bartek", "/explode")).startswith(ENGLISH)


async def test_it_is_in_the_language_of_the_app_while_the_database_cannot_be_read(
    fragile: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(work: object) -> None:
        raise DatabaseUnavailable("disk I/O error")

    with monkeypatch.context() as patch:
        patch.setattr(fragile.database, "read", away)
        assert (await fragile.say("ania", "/explode")).startswith(ENGLISH)
