"""What members redeem, what becomes of their coupons, and who tends the catalogue."""

import random
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.events import Command
from bot.replies import Button, Reply
from tests.simulation.accounts import Issued
from tests.simulation.acts import Act, Then, button, buttons
from tests.simulation.model import Model
from tests.simulation.redemptions import Answer, name_of
from tests.simulation.speaking import Speaking

_UNKNOWN = "22222-22222"
_MALFORMED = "2222"
_KEPT = 15
# After these a button that works once is used up; a refusal leaves it as it was.
_DONE = {"redeemed", "reward_offer", "redeem_dropped", "coupon_accepted", "coupon_given_back", "coupon_kept"}


@dataclass(slots=True)
class _Offer:
    """A question whether to redeem something: which version of it was shown, what came of it."""

    key: str
    version: int = 0
    coupon: Issued | None = None


class Redeeming(Speaking):
    """Members who redeem, the cashiers who take their coupons, a moderator with a store room."""

    def __init__(self, rng: random.Random, model: Model) -> None:
        super().__init__(rng, model)
        self._counted = [key for key, reward in model.catalogue.items() if reward.stock is not None]
        self._codes: deque[tuple[str, Issued]] = deque(maxlen=_KEPT)

    # Redeeming ----------------------------------------------------------------------------------------------------

    def redeem(self, at: datetime, name: str) -> Act:
        """Return the wish for a reward, named or picked from the ladder; the yes follows, or a no."""
        private, space = self.where(name)
        key = self._key()
        draw = self.rng.random()
        if draw < 0.3:
            return self._ladder(at, name, private=private, is_reading=draw < 0.15)
        typed = "moon" if draw < 0.32 else key
        event = self.command(name, at, f"redeem {typed}", private=private)
        offer = _Offer(key)

        def expect(model: Model, now: datetime) -> Answer:
            model.acts(name, space, now, at)
            offer.version = model.catalogue[key].version
            return model.offer(name, typed, now)

        return Act(event, expect, self._asked(event, offer))

    def _key(self) -> str:
        return self.rng.choice(list(self.model.catalogue))

    def _ladder(self, at: datetime, name: str, *, private: bool, is_reading: bool) -> Act:
        space = None if private else self.space(name)
        event = self.command(name, at, "rewards" if is_reading else "redeem", private=private)

        def expect(model: Model, now: datetime) -> Answer:
            model.acts(name, space, now, at)
            return model.ladder(name, now)

        def then(replies: Sequence[Reply]) -> Act | None:
            picks = [found for found in buttons(replies) if found.action == "reward.pick"]
            if not picks:
                return None
            pick = self.rng.choice(picks)
            numbers = {reward.number: key for key, reward in self.model.catalogue.items()}
            offer = _Offer(numbers[_number(pick, "reward")])

            def picked(model: Model, now: datetime) -> Answer:
                model.acts(name, space, now, at)
                offer.version = model.catalogue[offer.key].version
                return model.offer(name, offer.key, now)

            return Act(self.pressed(event, pick), picked, self._asked(event, offer))

        return Act(event, expect, then, is_reading=is_reading)

    def _asked(self, event: Command, offer: _Offer) -> Then:
        """Return what makes the yes, or the no, out of the question."""
        name = str(event.person.identity)

        def redeemed(model: Model, now: datetime) -> Answer:
            answer = model.redeem(name, offer.key, offer.version, now)
            match name_of(answer):
                case "redeemed":
                    offer.coupon = model.coupons[-1]
                case "reward_offer":
                    offer.version = model.catalogue[offer.key].version
            return answer

        def dropped(model: Model, now: datetime) -> Answer:
            return "join_first" if model.active(name) is None else "redeem_dropped"

        def then(replies: Sequence[Reply]) -> Act | None:
            if self.rng.random() < 0.1:
                return self._once(event, "reward.drop", dropped)(replies)
            return self._once(event, "reward.redeem", redeemed, had)(replies)

        def had(replies: Sequence[Reply]) -> Act | None:
            """What follows the yes: it is asked again where the reward was changed, or the coupon is back at once."""
            if button(replies, "reward.redeem") is not None:
                return self._asked(event, offer)(replies)
            if offer.coupon is None or button(replies, "coupon.ask") is None:
                return None
            self._codes.append((str(replies[0].fields["code"]), offer.coupon))
            return self._given_back(event, offer.coupon)(replies) if self.rng.random() < 0.1 else None

        return then

    def _once(
        self, event: Command, action: str, expect: Callable[[Model, datetime], Answer], then: Then | None = None
    ) -> Then:
        """Return what presses a button that works once; now and then it is pressed twice."""
        name, space = str(event.person.identity), self.space_of(event)
        is_used = False

        def pressed(model: Model, now: datetime) -> Answer:
            nonlocal is_used
            model.acts(name, space, now, event.at)
            if is_used:
                return "button_used"
            answer = expect(model, now)
            is_used = name_of(answer) in _DONE
            return answer

        def press(replies: Sequence[Reply]) -> Act | None:
            found = button(replies, action)
            if found is None:
                return None
            if self.rng.random() < 0.1:
                return Act(self.pressed(event, found), pressed, lambda _: Act(self.pressed(event, found), pressed))
            return Act(self.pressed(event, found), pressed, then)

        return press

    # Coupons ------------------------------------------------------------------------------------------------------

    def coupons(self, at: datetime, name: str) -> Act:
        """Return a look at one's coupons, after which one is shown or given back."""
        private, space = self.where(name)
        event = self.command(name, at, "coupons", private=private)

        def expect(model: Model, now: datetime) -> Answer:
            model.acts(name, space, now, at)
            return model.list_coupons(name, now)

        def then(replies: Sequence[Reply]) -> Act | None:
            action = self.rng.choice(("coupon.display", "coupon.ask", "coupon.ask"))
            shown = [found for found in buttons(replies) if found.action == action]
            if not shown:
                return None
            picked = self.rng.choice(shown)
            coupon = self.model.coupons[_number(picked, "coupon") - 1]
            if action == "coupon.ask":
                return self._given_back(event, coupon)((Reply("", buttons=((picked,),)),))
            return Act(self.pressed(event, picked), self._looking(event, coupon, "coupon"), self._learns(coupon))

        return Act(event, expect, then, is_reading=True)

    def _looking(self, event: Command, coupon: Issued, template: str) -> Callable[[Model, datetime], Answer]:
        name, space = str(event.person.identity), self.space_of(event)

        def looked(model: Model, now: datetime) -> Answer:
            model.acts(name, space, now, event.at)
            return model.look_at(name, coupon, template, now)

        return looked

    def _learns(self, coupon: Issued) -> Then:
        def then(replies: Sequence[Reply]) -> None:
            if "code" in replies[0].fields:
                self._codes.append((str(replies[0].fields["code"]), coupon))

        return then

    def _given_back(self, event: Command, coupon: Issued) -> Then:
        """Return what presses "give it back", and then says yes or no."""
        name = str(event.person.identity)

        def confirmed(replies: Sequence[Reply]) -> Act | None:
            if self.rng.random() < 0.2:
                return self._kept(event)(replies)
            return self._once(event, "coupon.cancel", lambda model, now: model.give_back(name, coupon, now))(replies)

        def then(replies: Sequence[Reply]) -> Act | None:
            found = button(replies, "coupon.ask")
            if found is None:
                return None
            return Act(self.pressed(event, found), self._looking(event, coupon, "coupon_give_back"), confirmed)

        return then

    def _kept(self, event: Command) -> Then:
        name = str(event.person.identity)

        def kept(model: Model, now: datetime) -> Answer:
            return "join_first" if model.active(name) is None else "coupon_kept"

        return self._once(event, "coupon.keep", kept)

    # At the till --------------------------------------------------------------------------------------------------

    def use(self, at: datetime, name: str) -> Act | None:
        """Return a code that the cashier types: right, wrong or over; the yes follows."""
        if not self._codes:
            return None
        cashier = f"{name.split(':')[0]}:2"
        private, space = self.where(cashier)
        code, of_code = self.rng.choice(self._codes)
        typed = self.rng.choice((code, code, code, code, code.replace("-", "").lower(), _UNKNOWN, _MALFORMED))
        coupon = None if typed in (_UNKNOWN, _MALFORMED) else of_code
        event = self.command(cashier, at, f"use {typed}", private=private)

        def expect(model: Model, now: datetime) -> Answer:
            model.acts(cashier, space, now, at)
            return model.look_up(cashier, coupon, is_code=typed != _MALFORMED, now=now)

        def then(replies: Sequence[Reply]) -> Act | None:
            if self.rng.random() < 0.1:
                return self._kept(event)(replies)
            return self._once(event, "coupon.use", lambda model, now: model.use(of_code, now))(replies)

        return Act(event, expect, then)

    # The catalogue ------------------------------------------------------------------------------------------------

    def tend(self, at: datetime, name: str) -> Act:
        """Return a moderator's change of the catalogue: a reward is stopped, offered again, or there are more of it."""
        moderator = f"{name.split(':')[0]}:1"
        stopped = [key for key, reward in self.model.catalogue.items() if reward.is_stopped]
        key, action = (stopped[0], "resume") if stopped else (self._key(), "stop")
        if self.rng.random() < 0.6:
            return self._restock(at, moderator, self.rng.choice(self._counted))
        event = self.command(moderator, at, f"reward {action} {key}", private=True)
        return Act(event, lambda model, _: model.tend(key, action))

    def _restock(self, at: datetime, moderator: str, key: str) -> Act:
        event = self.command(moderator, at, f"reward edit {key}", private=True)

        def then(replies: Sequence[Reply]) -> Act | None:
            fields = [found for found in buttons(replies) if found.data.get("field") == "stock"]
            if not fields:
                return None
            pressed = self.pressed(event, fields[0])
            question = pressed.event_id
            answered = self._stocked(event, moderator, question)
            return Act(pressed, lambda model, now: model.ask_stock(moderator, key, question, now), answered)

        return Act(event, lambda _model, _now: "reward_edit", then)

    def _stocked(self, event: Command, moderator: str, question: str) -> Then:
        def answered(replies: Sequence[Reply]) -> Act | None:
            choices = [found for found in buttons(replies) if found.action == "form.choose"]
            if not choices:
                return None
            picked = self.rng.choice([choices[0], *choices[1:3] * 2])
            stock = picked.data["value"] or None
            assert stock is None or isinstance(stock, int)
            return Act(self.pressed(event, picked), lambda model, now: model.restock(moderator, stock, question, now))

        return answered


def _number(of: Button, what: str) -> int:
    number = of.data[what]
    assert isinstance(number, int)
    return number
