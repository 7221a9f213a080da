"""Who is told after a look at voice channels: people with company who can talk and hear, at two looks in a row."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from adapters.discord.voice_watch import VoiceWatch
from adapters.discord.voices import Voices
from bot.config.earning import VoiceRule
from bot.events import Person, VoicePresent
from tests.adapters.discord.recorded import ANIA, BARTEK, LISTENER, SERVER_ID, VOICE_CHANNEL_ID, Json, voice_state

STAGE, AFK = "301", "302"
CELINA: Json = {"id": "83000000000000001", "username": "celina", "discriminator": "0", "global_name": None}
MUSIC: Json = {"id": "84000000000000001", "username": "music", "discriminator": "0", "global_name": None, "bot": True}
OTHER_SERVER = "41771983423143999"
EVERY = timedelta(minutes=10)


def server(*states: Json, server_id: str = SERVER_ID) -> Json:
    """Return a server as GUILD_CREATE tells it: its voice states lack the server and the member."""
    bare = [{key: value for key, value in one.items() if key not in ("guild_id", "member")} for one in states]
    members = [one["member"] for one in states]
    return {"id": server_id, "afk_channel_id": AFK, "voice_states": bare, "members": members}


class Watched:
    """A watch over voice channels that looks as its clock is moved."""

    def __init__(self, rule: VoiceRule) -> None:
        self.now = datetime(2026, 3, 16, 8, 3, tzinfo=UTC)
        self.voices = Voices()
        self.deaf_to: set[str] = set()
        self.told: list[VoicePresent] = []
        listener = replace(LISTENER, now=lambda: self.now)
        self.watch = VoiceWatch(rule, self.voices, listener, lambda one: one not in self.deaf_to, self.told.append)
        self.watch.look()

    def look(self, after: timedelta = EVERY) -> list[str]:
        """Look some time later; return the names that are told."""
        self.now += after
        before = len(self.told)
        self.watch.look()
        return sorted(person.name for event in self.told[before:] for person in event.people)


@pytest.fixture
def watched() -> Watched:
    opened = Watched(VoiceRule(status=1))
    opened.voices.server_is_here(server(voice_state(ANIA), voice_state(BARTEK)))
    return opened


def test_who_is_there_at_two_looks_in_a_row_is_told_once_for_each_interval(watched: Watched) -> None:
    assert watched.look() == []
    assert watched.look() == ["Ania", "bartek"]
    assert watched.look(timedelta(minutes=1)) == []
    watched.voices.changed(voice_state(CELINA))
    assert watched.look(timedelta(minutes=9)) == ["Ania", "bartek"]
    assert watched.look() == ["Ania", "bartek", "celina"]
    watched.voices.changed(voice_state(ANIA, None))
    assert watched.look() == ["bartek", "celina"]
    assert [event.event_id for event in watched.told] == [f"v{2956082 + number}" for number in range(4)]
    assert {event.place.space.title for event in watched.told if event.place.space} == {"Café"}
    assert watched.told[0].at == datetime(2026, 3, 16, 8, 23, tzinfo=UTC)
    assert watched.told[0].people[0] == Person(watched.told[0].people[0].identity, "Ania", username="ania.n")


@pytest.mark.parametrize("switched", ["self_mute", "self_deaf", "mute", "deaf"])
def test_who_cannot_talk_or_hear_is_no_company_either(watched: Watched, switched: str) -> None:
    watched.look()
    watched.voices.changed(voice_state(BARTEK) | {switched: True})
    assert watched.look() == []
    watched.voices.changed(voice_state(CELINA))
    assert watched.look() == []
    assert watched.look() == ["Ania", "celina"]
    watched.voices.changed(voice_state(BARTEK))
    assert watched.look() == ["Ania", "celina"]
    assert watched.look() == ["Ania", "bartek", "celina"]


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ([voice_state(ANIA)], []),
        ([voice_state(ANIA), voice_state(MUSIC)], []),
        ([voice_state(ANIA), voice_state(BARTEK), voice_state(MUSIC)], ["Ania", "bartek"]),
        ([voice_state(ANIA), voice_state(BARTEK, STAGE)], []),
        ([voice_state(ANIA, STAGE), voice_state(BARTEK, STAGE, suppress=True)], ["Ania", "bartek"]),
        ([voice_state(ANIA, AFK), voice_state(BARTEK, AFK)], []),
        ([voice_state(ANIA, AFK), voice_state(BARTEK), voice_state(CELINA)], ["bartek", "celina"]),
    ],
    ids=["alone", "with a bot", "a bot beside", "apart", "a stage", "away", "one away"],
)
@pytest.mark.parametrize("is_heard", [True, False], ids=["heard", "from the beginning"])
def test_who_counts(there: list[Json], told: list[str], is_heard: bool) -> None:
    watched = Watched(VoiceRule(status=1))
    watched.voices.server_is_here(server(*(() if is_heard else there)))
    for one in there if is_heard else ():
        watched.voices.changed(one)
    watched.look()
    assert watched.look() == told


def test_how_many_it_takes_is_a_setting() -> None:
    watched = Watched(VoiceRule(status=1, least_people=3))
    watched.voices.server_is_here(server(voice_state(ANIA), voice_state(BARTEK)))
    watched.look()
    assert watched.look() == []
    watched.voices.changed(voice_state(CELINA))
    watched.look()
    assert watched.look() == ["Ania", "bartek", "celina"]


def test_an_interval_that_was_not_seen_from_end_to_end_earns_nothing(watched: Watched) -> None:
    watched.look()
    watched.deaf_to = {SERVER_ID}
    assert watched.look() == []
    watched.deaf_to = set()
    assert watched.look() == []
    assert watched.look() == ["Ania", "bartek"]
    assert watched.look(3 * EVERY) == []
    assert watched.look() == []
    assert watched.look() == ["Ania", "bartek"]
    assert watched.look(-2 * EVERY) == []
    assert watched.look() == []
    assert watched.look() == ["Ania", "bartek"]


def test_a_server_that_comes_back_is_taken_as_it_is_then(watched: Watched) -> None:
    watched.voices.server_is_here(server(voice_state(ANIA), voice_state(CELINA), server_id=OTHER_SERVER))
    watched.look()
    assert watched.look() == ["Ania", "Ania", "bartek", "celina"]
    watched.voices.server_is_here(server(voice_state(BARTEK), voice_state(CELINA)))
    assert watched.look() == ["Ania", "bartek", "celina"]
    watched.voices.server_is_gone(OTHER_SERVER)
    watched.voices.changed(voice_state(ANIA, guild_id=OTHER_SERVER))
    assert watched.look() == ["bartek", "celina"]


def test_another_channel_for_those_who_do_nothing_counts_at_once(watched: Watched) -> None:
    watched.look()
    watched.voices.server_changed({"id": SERVER_ID, "afk_channel_id": VOICE_CHANNEL_ID})
    assert watched.look() == []
    watched.voices.server_changed({"id": SERVER_ID, "afk_channel_id": None})
    watched.look()
    assert watched.look() == ["Ania", "bartek"]


def test_of_who_is_not_described_nothing_is_noted(watched: Watched) -> None:
    bare = server(voice_state(ANIA), voice_state(BARTEK))
    watched.voices.server_is_here(bare | {"members": bare["members"][:1]})
    watched.voices.changed(voice_state(CELINA, member=...))
    watched.look()
    assert watched.look() == []


def test_a_state_that_cannot_be_read_leaves_nobody_where_they_were(watched: Watched) -> None:
    watched.look()
    with pytest.raises(KeyError):
        watched.voices.changed(voice_state(BARTEK, self_mute=...))
    assert watched.look() == []
