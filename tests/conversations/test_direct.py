"""The conversation with the app itself."""

import pytest

from storage.verify import verify
from tests.club import config, open_club
from tests.conversations.direct import DirectDriver
from tests.conversations.hold import hold
from tests.conversations.script import BEGIN, CHALLENGE, script
from tests.databases import Address


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_with_the_app_itself(empty: Address, language: str) -> None:
    settings = config(challenge=[CHALLENGE])
    async with open_club(empty, settings, begin=BEGIN) as club:
        await hold(DirectDriver(club, language), script(language))
    assert verify(empty).problems == []
