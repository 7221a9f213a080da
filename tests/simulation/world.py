"""One simulated club from one seed: platforms that deliver, an app that dies and comes back, clocks that jump."""

import hashlib
import random
import traceback
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from bot.errors import TryLater
from bot.events import MessagePosted, ReachabilityChanged, ReactionChanged
from bot.replies import Button, Reply
from handlers.app import App
from handlers.table import build_app
from storage.engine.database import InlineDatabase
from storage.operating.settings import PEPPER
from storage.transaction import Transaction
from tests.simulation.acts import Act, buttons, segments
from tests.simulation.auditing import Auditor
from tests.simulation.clock import Clock
from tests.simulation.faults import Died, Faults, MortalDatabase
from tests.simulation.model import Model
from tests.simulation.oracle import Differs, Oracle
from tests.simulation.people import PLATFORMS, People
from tests.simulation.plan import BEGIN, OWNER, SETTINGS, Counted, Plan
from tests.simulation.sending import Post
from tests.simulation.wire import wires

_RECOUNT_EVERY = 1000
# After how many steps verify looks at the books again at the earliest.
_AUDITED_FOR = 200
# Of a long run of a large club thousands of posts may still wait at the end.
_MOST_ROUNDS = 500


class World:
    """Runs a plan. Raises Differs, with the step, when the database and the model part."""

    def __init__(self, plan: Plan, folder: Path) -> None:
        self._plan = plan
        self._rng = random.Random(plan.seed)
        self._path = folder / "club.db"
        self.counted = Counted()
        happened = self.counted.happened
        self._clock = Clock(self._rng, BEGIN, plan.rates.jumps, happened)
        self.model = Model(SETTINGS)
        self._people = People(self._rng, self.model, plan.members, plan.burst)
        self._faults = Faults(self._rng, plan.rates, happened)
        self._wires = wires(self._rng, PLATFORMS, happened)
        self._post = Post(self._rng, happened, self._clock, self.model.people, self._reach)
        self._trace = hashlib.sha256()
        self._open()
        self._oracle = Oracle(self._path, self.model, SETTINGS.programme)
        self._auditor = Auditor(self._path)
        self._audited_at = -_AUDITED_FOR

    @property
    def now(self) -> datetime:
        """The true time."""
        return self._clock.now

    def _open(self) -> None:
        self._inner = InlineDatabase(self._path, lambda: self._clock.shown, SETTINGS.programme)
        self._database = MortalDatabase(self._inner, self._faults)
        self._app: App = build_app(self._database, SETTINGS)

    @property
    def trace(self) -> str:
        """A hash over everything that happened so far."""
        return self._trace.hexdigest()

    async def run(self) -> None:
        """Do every step of the plan, let all come to rest, count everything once more."""
        try:
            await self._settle()
            while self.counted.steps < self._plan.steps:
                await self._step()
            await self._rest()
        except Differs as difference:
            raise Differs(f"step {self.counted.steps}, {self._clock.shown}: {difference}") from difference
        finally:
            self._oracle.close()
            self._auditor.close()
            await self._inner.close()

    # Beginning and end --------------------------------------------------------------------------------------------

    async def _settle(self) -> None:
        """Make the club: its pepper from the seed, both groups, staff and the first half of the members."""
        pepper = self._rng.randbytes(32).hex()
        await self._database.write(lambda tx: tx.settings.put(PEPPER, pepper))
        await self._app.start()
        self.model.rounds.install(self._clock.shown)
        for number, platform in enumerate(PLATFORMS):
            await self._set_up(platform)
            self.model.spaces[f"{platform}-club"] = number + 1
        staff = [f"{platform}:{number}" for platform in PLATFORMS for number in (1, 2)]
        for name in (OWNER, *staff):
            await self._deliver(self._people.join(self.now, name, private=True), eager=True)
            self.model.people[name].is_staff = True
        for name in staff:
            text = f"role {'moderator' if name.endswith('1') else 'cashier'}"
            granted = self._people.command(OWNER, self.now, text, words=(self._people.person(name),), private=True)
            await self._handle(Act(granted))
        for name in self._people.names[: len(self._people.names) // 2]:
            await self._deliver(self._people.join(self.now, name, private=False), eager=True)

    async def _set_up(self, platform: str) -> None:
        """Press the first button of every question of the form."""
        owner = self._people.person(OWNER)
        command = replace(self._people.command(f"{platform}:9", self.now, "setup"), person=owner)
        replies = await self._handle(Act(command))
        while (press := self._people.press(command, "form.choose", replies)) is not None:
            replies = await self._handle(Act(press))

    async def _rest(self) -> None:
        """Let everything that waits be delivered with the clocks right and no faults, then judge."""
        self._clock.put_right()
        self._faults.calm()
        for platform in PLATFORMS:
            while self._wires[platform]:
                await self._platform(platform, most=50, faults=False)
        for _ in range(30):
            self._clock.now += timedelta(hours=3)
            await self._run_due()
            await self._send_all()
        for _ in range(_MOST_ROUNDS):
            if not self._post.waiting(self._path):
                break
            self._clock.now += timedelta(minutes=1)
            await self._send_all()
        self._recount(is_last=True)
        self._auditor.finish()
        self._post.nothing_waits(self._path)

    async def _send_all(self) -> None:
        for platform in PLATFORMS:
            await self._post.round(self._database, platform, faults=False)

    # Steps --------------------------------------------------------------------------------------------------------

    async def _step(self) -> None:
        self.counted.steps += 1
        self._clock.pass_time(self._plan.pause_s)
        for act in self._people.burst(self.now):
            self._wires[act.event.place.platform].append(act)
            self.counted.events += 1
        died = await self._run_due()
        try:
            for platform in PLATFORMS:
                if self._rng.random() < 0.9:
                    await self._platform(platform, most=self._rng.choice((2, 10, 50)), faults=True)
            if self._rng.random() < self._plan.sends:
                self._faults.expose(later=10)
                await self._post.round(self._database, self._rng.choice(PLATFORMS))
        except Died as death:
            died = True
            await self._restart(death)
        except TryLater:
            self._trace.update(b"away")
        self._faults.calm()
        self._trace.update(f"{self.counted.steps} {self._clock.shown} {self._oracle.step()}\n".encode())
        self.counted.deadly_steps += died
        if died or self.counted.steps % _RECOUNT_EVERY == 0:
            self._recount()

    async def _restart(self, death: Died) -> None:
        """The process is gone, with everything it had in memory; a new one opens the file."""
        self.counted.deaths += 1
        # Statements that its frames still hold would keep the old connection, and its locks, alive.
        traceback.clear_frames(death.__traceback__)
        self._faults.calm()
        await self._inner.close()
        self._open()
        await self._app.start()
        self._post.restarted()
        self._trace.update(b"died")

    def _recount(self, *, is_last: bool = False) -> None:
        self.counted.recounts += 1
        # What is wrong with the books stays so: after many deaths in a row a later look sees it, too.
        if is_last or self.counted.steps >= self._audited_at + _AUDITED_FOR:
            self._audited_at = self.counted.steps
            self._auditor.look(f"step {self.counted.steps}")
        self._oracle.recount()
        self._post.judge(self._path)

    async def _run_due(self) -> bool:
        """Do what is due, until it is done, at this instant; return whether the process died on the way."""
        deaths = self.counted.deaths
        self._post.time_is()
        while not await self._tried_due():
            pass
        self._faults.calm()
        self.model.run_due(self._clock.shown)
        return self.counted.deaths > deaths

    async def _tried_due(self) -> bool:
        self._faults.expose(later=4)
        try:
            await self._app.run_due()
        except Died as death:
            await self._restart(death)
        except TryLater:
            self._trace.update(b"away")
        else:
            return True
        return False

    # Delivery -----------------------------------------------------------------------------------------------------

    async def _platform(self, platform: str, most: int, *, faults: bool) -> None:
        """Deliver a batch; it is confirmed when all of it is done, or comes again."""
        wire = self._wires[platform]
        waiting = wire.waiting(most)
        batch = wire.disturbed(waiting) if faults else waiting
        try:
            for segment in segments(batch):
                if faults:
                    self._expose(segment)
                await self._take(segment)
                self._faults.calm()
        except Died:
            wire.died(waiting)
            raise
        if not (faults and wire.unconfirmed()):
            wire.confirm(len(waiting))

    def _expose(self, segment: Sequence[Act]) -> None:
        """Draw what goes wrong. Tries of one event add up over its deliveries, so a defect meets each but once."""
        is_alone, first = len(segment) == 1, segment[0]
        may_fail = not is_alone or not (first.is_spoilt or first.committed_at)
        self._faults.expose(tries=2 if is_alone else 0, may_fail=may_fail)
        first.is_spoilt |= is_alone and self._faults.is_defect

    async def _take(self, segment: Sequence[Act]) -> None:
        first = segment[0]
        if not first.is_participation:
            await self._deliver(first)
            return
        self.counted.happened.update(act.kind for act in segment)
        events = [act.event for act in segment if isinstance(act.event, MessagePosted | ReactionChanged)]
        before = self._database.commits
        try:
            await self._app.take_part(events)
        finally:
            if self._database.commits > before and not (len(events) == 1 and self._faults.gives_up):
                apart = self._faults.is_defect and len(events) > 1
                for batch in [[event] for event in events] if apart else [events]:
                    self.model.take_part(batch, self._clock.shown)

    async def _deliver(self, act: Act, *, eager: bool = False) -> None:
        before, now = self._database.commits, self._clock.shown
        if act.is_reading:
            self._faults.calm()
        replies: list[Reply] | None = None
        try:
            replies = await self._handle(act)
        finally:
            if self._database.commits > before or (act.is_reading and replies is not None):
                act.committed(self.model, now, is_given_up=self._faults.gives_up)
        self._trace.update(f"{act.who} {[reply.template for reply in replies]}".encode())
        act.answered(replies, self._clock.latest)
        self.counted.happened[act.kind if act.expected is None else f"{act.kind}: {act.expected}"] += 1
        if act.then is not None and replies:
            follow, act.then = act.then(replies), None
            if follow is not None and eager:
                await self._deliver(follow, eager=True)
            elif follow is not None:
                self._wires[act.event.place.platform].append(follow)

    async def _reach(self, name: str, *, is_reachable: bool) -> None:
        """Tell the app whether the bot may write to somebody."""
        before, person = self._database.commits, self._people.person(name)
        place = self._people.place(name, private=True)
        event = ReachabilityChanged(
            event_id="reach", at=self._clock.shown, place=place, person=person, is_reachable=is_reachable
        )
        try:
            await self._app.handle(event)
        finally:
            if self._database.commits > before:
                self.model.people[name].is_reachable = is_reachable

    async def _handle(self, act: Act) -> list[Reply]:
        assert not isinstance(act.event, MessagePosted | ReactionChanged)
        replies = await self._app.handle(act.event)
        if not any(button.action and not button.data for button in buttons(replies)):
            return replies
        # What is said again comes without what its buttons carry.
        return await self._inner.read(lambda tx: [_with_data(reply, tx) for reply in replies])


def _with_data(reply: Reply, tx: Transaction) -> Reply:
    """Return a reply with what its buttons carry."""
    return replace(reply, buttons=tuple(tuple(_carrying(button, tx) for button in row) for row in reply.buttons))


def _carrying(button: Button, tx: Transaction) -> Button:
    shown = tx.conversations.shown(button.token) if button.action else None
    return button if shown is None else replace(button, data=shown.data)
