"""A strict fake Discord on the loopback: gateway and REST in one server, driven by tests as people would."""

from tests.platforms.discord.server import DiscordServer

__all__ = ["DiscordServer"]
