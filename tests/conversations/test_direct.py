"""The conversation with the app itself."""

from pathlib import Path

import pytest

from storage.verify import verify
from tests.club import config, open_club
from tests.conversations.direct import DirectDriver
from tests.conversations.hold import hold
from tests.conversations.script import BEGIN, CHALLENGE, script


@pytest.mark.parametrize("language", ["en", "pl"])
async def test_the_conversation_with_the_app_itself(tmp_path: Path, language: str) -> None:
    settings = config(challenge=[CHALLENGE])
    async with open_club(tmp_path / "club.db", settings, begin=BEGIN) as club:
        await hold(DirectDriver(club, language), script(language))
    assert verify(tmp_path / "club.db").problems == []
