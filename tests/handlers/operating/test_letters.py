"""Dead letters: what is kept of an event that was given up, and what happens when it is run again."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, NoReturn

import pytest

from bot.events import Answered, BotPresenceChanged, PictureSent, ReachabilityChanged, SpaceMigrated
from handlers.operating.letters import Outcome, Retried
from tests.club import SPACE, Club
from tests.handlers.looking import balances, count, rows
from tests.platforms.pictures import png

AWARDS = "storage.ledger.ledger.Ledger.unknown"
PURCHASES = "storage.purchases.purchases.Purchases.add"
SPACES = "storage.spaces.spaces.Spaces"


@contextmanager
def defect(where: str) -> Iterator[None]:
    """Let one of our functions fail for a while, as a defect would that the next version mends."""

    def fail(*_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("a defect")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(where, fail)
        yield


async def only_letter(club: Club) -> int:
    """Return the id of the one dead letter; what is kept of it names nobody."""
    letters = await club.database.read(lambda tx: tx.events.dead_letters())
    assert len(letters) == 1
    assert not any(word in f"{letters[0].event}{letters[0].arguments}" for word in ("Ania", "Kasia", "Klub"))
    return letters[0].id


async def retried(club: Club) -> Outcome:
    """Run the one dead letter again."""
    return (await club.app.retry(await only_letter(club))).outcome


async def test_a_purchase_that_was_given_up_is_recorded_once_and_told(club: Club) -> None:
    event = club.command("kasia", "/purchase @ania 49,90 A/123")
    with defect(PURCHASES):
        assert "Something went wrong" in club.show("kasia", await club.app.handle(event))
    letter = await only_letter(club)
    assert (await club.app.retry(letter)).outcome is Outcome.DONE
    assert (await balances(club, "ania")).pending == 49
    assert await count(club, "dead_letter") == 0
    (told,) = [post for post in await club.posts() if post.startswith("kasia")]
    assert "49.90" in told
    assert (await club.app.retry(letter)).outcome is Outcome.GONE
    assert "49.90" in club.show("kasia", await club.app.handle(event))
    assert (await balances(club, "ania")).pending == 49


async def test_a_reaction_that_was_given_up_and_taken_back_meanwhile_earns_nothing(club: Club) -> None:
    message = club.message("ania", event_id="m")
    await club.app.take_part([message])
    added = club.reaction("bartek", message, added=frozenset("👍"), order=(1, 0))
    with defect(AWARDS):
        await club.app.take_part([added])
    taken_back = club.reaction("bartek", message, removed=frozenset("👍"), order=(2, 0))
    await club.app.take_part([taken_back])
    assert await retried(club) is Outcome.DONE
    assert (await balances(club, "ania")).status == 5


async def test_a_refusal_ends_a_letter_too(club: Club) -> None:
    with defect(PURCHASES):
        await club.say("kasia", "/purchase @ania 49,90 A/123")
    await club.say("olek", "/role kasia none")
    assert await club.app.retry(await only_letter(club)) == Retried(Outcome.REFUSED, "not_allowed")
    assert await count(club, "purchase") == 0
    assert await count(club, "dead_letter") == 0
    assert any(post.startswith("kasia") for post in await club.posts())


async def test_a_press_that_was_given_up_is_done(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 20")
    await club.say("kasia", "/purchase @ania 20")
    with defect(PURCHASES):
        assert "Something went wrong" in await club.press("kasia", club.shown["kasia"].rows[0][0].label)
    assert await retried(club) is Outcome.DONE
    assert (await balances(club, "ania")).pending == 40


async def test_messages_and_reactions_that_were_given_up_count(club: Club) -> None:
    message = club.message("ania")
    with defect(AWARDS):
        await club.app.take_part([message])
    assert await retried(club) is Outcome.DONE
    assert (await balances(club, "ania")).status == 5
    await club.app.take_part([message])
    assert (await balances(club, "ania")).status == 5
    with defect(AWARDS):
        await club.app.take_part([club.reaction("bartek", message, added=frozenset("👍"))])
    assert await retried(club) is Outcome.DONE
    assert (await balances(club, "ania")).status == 6
    with defect("storage.earning.participation.ParticipationStore.reactions_to"):
        await club.app.take_part([club.cleared(message)])
    assert await retried(club) is Outcome.DONE
    assert (await balances(club, "ania")).status == 5


async def test_coming_and_going_that_was_given_up_is_noted(club: Club) -> None:
    with defect(AWARDS):
        await club.app.handle(club.presence("ania", is_present=True))
    assert await retried(club) is Outcome.DONE
    assert (await balances(club, "ania")).pending == 20
    place = club.place("ania", SPACE)
    about: dict[str, Any] = {"at": club.clock.now, "place": place}
    with defect(f"{SPACES}.retire"):
        await club.app.handle(BotPresenceChanged(event_id="gone", is_present=False, **about))
    assert await retried(club) is Outcome.DONE
    assert await rows(club, "SELECT retired_at IS NULL FROM space") == [(0,)]
    with defect(f"{SPACES}.move"):
        await club.app.handle(SpaceMigrated(event_id="moved", new_space_id="klub2", **about))
    assert await retried(club) is Outcome.DONE
    assert await rows(club, "SELECT platform_space_id FROM space") == [("klub2",)]
    with defect("storage.members.members.Members.set_reachable"):
        await club.app.handle(
            ReachabilityChanged(event_id="blocked", person=club.person("ania"), is_reachable=False, **about)
        )
    assert await retried(club) is Outcome.DONE
    assert await rows(club, "SELECT is_reachable FROM identity WHERE user_id = 'ania'") == [(0,)]


async def test_a_job_that_was_given_up_is_made_up_for(club: Club) -> None:
    await club.chat("ania")
    with defect("storage.boards.leaderboards.Leaderboards.close"):
        for _ in range(3):
            club.clock.now += timedelta(days=8)
            await club.app.run_due()
    letter = (await club.database.read(lambda tx: tx.events.dead_letters()))[0]
    assert json.loads(letter.arguments) == {"job": "close_week", "space_id": 0, "occurrence": "2026-W13"}
    state = "SELECT state FROM job_run WHERE job = 'close_week' AND occurrence = '2026-W13'"
    assert await rows(club, state) == [("skipped",)]
    with defect("storage.boards.leaderboards.Leaderboards.close"):
        assert (await club.app.retry(letter.id)).outcome is Outcome.FAILED
    assert await rows(club, state) == [("skipped",)]
    assert (await club.app.retry(letter.id)).outcome is Outcome.DONE
    assert await rows(club, state) == [("done",)]


async def test_what_fails_again_stays_with_the_new_reason(club: Club) -> None:
    with defect(PURCHASES):
        await club.say("kasia", "/purchase @ania 49,90 A/123")
    letter = await only_letter(club)
    with pytest.MonkeyPatch.context() as patch:
        patch.delattr(PURCHASES)
        retried = await club.app.retry(letter)
    assert (retried.outcome, retried.reason) == (Outcome.FAILED, "AttributeError")
    kept = await club.database.read(lambda tx: tx.events.dead_letter(letter))
    assert kept is not None
    assert (kept.reason, kept.error_id) == ("AttributeError", retried.error_id)
    assert await count(club, "purchase") == 0


@pytest.mark.parametrize("text", ["/bonus @ania 5 for carrying chairs", "/purchase @ania 5 secret", "/balance"])
async def test_words_and_questions_are_not_kept(club: Club, text: str) -> None:
    with (
        defect("storage.members.members.Members.by_username"),
        defect("storage.ledger.balances.Accounts.of"),
        defect(AWARDS),
    ):
        await club.say("olek", text)
    assert await rows(club, "SELECT event FROM dead_letter") == [(None,)]
    assert await retried(club) is Outcome.NOT_KEPT


async def test_a_command_that_is_not_ours_is_not_named(club: Club) -> None:
    with defect("handlers.answering.Answering._unknown"):
        await club.say("olek", "/ania-is-ill today")
    assert await rows(club, "SELECT arguments, event FROM dead_letter") == [('{"words": 1}', None)]
    with defect(PURCHASES):
        await club.say("kasia", "/purchase @ania 49,90 A/123")
    kept = await rows(club, "SELECT arguments FROM dead_letter ORDER BY id DESC LIMIT 1")
    assert json.loads(kept[0][0]) == {"command": "purchase", "words": 3}


async def test_typed_answers_are_not_kept(club: Club) -> None:
    await club.say("olek", "/setup", SPACE)
    place = club.place("olek", SPACE)
    with defect("handlers.forms.Forms.answered"):
        await club.app.handle(
            Answered(event_id="a", at=club.clock.now, place=place, person=club.person("olek"), text="a secret")
        )
    assert await rows(club, "SELECT event FROM dead_letter") == [(None,)]


async def test_pictures_are_not_kept(club: Club) -> None:
    await club.say("marta", "/reward add")
    place, person = club.place("marta", None), club.person("marta")
    with defect("handlers.forms.Forms.sent"):
        sent = PictureSent(event_id="a", at=club.clock.now, place=place, person=person, picture=png())
        (answer,) = await club.app.handle(sent)
    assert answer.template == "unexpected"
    assert await rows(club, "SELECT kind, arguments, event FROM dead_letter") == [("PictureSent", "{}", None)]


async def test_of_people_who_have_not_joined_nothing_is_kept(club: Club) -> None:
    with defect("storage.members.members.Members.add"):
        await club.join("zoe")
    with defect("storage.spaces.spaces.Spaces.by_ref"):
        await club.app.handle(club.presence("zoe", is_present=True))
        await club.app.take_part(
            [club.reaction("ania", club.message("zoe"), message_author=club.person("zoe").identity)]
        )
    kept = await rows(club, "SELECT event FROM dead_letter ORDER BY id")
    assert [event is None for (event,) in kept] == [True, True, False]
    assert "zoe" not in str(kept)
