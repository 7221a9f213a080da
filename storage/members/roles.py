"""Roles granted by owners, owners named by the config, and who is staff by either."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import bindparam, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.events import Identity
from bot.members.roles import Role
from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us
from storage.schema import CLUB

_holder, _identity = schema.holder, schema.identity
_ROLES = select(schema.role_grant.c.role).where(
    schema.role_grant.c.member_id == bindparam("member"),
    (schema.role_grant.c.space_id == CLUB) | (schema.role_grant.c.space_id == bindparam("space")),
)
_GRANTS = select(schema.role_grant.c.role, schema.role_grant.c.space_id).where(
    schema.role_grant.c.member_id == bindparam("member")
)
_GRANT = (
    insert(schema.role_grant)
    .values(binds("member_id", "role", "space_id", "granted_by", "granted_at"))
    .on_conflict_do_nothing(index_elements=["member_id", "role", "space_id"])
)
_REVOKE = delete(schema.role_grant).where(
    schema.role_grant.c.member_id == bindparam("member"), schema.role_grant.c.space_id == bindparam("space")
)
_IDENTITY = select(_identity.c.platform, _identity.c.user_id, _identity.c.is_owner, _holder.c.member_id).join(
    _holder, _holder.c.id == _identity.c.holder_id
)
_OWNING = _IDENTITY.where(_identity.c.is_owner == 1)
_NAMED = _IDENTITY.where(_identity.c.platform == bindparam("platform"), _identity.c.user_id == bindparam("user"))
_SET_OWNER = (
    update(_identity)
    .where(_identity.c.platform == bindparam("on_platform"), _identity.c.user_id == bindparam("of_user"))
    .values(is_owner=bindparam("owner"))
)
_IS_OWNER = (
    select(func.coalesce(func.max(_identity.c.is_owner), 0))
    .join(_holder, _holder.c.id == _identity.c.holder_id)
    .where(_holder.c.member_id == bindparam("member"))
)
_staff = select(schema.role_grant.c.member_id).union(
    select(_holder.c.member_id).join(_identity, _identity.c.holder_id == _holder.c.id).where(_identity.c.is_owner == 1)
)
_OWNERS = (
    select(_holder.c.member_id)
    .join(_identity, _identity.c.holder_id == _holder.c.id)
    .where(_identity.c.is_owner == 1)
    .distinct()
    .order_by(_holder.c.member_id)
)
_MODERATORS = (
    select(schema.role_grant.c.member_id)
    .where(schema.role_grant.c.role == Role.MODERATOR)
    .distinct()
    .order_by(schema.role_grant.c.member_id)
)
_STAFF = select(schema.member.c.id).where(
    schema.member.c.id.in_(_staff), schema.member.c.is_listed == bindparam("listed")
)


class Roles:
    """Grants roles and says who holds them."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def of(self, member_id: int, space_id: int | None) -> frozenset[Role]:
        """Return roles granted for the whole club or for this space."""
        rows = self._connection.all(_ROLES, member=member_id, space=CLUB if space_id is None else space_id)
        return frozenset(Role(row[0]) for row in rows)

    def anywhere(self, member_id: int) -> frozenset[Role]:
        """Return roles granted for the whole club or in any space."""
        return frozenset(Role(row[0]) for row in self._connection.all(_GRANTS, member=member_id))

    def spaces(self, member_id: int, role: Role) -> list[int]:
        """Return the ids of the spaces in which a member was granted a role, the lowest first."""
        rows = self._connection.all(_GRANTS, member=member_id)
        return sorted(space_id for granted, space_id in rows if granted == role and space_id != CLUB)

    def grant(self, member_id: int, role: Role, space_id: int, granted_by: int | None) -> bool:
        """Grant a role in a space, or with CLUB everywhere; return whether that is new."""
        cursor = self._connection.run(
            _GRANT,
            member_id=member_id,
            role=role,
            space_id=space_id,
            granted_by=granted_by,
            granted_at=to_us(self._now),
        )
        return bool(cursor.rowcount)

    def revoke(self, member_id: int, space_id: int) -> bool:
        """Take back every role granted in this scope; return whether there was one."""
        return bool(self._connection.run(_REVOKE, member=member_id, space=space_id).rowcount)

    def is_staff(self, member_id: int) -> bool:
        """Whether the member holds a role anywhere or is an owner."""
        is_owner = self._connection.value(_IS_OWNER, member=member_id)
        return bool(is_owner) or self._connection.first(_GRANTS, member=member_id) is not None

    def staff(self, *, is_listed: bool) -> list[int]:
        """Return the ids of the members who hold a role or are owners, and do or do not stand on public boards."""
        return [row[0] for row in self._connection.all(_STAFF, listed=int(is_listed))]

    def moderators(self) -> list[int]:
        """Return the ids of the members who are moderators anywhere."""
        return [row[0] for row in self._connection.all(_MODERATORS)]

    def owners(self) -> list[int]:
        """Return the ids of the members who are owners."""
        return [row[0] for row in self._connection.all(_OWNERS)]

    def sync_owners(self, owners: Iterable[Identity]) -> list[int]:
        """Make exactly these identities owners; return the members for whom that changed."""
        wanted = dict.fromkeys(owners)
        known = {(row[0], row[1]): row for row in self._connection.all(_OWNING)}
        for owner in wanted:
            row = self._connection.first(_NAMED, platform=owner.platform, user=owner.user_id)
            if row is not None:
                known[row[0], row[1]] = row
        changed = []
        for platform, user_id, was_owner, member_id in known.values():
            is_owner = Identity(platform, user_id) in wanted
            if is_owner != bool(was_owner):
                self._connection.run(_SET_OWNER, on_platform=platform, of_user=user_id, owner=int(is_owner))
                changed.append(member_id)
        return changed
