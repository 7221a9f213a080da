"""At the till: what staff record."""

import random
from datetime import datetime

from tests.simulation.acts import Act
from tests.simulation.model import Model
from tests.simulation.redeeming import Redeeming


class Till(Redeeming):
    """A moderator and a cashier on each platform."""

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
            return model.purchase(name, minor, receipt, space, now, at)

        def confirmed(model: Model, now: datetime) -> str:
            model.acts(cashier, space, now, at)
            return model.purchase(name, minor, receipt, space, now, at, sure=True)

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
            return model.refund(number, minor, now)

        return Act(event, expect)

    def bonus(self, at: datetime, name: str) -> Act:
        """Return bonus points for someone."""
        moderator = f"{name.split(':')[0]}:1"
        private, space = self.where(moderator)
        points = self.rng.choice((1, 7, 50, 500, 501))
        event = self.command(moderator, at, f"bonus {points} thanks", words=(self.person(name),), private=private)

        def expect(model: Model, now: datetime) -> str:
            model.acts(moderator, space, now, at)
            return model.bonus(moderator, name, points, now, at)

        return Act(event, expect)
