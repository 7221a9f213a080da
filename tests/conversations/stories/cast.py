"""The people of a story and the bot they have to do with, wherever it is played."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from functools import cache
from typing import Final, Protocol

from bot.config.config import Config
from messages.render import Renderer
from tests.club import config
from tests.conversations.steps import Action
from tests.conversations.stories.living import Bot, Plan
from tests.conversations.stories.story import OWNERS, Change
from tests.databases import Address

LANGUAGE: Final = "en"
JOINED_ON: Final = -8
"""The day on which everybody joins and the story begins."""
JOINED_AT, BEGUN_AT = "12:00", "13:00"


class Cast(Protocol):
    """Who plays a story: it is done as told, and looked at in the end."""

    bot: Bot
    where: Address

    async def do(self, action: Action) -> None:
        """Let somebody do something."""
        ...

    async def move_to(self, until: datetime) -> None:
        """Let time pass, in as many lives of the bot as it takes."""
        ...

    async def shown(self) -> dict[str, list[str]]:
        """Return what each reader was shown since the story began, once all of it has arrived."""
        ...


Stage = Callable[[Change, Config, Plan], AbstractAsyncContextManager[Cast]]
"""Has a club that everybody has joined, with these settings and a bot that dies by this plan."""


def plain_settings() -> Config:
    """Return the settings of a club before anything was put up."""
    return config(programme={"owner_ids": OWNERS})


@cache
def renderer() -> Renderer:
    """Return what writes messages, for all stories: their settings say nothing about it."""
    return Renderer(plain_settings())
