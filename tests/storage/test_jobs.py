"""Claims of scheduled work: begun, gone on with, done or skipped, and never undone by another process."""

from dataclasses import replace
from datetime import datetime, timedelta

from storage.operating.jobs import Claim
from storage.transaction import Transaction
from tests.club import MONDAY, Club
from tests.handlers.looking import rows

CLAIM = Claim("sweep", 0, "2026-03-16", MONDAY)
STATE = "SELECT state, progress FROM job_run WHERE job = 'sweep'"


async def test_work_goes_on_from_the_mark_that_was_left(club: Club) -> None:
    assert await club.database.write(lambda tx: tx.jobs.begin(CLAIM)) == (True, None)
    await club.database.write(lambda tx: tx.jobs.pause(CLAIM, "7"))
    assert await club.database.write(lambda tx: tx.jobs.begin(CLAIM)) == (True, "7")
    await club.database.write(lambda tx: tx.jobs.finish(CLAIM))
    assert await rows(club, STATE) == [("done", None)]
    assert await club.database.write(lambda tx: tx.jobs.begin(CLAIM)) == (False, None)


async def test_the_last_one_is_that_of_the_same_space(club: Club) -> None:
    later = MONDAY + timedelta(days=1)

    def work(tx: Transaction) -> list[datetime | None]:
        for claim in (CLAIM, replace(CLAIM, space_id=1, occurrence="2026-03-17", due_at=later)):
            tx.jobs.begin(claim)
            assert tx.jobs.last([("sweep", claim.space_id)]) == [None]
            tx.jobs.finish(claim)
        return tx.jobs.last([("sweep", space_id) for space_id in (0, 1, 2)])

    assert await club.database.write(work) == [MONDAY, later, None]


async def test_the_last_one_is_the_latest_however_they_were_written(club: Club) -> None:
    def work(tx: Transaction) -> list[datetime | None]:
        for occurrence, days in (("a", 2), ("b", 3), ("c", 1)):
            claim = replace(CLAIM, occurrence=occurrence, due_at=MONDAY + timedelta(days=days))
            tx.jobs.begin(claim)
            tx.jobs.finish(claim)
        return tx.jobs.last([("sweep", 0)])

    assert await club.database.write(work) == [MONDAY + timedelta(days=3)]


async def test_what_is_ahead_of_an_instant_is_forgotten(club: Club) -> None:
    def work(tx: Transaction) -> list[bool]:
        tx.jobs.skip(CLAIM)
        return [tx.jobs.are_ahead(MONDAY - timedelta(microseconds=1)), tx.jobs.are_ahead(MONDAY)]

    assert await club.database.write(work) == [True, False]
    await club.database.write(lambda tx: tx.jobs.forget_ahead(MONDAY))
    assert await rows(club, STATE) == [("skipped", None)]
    await club.database.write(lambda tx: tx.jobs.forget_ahead(MONDAY - timedelta(microseconds=1)))
    assert await rows(club, STATE) == []


async def test_what_is_done_cannot_be_skipped(club: Club) -> None:
    def work(tx: Transaction) -> None:
        tx.jobs.begin(CLAIM)
        tx.jobs.finish(CLAIM)

    await club.database.write(work)
    assert not await club.database.write(lambda tx: tx.jobs.skip(CLAIM))
    assert await rows(club, STATE) == [("done", None)]


async def test_what_was_skipped_on_the_way_goes_on_from_there(club: Club) -> None:
    await club.database.write(lambda tx: tx.jobs.begin(CLAIM))
    await club.database.write(lambda tx: tx.jobs.pause(CLAIM, "7"))
    assert await club.database.write(lambda tx: tx.jobs.skip(CLAIM))
    assert await rows(club, STATE) == [("skipped", "7")]
    assert not await club.database.write(lambda tx: tx.jobs.skip(CLAIM))
    await club.database.write(lambda tx: tx.jobs.reopen(CLAIM))
    assert await club.database.write(lambda tx: tx.jobs.begin(CLAIM)) == (True, "7")
