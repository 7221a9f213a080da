"""Whatever is credited, held, used, given back, clawed back or left to expire: the ledger agrees with a plain model."""

import random
from datetime import timedelta

import pytest

from bot.ledger.ledger import EntryDraft, Reason, Unit, pending, wallet
from bot.ledger.points import InDebt, NotEnoughPoints
from bot.members.members import Member
from storage.engine.times import from_us
from storage.transaction import Transaction
from storage.verify import verify
from tests import holds
from tests.club import Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, member, rows
from tests.reliability.effort import IS_LONG
from tests.reliability.lots_model import MONTHS, Wallet

SEEDS, STEPS = (10, 1000) if IS_LONG else (3, 120)
ACTS = ("credit", "credit", "pend", "hold", "hold", "capture", "release", "claw_back", "time")


class Run:
    """Random steps on the ledger and on the model at once."""

    def __init__(self, club: Club, who: Member, seed: int) -> None:
        self.club = club
        self.who = who
        self.random = random.Random(seed)
        self.model = Wallet()
        self.sources: list[str] = []
        self.count = 0

    async def step(self) -> str:
        act = self.random.choice(ACTS)
        self.count += 1
        await getattr(self, act)()
        return act

    def entry(self, points: int, **about: object) -> EntryDraft:
        given = {"reason": Reason.BONUS, "source": f"s{self.count}", "from_programme": "issued:bonus"} | about
        return EntryDraft(
            unit=Unit.POINTS,
            points=points,
            holder_id=self.who.holder_id,
            member_id=self.who.id,
            occurred_at=self.club.clock.now,
            **given,  # type: ignore[arg-type]
        )

    async def post(self, draft: EntryDraft) -> None:
        await self.club.database.write(lambda tx: tx.ledger.post(draft))

    async def credit(self) -> None:
        points, now = self.random.randint(1, 100), self.club.clock.now
        await self.post(self.entry(points, to_account=wallet(self.who.holder_id)))
        self.sources.append(f"s{self.count}")
        self.model.credit(points, now, now, f"s{self.count}")

    async def pend(self) -> None:
        points = self.random.randint(1, 100)
        at = self.club.clock.now + timedelta(hours=self.random.randint(1, 400))
        await self.post(self.entry(points, to_account=pending(self.who.holder_id), ripens_at=at))
        self.model.waiting.append((at, points, f"s{self.count}"))
        self.sources.append(f"s{self.count}")

    async def hold(self) -> None:
        points, source = self.random.randint(1, 120), f"s{self.count}"
        before = self.model.points

        def work(tx: Transaction) -> None:
            holds.hold(points, self.who, source, tx)

        if before < points:
            with pytest.raises(InDebt if before < 0 else NotEnoughPoints):
                await self.club.database.write(work)
        else:
            await self.club.database.write(work)
            await self.club.database.write(work)
            self.model.holds[source] = self.model.take(points)

    async def capture(self) -> None:
        if self.model.holds:
            source = self.random.choice(list(self.model.holds))
            await self.club.database.write(lambda tx: holds.capture(source, tx))
            del self.model.holds[source]

    async def release(self) -> None:
        if self.model.holds:
            source = self.random.choice(list(self.model.holds))
            await self.club.database.write(lambda tx: holds.release(source, tx))
            self.model.give_back(self.model.holds.pop(source), self.club.clock.now)

    async def claw_back(self) -> None:
        if not self.sources:
            return
        points, first = self.random.randint(1, 120), self.random.choice(self.sources)
        prefers = await self.club.database.read(lambda tx: tx.lots.sources_from([first]))
        out = {"from_programme": None, "from_account": wallet(self.who.holder_id), "to_programme": "issued:bonus"}
        await self.post(self.entry(points, reason=Reason.CLAWBACK, prefers=prefers, **out))
        self.model.take(points, first)

    async def time(self) -> None:
        """Let time pass. What ripens and what expires within one leap do so in the order of their time."""
        until = self.club.clock.now + timedelta(hours=self.random.choice((1, 30, 200, 900)))
        while (due := await self.club.app.next_due()) is not None and due <= until:
            self.club.clock.now = due
            await self.club.app.run_due()
            self.model.ripen(due)
            self.model.expire(due)
        self.club.clock.now = until

    async def compare(self) -> None:
        """Hold the ledger against the model."""
        now = await balances(self.club, "ania")
        assert (now.points, now.held, now.pending) == (self.model.points, self.model.held, self.model.pending)
        found = await rows(
            self.club,
            "SELECT remaining, expires_at FROM lot WHERE remaining > 0 AND account_id = "
            f"{wallet(self.who.holder_id)} ORDER BY expires_at, id",
        )
        assert [(left, from_us(gone_at)) for left, gone_at in found] == self.model.open_parts()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(SEEDS))
async def test_the_ledger_agrees_with_the_model(empty: Address, seed: int) -> None:
    settings = config(programme={"points_expire_after_months": MONTHS})
    async with open_club(empty, settings, inline=True) as club:
        await club.join("ania")
        run = Run(club, await member(club, "ania"), seed)
        for number in range(STEPS):
            act = await run.step()
            try:
                await run.compare()
            except AssertionError as error:
                raise AssertionError(f"seed {seed}, step {number}: {act}") from error
    assert verify(empty).problems == []
