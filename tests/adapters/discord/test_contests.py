"""A contest on the fake Discord: what is deleted there takes no part any more."""

from datetime import timedelta

import pytest

from bot.challenges.contests import Contest
from bot.challenges.measures import Counts, Measure
from bot.challenges.terms import Terms
from handlers.challenges.publishing import publish
from storage.transaction import Transaction
from tests.adapters.discord.cafe import DiscordCafe
from tests.conversations.hold import until
from tests.handlers.looking import count

pytestmark = pytest.mark.slow


async def test_a_deleted_message_and_its_votes_drop_out_of_a_contest(cafe: DiscordCafe) -> None:
    contest = Contest(channel_id=str(cafe.general.id))

    def begin(tx: Transaction) -> None:
        measure = Measure(counts=Counts.VOTES, space_id=tx.spaces.active()[0].id, room=contest.room)
        about = {"title": {"en": "Best cup", "pl": "Kubek"}, "goal": 1, "points": 5, "status": 0, "rule_version": ""}
        terms = Terms(**about, measure=measure, best=1, reminds=False, contest=contest)  # type: ignore[arg-type]
        publish("cups", tx.now, tx.now + timedelta(days=7), terms, tx)

    async def has_votes(votes: int) -> bool:
        return await count(cafe.club, "challenge_mark") == votes

    async with cafe.running():
        await cafe.join(cafe.olek, cafe.ania, cafe.bartek)
        await cafe.set_up()
        await cafe.club.database.write(begin)
        await cafe.server.wait_for_message(cafe.general, "Best cup")
        [said] = await cafe.talk(cafe.ania, 1)
        cafe.server.react(cafe.bartek, said, "👍")
        await until(lambda: has_votes(1))
        cafe.server.delete(said)
        await until(lambda: has_votes(0))
