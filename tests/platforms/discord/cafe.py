"""A small server to test in: one channel, and Ania."""

from tests.platforms.discord.model import Channel, User
from tests.platforms.discord.server import DiscordServer


class Cafe:
    """A server with Ania in it."""

    def __init__(self, server: DiscordServer) -> None:
        self.ania: User = server.user("ania")
        self.guild = server.guild("Café", ["general"], [self.ania])
        self.general: Channel = self.guild.channel("general")
