"""Contests: what takes part, what is a vote, who judges, and how it ends."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from adapters.discord.markup import DiscordMarkdown
from adapters.telegram.markup import TelegramHtml
from bot.config.challenges import ChallengeSettings
from bot.events import ButtonPressed, MessageDeleted, MessagePosted, Place, ReactionChanged
from bot.members.members import Space
from handlers.challenges.contests import room_of, running_in
from handlers.members.erasing import erase
from storage.verify import verify
from tests.club import MONDAY, PLATFORM, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import balances, count, labels, member, rows
from tests.platforms.pictures import png

PHOTOS: dict[str, Any] = {
    "counts": "votes",
    "goal": 1,
    "reward": "best",
    "best": 1,
    "space": "console:klub",
    "room": "photos",
    "photos": True,
    "votes": 2,
    "title": {"en": "Best cup", "pl": "Najlepszy kubek"},
}
ROOM = Place(PLATFORM, "photos", SPACE)


async def post(club: Club, name: str, **options: Any) -> MessagePosted:
    """Let somebody post a photo in the room."""
    event_id = options.pop("event_id", None) or club.next_id()
    about: dict[str, Any] = {"length": 0, "has_picture": True, "place": ROOM, "at": club.clock.now} | options
    posted = MessagePosted(event_id=event_id, message_id=event_id, person=club.person(name), **about)
    await club.app.take_part([posted])
    return posted


async def react(club: Club, to: MessagePosted, *names: str, stands: bool = True, **options: Any) -> None:
    """Let people react to a message, or take that back."""
    hearts = frozenset("❤")
    about = {"added": hearts} if stands else {"removed": hearts}
    changes: list[ReactionChanged] = [club.reaction(name, to, **about, **options) for name in names]
    await club.app.take_part(changes)


async def votes(club: Club, name: str) -> str:
    """Return what somebody is told of the contest, such as "2 votes for what you posted."."""
    said = await club.say(name, "/challenges")
    return next((line for line in said.splitlines() if "what you posted" in line), "")


async def erased(club: Club, name: str) -> None:
    member_id = (await member(club, name)).id
    await club.database.write(lambda tx: erase(member_id, tx.now, tx))


@pytest.mark.parametrize(
    ("platform", "room", "where"),
    [
        ("telegram", "42", ("group", "42")),
        ("telegram", None, ("group", "7")),
        ("discord", "900", ("900", None)),
        ("discord", None, ("group", "7")),
    ],
)
def test_a_room_is_a_topic_on_telegram_and_a_channel_or_thread_elsewhere(
    platform: str, room: str | None, where: tuple[str, str | None]
) -> None:
    space = Space(1, platform, "1", "Cups", "group", "7", "en", 0, time(9), MONDAY)
    settings = ChallengeSettings.model_validate(challenge(**PHOTOS | {"room": room}))
    assert room_of(settings, space) == where


async def test_what_is_said_in_another_topic_takes_no_part(empty: Address) -> None:
    async for club in opened(empty, challenge(**PHOTOS)):
        await club.skip(days=7)
        (on,) = await club.database.read(lambda tx: tx.challenges.open_rounds())
        contest = on.terms.contest
        assert contest is not None
        in_topic = replace(on, terms=replace(on.terms, contest=replace(contest, channel_id="group", thread_id="42")))
        taking_part = [
            thread_id
            for thread_id in ("42", "43", None)
            if running_in([in_topic], 1, await post(club, "ania", place=Place(PLATFORM, "group", SPACE, thread_id)))
        ]
        assert taking_part == ["42"]


async def test_photos_are_voted_on_and_the_best_is_paid_and_named_in_the_room(empty: Address) -> None:
    async for club in opened(empty, challenge(**PHOTOS)):
        await club.join("darek", "marta", "ewa")
        await club.say("olek", "/role @marta moderator")
        await club.posts()
        await club.skip(days=7)
        opening = await club.database.write(lambda tx: tx.outbox.claim("console", 50))
        (said,) = [one for one in opening if one.reply.template == "contest_opened"]
        assert (said.channel_id, said.thread_id) == ("photos", None)
        assert any(
            "Contest: Best cup\nPost a photo here; your first one takes part." in one for one in await club.posts()
        )

        # What is no photo, stands elsewhere, answers somebody or is not one's own takes no part; nor does a second one.
        await post(club, "ania", has_picture=False, length=50)
        await post(club, "ania", place=club.place("ania", SPACE))
        await post(club, "ania", replies_to=club.person("bartek").identity)
        await post(club, "ania", is_forward=True)
        ania, bartek = await post(club, "ania"), await post(club, "bartek")
        second, staff = await post(club, "ania"), await post(club, "marta")
        celina = await post(club, "celina")
        assert await count(club, "contest_entry") == 3

        await react(club, ania, "bartek", "celina", "ania")
        await react(club, second, "bartek")
        await react(club, staff, "bartek")
        assert await votes(club, "ania") == "2 votes for what you posted."
        # Each has two votes; a third reaction counts once one of them is taken back.
        await react(club, bartek, "celina", "darek")
        await react(club, celina, "bartek", "darek", "ewa")
        await club.skip(minutes=1)
        extra = await post(club, "darek")
        await react(club, extra, "celina")
        assert await votes(club, "darek") == "0 votes for what you posted."
        await react(club, bartek, "celina", stands=False)
        assert await votes(club, "darek") == "1 vote for what you posted."
        assert await votes(club, "bartek") == "1 vote for what you posted."
        assert await votes(club, "celina") == "3 votes for what you posted."
        # A thumb down is no vote, of whichever colour; with a heart beside it, it is one.
        down = frozenset(("👎🏽", "💩"))
        heart = frozenset("❤")
        for change, expected in (({"added": down}, 2), ({"added": heart}, 3), ({"removed": heart}, 2)):
            await club.app.take_part([club.reaction("ewa", ania, **change)])
            assert await votes(club, "ania") == f"{expected} votes for what you posted.", change
        # Who came later has no vote, nor has who is no member.
        await club.join("filip")
        await react(club, ania, "filip", "zofia")
        assert await votes(club, "ania") == "2 votes for what you posted."

        # A moderator takes one out, and its votes go elsewhere.
        assert "Only a moderator" in await club.say("ania", "/challenge disqualify")
        shown = await club.say("marta", "/challenge disqualify")
        assert "Best cup\n1. Celina, 30 Mar, 09:00: 3 reactions" in shown
        assert "1. Celina" in await club.say("marta", "/challenge disqualify", reply_to=club.person("celina"))
        assert labels(club, "marta") == ["✗ 1"]
        assert "taken out" in await club.press("marta", "✗ 1")
        assert "celina: A moderator took your entry out of Best cup. Its votes do not count." in await club.posts()
        assert await votes(club, "celina") == "0 votes for what you posted."
        await post(club, "celina")
        assert await count(club, "contest_entry") == 4
        await club.press("marta", "↺ 1")
        assert await votes(club, "celina") == "3 votes for what you posted."

        # What is deleted drops out, and its author may post another one.
        gone = MessageDeleted(event_id="gone", at=club.clock.now, place=ROOM, message_id=extra.message_id)
        for _ in range(2):
            await club.app.handle(gone)
        assert await votes(club, "darek") == "0 votes for what you posted."
        await post(club, "darek")
        assert await count(club, "contest_entry") == 5

        await react(club, ania, "darek")
        assert await votes(club, "ania") == "2 votes for what you posted."
        await react(club, bartek, "darek", stands=False)
        assert await votes(club, "ania") == "3 votes for what you posted."
        await club.say("celina", "/leaderboard hide")
        last = club.reaction("darek", ania, removed=frozenset("❤"), at=club.clock.now + timedelta(days=8))
        await club.posts()
        await club.skip(days=8)
        # What is taken back after the end has counted.
        await club.app.take_part([last])
        closing = await club.posts()
        assert sum("Your reward: 30 points" in one for one in closing) == 2
        over = [one for one in closing if "The contest is over" in one]
        assert over == [
            "#klub: The contest is over: Best cup\nAnia: 3 votes\n"
            "And 1 other who would rather not be named. Well done! Reward for each: 30 points."
        ]
        assert await rows(club, "SELECT DISTINCT channel_id FROM outbox WHERE reply LIKE ?", "%contest_closed%") == [
            ("photos",)
        ]
        assert [(await balances(club, name)).points for name in ("ania", "celina", "bartek")] == [30, 30, 0]
        await erased(club, "ania")
        assert await rows(club, "SELECT COUNT(*) FROM contest_entry WHERE state = 'in'") == [(3,)]
        await club.skip(days=60)
        assert (await count(club, "contest_entry"), await count(club, "contest_vote")) == (0, 0)
        assert await count(club, "dead_letter") == 0


async def test_a_contest_of_the_config_is_left_out_while_another_one_is_on_in_its_room(empty: Address) -> None:
    others = [challenge(**PHOTOS | about) for about in ({"id": "texts", "photos": False}, {"id": "else", "room": "b"})]
    with capture_logs() as logged:
        async for club in opened(empty, challenge(**PHOTOS), *others):
            open_now = "SELECT challenge FROM challenge_round WHERE state = 'open' ORDER BY challenge"
            assert await rows(club, open_now) == [("else",), ("hello",)]
    left_out = [one for one in logged if one["event"] == "contest_left_out"]
    assert {one["challenge"] for one in left_out} == {"texts"}
    assert {one["log_level"] for one in left_out} == {"warning"}


async def test_a_contest_is_made_where_it_takes_place(club: Club) -> None:
    await club.say("marta", "/challenge new")
    assert "Photo contest" not in labels(club, "marta")
    for made in range(2):
        await club.say("marta", "/challenge new", SPACE)
        for label in ("Text contest", "7", "25", "1"):
            await club.press("marta", label, SPACE)
        await club.answer("marta", "Best story", SPACE)
        preview = await club.answer("marta", "Najlepsza historia", SPACE)
        assert (
            "Paid: who gets most votes, 1 member. With a tie, everyone in it, unless that makes more than 2." in preview
        )
        said = await club.press("marta", "Publish", SPACE)
        assert ("a contest or a task is on already" in said) == bool(made), said
    assert any(
        "Contest: Best story\nPost your text here; your first one takes part." in one for one in await club.posts()
    )
    story = club.message("ania")
    await club.app.take_part([story, club.message("bartek", replies_to=club.person("ania").identity)])
    await club.app.take_part([club.reaction("bartek", story, added=frozenset("👍"))])
    assert await count(club, "contest_entry") == 1
    assert await votes(club, "ania") == "1 vote for what you posted."
    await club.app.take_part([club.cleared(story)])
    assert await votes(club, "ania") == "0 votes for what you posted."
    await club.skip(days=8)
    assert any("The contest is over: Best story\nNobody got enough votes." in one for one in await club.posts())


async def test_what_takes_part_is_on_pages_where_there_is_much_of_it(empty: Address) -> None:
    """The longest names there can be, of characters that are escaped; each entry is on one page."""
    long = {"title": {"en": "_" * 200, "pl": "_" * 200}, "votes": 20}
    async for club in opened(empty, challenge(**PHOTOS | long), challenge(**PHOTOS | long | {"id": "b", "room": "b"})):
        names = [f"friend{number}" for number in range(18)]
        for name in names:
            await club.say(name, "/start", person=club.person(name, shown_as="_" * 60 + name))
            await club.press(name, "Accept and join")
        await club.skip(days=7)
        for name in names:
            await post(club, name)
            await post(club, name, place=replace(ROOM, channel_id="b"))
        seen: list[int] = []
        replies = await club.app.handle(club.command("olek", "/challenge disqualify"))
        club.show("olek", replies)
        while True:
            for markup in (TelegramHtml(), DiscordMarkdown()):
                said = club.renderer.render(replies[0], markup)
                assert len(said.text) < 4096
                assert len(said.rows) <= 5
            listed: Any = replies[0].fields["entries"]
            seen += [one["number"] for one in listed]
            if "Next" not in labels(club, "olek"):
                break
            pressed = ButtonPressed(
                event_id=club.next_id(),
                token=club.button("olek", "Next"),
                place=club.place("olek", None),
                person=club.person("olek"),
                at=club.clock.now,
            )
            replies = await club.app.handle(pressed)
            club.show("olek", replies)
        assert seen == list(range(1, 37))
        # What is taken out of the last page is let back in there.
        await club.press("olek", "✗ 36")
        await club.press("olek", "↺ 36")
        assert labels(club, "olek") == [*(f"✗ {number}" for number in range(31, 37)), "Previous"]


async def test_entries_are_known_for_longer_than_authors_of_messages(empty: Address) -> None:
    about = PHOTOS | {"photos": False, "room": None, "repeat": "monthly"}
    settings = config(
        challenge=[challenge(**{name: value for name, value in about.items() if value is not None})],
        privacy={"keep_message_authors_days": 1},
    )
    async with open_club(empty, settings, inline=True) as club:
        await club.join("olek", "ania", "bartek")
        await club.set_up()
        await club.skip(days=20)
        story = club.message("ania")
        await club.app.take_part([story])
        await club.skip(days=5)
        assert await rows(club, "SELECT COUNT(*) FROM message_author") == [(0,)]
        await club.app.take_part([club.reaction("bartek", story, added=frozenset("👍"))])
        assert await votes(club, "ania") == "1 vote for what you posted."
    assert verify(empty).problems == []


async def test_what_answers_a_question_of_the_bot_is_no_entry_and_earns_nothing(empty: Address) -> None:
    mug = {"id": "mug", "cost": 1, "name": {"en": "A mug", "pl": "Kubek"}}
    photos = challenge(**PHOTOS | {"room": "klub-channel"})
    async for club in opened(empty, photos, reward=[mug], message={"points": 1, "status": 2}):
        about: dict[str, Any] = {"place": club.place("olek", SPACE), "is_to_us": True, "length": 30}
        await club.say("olek", "/reward edit mug", SPACE)
        await club.press("olek", "Picture", SPACE)
        assert "A mug" in await club.send("olek", png(), SPACE, event_id="m1")
        await post(club, "olek", event_id="m1", **about)
        assert await club.send("olek", png(), SPACE, event_id="m1") != ""
        await post(club, "olek", event_id="m1", **about)
        assert await count(club, "contest_entry") == 0
        assert (await balances(club, "olek")).status == 0
        # Who was asked nothing answers what the bot said of the contest.
        assert await club.send("ania", png(), SPACE, event_id="m2") == ""
        await post(club, "ania", event_id="m2", **about)
        assert await count(club, "contest_entry") == 1
        assert (await balances(club, "ania")).status == 2


async def test_of_many_who_are_paid_the_best_are_named_whenever_they_joined(empty: Address) -> None:
    names = [f"guest{number}" for number in range(51)]
    async for club in opened(empty, challenge(**PHOTOS | {"best": 60, "votes": 3})):
        await club.join(*names)
        await club.skip(days=7)
        posted = [await post(club, name) for name in names]
        for place, entry in enumerate(posted):
            await react(club, entry, names[place - 1])
        # Who joined last has the most votes.
        await react(club, posted[-1], *names[:2])
        await club.posts()
        await club.skip(days=7)
        (said,) = [text for text in await club.posts() if "The contest is over:" in text]
        assert "guest50: 3 votes" in said.lower()
        assert said.count(" vote") == 20
        assert "And 31 others. Well done!" in said
