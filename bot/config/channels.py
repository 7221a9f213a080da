"""Settings of channels: where messages count more or less."""

from typing import Annotated

from pydantic import Field

from bot.config.section import Section
from bot.config.types import ChannelId, Language, PartMultiplier, SpaceAddress


class ChannelSettings(Section):
    """A group, or one channel or topic of it, where messages bring more than elsewhere, or less."""

    name: dict[Language, Annotated[str, Field(min_length=1, max_length=40)]]
    space: SpaceAddress
    channel_id: ChannelId | None = None
    multiplier: PartMultiplier
