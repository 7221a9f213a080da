"""Roles and what each implies."""

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What a command may ask for. ANYONE is everybody, SPACE_ADMIN may set up the space they are in."""

    ANYONE = "anyone"
    MEMBER = "member"
    CASHIER = "cashier"
    MODERATOR = "moderator"
    SPACE_ADMIN = "space_admin"
    OWNER = "owner"


GRANTABLE = (Role.CASHIER, Role.MODERATOR)


def has_role(held: Iterable[Role], needed: Role) -> bool:
    """Whether one who holds `held` may do what asks for `needed`. Owners may do everything."""
    return needed is Role.ANYONE or Role.OWNER in held or needed in held
