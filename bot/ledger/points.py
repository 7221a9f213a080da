"""Rules for spending points."""

from bot.errors import UserError


class NotEnoughPoints(UserError):
    """The wallet does not cover it."""

    template = "not_enough_points"


class InDebt(UserError):
    """Points are owed; nothing can be spent before they are paid back."""

    template = "in_debt"


class AlreadySettled(UserError):
    """What was reserved has been used or given back before."""

    template = "already_settled"


class NothingHeld(Exception):
    """The source of a capture or a release held nothing: a defect of whoever asks."""


def spendable(balance: int, cost: int) -> int:
    """Return `cost` if `balance` covers it. Both in whole points, a balance below zero is a debt.

    Raises InDebt, NotEnoughPoints.
    """
    if balance < 0:
        raise InDebt(owed=-balance)
    if cost > balance:
        raise NotEnoughPoints(missing=cost - balance, cost=cost, balance=balance)
    return cost
