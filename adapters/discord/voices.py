"""Who is in the voice channels of each server, as the gateway tells it, and who of them has company."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from adapters.discord.translate import Json, person_of
from bot.events import Person

_SHUT = ("self_mute", "self_deaf", "mute", "deaf")


@dataclass(frozen=True, slots=True)
class _Voice:
    """Where somebody is; `is_open` if they are neither muted nor deafened, by themselves or by the server."""

    channel_id: str
    person: Person
    is_open: bool


class Voices:
    """Servers' voice channels, stages among them. The library's own picture keeps who left during an outage."""

    def __init__(self) -> None:
        self._voices: dict[str, dict[str, _Voice]] = {}
        self._afk_channels: dict[str, str | None] = {}

    @property
    def servers(self) -> Collection[str]:
        """The servers whose voice channels are known."""
        return self._voices.keys()

    def server_is_here(self, guild: Json) -> None:
        """Take over who is in a server's voice channels now. Of people who are not described nothing is noted."""
        guild_id = str(guild["id"])
        members = {str(member["user"]["id"]): member for member in guild.get("members") or ()}
        self._voices[guild_id] = {}
        self.server_changed(guild)
        for state in guild.get("voice_states") or ():
            self._note(guild_id, state, state.get("member") or members.get(str(state["user_id"])))

    def server_changed(self, guild: Json) -> None:
        """Note which channel a server sends those to who do nothing."""
        channel_id = guild.get("afk_channel_id")
        self._afk_channels[str(guild["id"])] = None if channel_id is None else str(channel_id)

    def server_is_gone(self, guild_id: str) -> None:
        """Forget a server that the bot was removed from, or that is not heard of for a while."""
        self._voices.pop(guild_id, None)
        self._afk_channels.pop(guild_id, None)

    def changed(self, state: Json) -> None:
        """Take in that somebody came to a voice channel, went, or switched microphone or sound on or off."""
        guild_id = str(state.get("guild_id"))
        if guild_id in self._voices:
            self._note(guild_id, state, state.get("member"))

    def in_company(self, guild_id: str, least: int) -> Mapping[str, Person]:
        """Return by id who can talk and hear in a channel where at least so many people can."""
        by_channel: dict[str, dict[str, Person]] = defaultdict(dict)
        for user_id, voice in self._voices[guild_id].items():
            if voice.is_open and voice.channel_id != self._afk_channels[guild_id]:
                by_channel[voice.channel_id][user_id] = voice.person
        enough = [people for people in by_channel.values() if len(people) >= least]
        return {user_id: person for people in enough for user_id, person in people.items()}

    def _note(self, guild_id: str, state: Json, member: Json | None) -> None:
        user_id = str(int(state["user_id"]))
        self._voices[guild_id].pop(user_id, None)
        if state["channel_id"] is None or member is None:
            return
        person = person_of(member["user"], member)
        if not person.is_bot:
            is_open = not any(state[how] for how in _SHUT)
            self._voices[guild_id][user_id] = _Voice(str(state["channel_id"]), person, is_open)
