"""At the till: what staff record, and what members redeem."""

import random
from collections.abc import Callable
from datetime import datetime

from bot.errors import UserError
from handlers.spending import capture, hold, release
from storage.transaction import Transaction
from tests.simulation.acts import Act
from tests.simulation.model import Model
from tests.simulation.speaking import Speaking


class Till(Speaking):
    """A moderator and a cashier on each platform, and members with something to redeem."""

    def __init__(self, rng: random.Random, model: Model) -> None:
        super().__init__(rng, model)
        self._receipts = 0

    def purchase(self, at: datetime, name: str) -> Act:
        """Return a purchase of someone, recorded by the cashier."""
        cashier = f"{name.split(':')[0]}:2"
        private, space = self.where(cashier)
        minor = self.rng.choice((50, 1000, 1000, 1234, 4999, 9999, self.rng.randint(1, 30000)))
        receipt = None
        if self.rng.random() < 0.8:
            self._receipts += self.rng.random() < 0.95
            receipt = f"R{self._receipts}"
        text = f"purchase {minor // 100}.{minor % 100:02}" + (f" {receipt}" if receipt else "")
        event = self.command(cashier, at, text, words=(self.person(name),), private=private)

        def expect(model: Model, now: datetime) -> str:
            model.acts(cashier, space, now, at)
            return model.purchase(name, minor, receipt, space, now)

        def confirmed(model: Model, now: datetime) -> str:
            model.acts(cashier, space, now, at)
            return model.purchase(name, minor, receipt, space, now, sure=True)

        return Act(event, expect, self.pressing(event, "purchase.confirm", confirmed))

    def refund(self, at: datetime, name: str) -> Act | None:
        """Return a refund of one of the last purchases."""
        cashier = f"{name.split(':')[0]}:2"
        bought = self.model.bought[-40:]
        if not bought:
            return None
        number = self.rng.choice(bought).number
        minor = None if self.rng.random() < 0.4 else self.rng.randint(1, 3000)
        text = f"refund #{number}" + ("" if minor is None else f" {minor // 100}.{minor % 100:02}")
        private, space = self.where(cashier)
        event = self.command(cashier, at, text, private=private)

        def expect(model: Model, now: datetime) -> str:
            model.acts(cashier, space, now, at)
            return model.refund(number, minor)

        return Act(event, expect)

    def bonus(self, at: datetime, name: str) -> Act:
        """Return bonus points for someone."""
        moderator = f"{name.split(':')[0]}:1"
        private, space = self.where(moderator)
        points = self.rng.choice((1, 7, 50, 500, 501))
        event = self.command(moderator, at, f"bonus {points} thanks", words=(self.person(name),), private=private)

        def expect(model: Model, now: datetime) -> str:
            model.acts(moderator, space, now, at)
            return model.bonus(name, points, now)

        return Act(event, expect)

    # Redemptions --------------------------------------------------------------------------------------------------

    def redeem(self, at: datetime, name: str) -> Act:
        """Return the reservation of a member's points."""
        points = self.rng.choice((5, 20, 60, 200))
        event = self.command(name, at, "redeem", private=True)
        source = f"redeem:{event.event_id}"

        def reserve(tx: Transaction) -> str:
            member = tx.members.by_identity(event.person.identity)
            # The answer to a command is remembered, whatever became of who said it.
            is_known = bool(tx.ledger.entries_of(source))
            if not is_known and (member is None or not member.is_active):
                return "join_first"
            assert member is not None
            return _outcome("held", lambda: hold(points, member, source, tx))

        return Act(event, lambda model, _: model.hold(name, points, source), work=reserve)

    def settle(self, at: datetime, name: str) -> Act | None:
        """Return the end of one of the last reservations."""
        if not self.model.held:
            return None
        sources = list(self.model.held)
        source = self.rng.choice(sources[-15:])
        end = self.rng.choice((capture, capture, release))
        event = self.command(name, at, end.__name__, private=True)
        return Act(
            event,
            lambda model, now: model.settle(source, end.__name__, now),
            work=lambda tx: _outcome("settled", lambda: end(source, tx)),
        )


def _outcome(done: str, work: Callable[[], None]) -> str:
    try:
        work()
    except UserError as refusal:
        return refusal.template
    return done
