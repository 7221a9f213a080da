"""One-time codes as they are kept: whose a code is once it is claimed, and what of its batch is left."""

from datetime import timedelta

from bot.purchases.one_time_codes import CodeKind
from storage.transaction import Transaction
from tests.club import Club
from tests.handlers.looking import member


async def test_a_code_stays_with_who_claimed_it_first(club: Club) -> None:
    ania, bartek = [(await member(club, name)).holder_id for name in ("ania", "bartek")]
    until = club.clock.now + timedelta(days=1)

    def make(tx: Transaction) -> tuple[int, int]:
        first = tx.codes.add(CodeKind.PURCHASE, {"amount_minor": 100}, until, ["one", "two"])
        return first, tx.codes.add(CodeKind.PURCHASE, {"amount_minor": 200}, until, ["three"])

    batches = await club.database.write(make)
    claimed_at = club.clock.now
    assert await club.database.write(lambda tx: tx.codes.claim("one", ania))
    club.clock.now += timedelta(minutes=1)

    def look(tx: Transaction) -> None:
        assert not tx.codes.claim("one", bartek)
        assert not tx.codes.claim("four", bartek)
        one, two = tx.codes.find("one"), tx.codes.find("two")
        assert one is not None
        assert two is not None
        assert (one.holder_id, one.claimed_at, two.holder_id, two.claimed_at) == (ania, claimed_at, None, None)
        assert one.batch == two.batch
        assert (one.batch.id, one.batch.stopped_at) == (batches[0], None)
        assert tx.codes.find("four") is None
        assert [(of.batch.id, of.codes, of.claimed) for of in tx.codes.batches()] == [
            (batches[0], 2, 1),
            (batches[1], 1, 0),
        ]

    await club.database.write(look)


async def test_a_batch_is_stopped_once_and_no_other_with_it(club: Club) -> None:
    until = club.clock.now + timedelta(days=1)

    def make(tx: Transaction) -> list[int]:
        return [tx.codes.add(CodeKind.PURCHASE, {}, until, [key]) for key in "ab"]

    one, other = await club.database.write(make)
    stopped_at = club.clock.now
    assert await club.database.write(lambda tx: tx.codes.stop(one))
    club.clock.now += timedelta(minutes=1)
    assert not await club.database.write(lambda tx: tx.codes.stop(one))
    found = await club.database.read(lambda tx: {of.batch.id: of.batch.stopped_at for of in tx.codes.batches()})
    assert found == {one: stopped_at, other: None}
