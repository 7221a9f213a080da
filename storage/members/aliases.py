"""The names that members choose for boards: each once, and none that is somebody else's."""

from collections.abc import Iterable

from sqlalchemy import bindparam, or_, select, update

from bot.files.file_lines import PLATFORMS
from bot.members.aliases import skeleton
from storage import schema
from storage.engine.dialect import Connection, as_list, values_of

_member, _holder, _identity, _grant = schema.member, schema.holder, schema.identity, schema.role_grant
_THIS = update(_member).where(_member.c.id == bindparam("of_member"))
_SET = _THIS.values(alias=bindparam("new_alias"), alias_key=bindparam("new_key"))
# Its key stays, so that nobody takes the name up again.
_TAKE_AWAY = _THIS.values(alias=None)
_KEY_TAKEN = select(_member.c.id).where(
    _member.c.alias_key == bindparam("key"), or_(_member.c.id != bindparam("member"), _member.c.alias.is_(None))
)
_named = select(_identity.c.name).join(_holder, _holder.c.id == _identity.c.holder_id)
_OTHERS = _named.where(
    or_(
        _identity.c.name.in_(values_of("names")),
        _identity.c.platform.in_(PLATFORMS) & _identity.c.username.in_(values_of("usernames")),
    ),
    _holder.c.member_id != bindparam("member"),
).limit(1)
_STAFF = _named.where(
    or_(_identity.c.is_owner == 1, _holder.c.member_id.in_(select(_grant.c.member_id))),
    _holder.c.member_id != bindparam("member"),
)


class Aliases:
    """Keeps aliases, and looks whose names they are."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def set(self, member_id: int, alias: str | None) -> None:
        """Let a member be called so on boards, with None by their own name again."""
        key = None if alias is None else skeleton(alias)
        self._connection.run(_SET, of_member=member_id, new_alias=alias, new_key=key)

    def take_away(self, member_id: int) -> None:
        """Take a member's alias away: neither they nor others can choose it while they have no other one."""
        self._connection.run(_TAKE_AWAY, of_member=member_id)

    def is_taken(self, member_id: int, alias: str) -> bool:
        """Whether another member has an alias that looks like this one, or it was taken away."""
        return self._connection.first(_KEY_TAKEN, key=skeleton(alias), member=member_id) is not None

    def is_others(self, member_id: int, written: Iterable[str]) -> bool:
        """Whether another member has one of these names on a platform."""
        names = list(written)
        usernames = [name.lower() for name in names]
        found = self._connection.first(_OTHERS, names=as_list(names), usernames=as_list(usernames), member=member_id)
        return found is not None

    def staff(self, member_id: int) -> list[str]:
        """Return the names of staff, without those of the member."""
        return [row[0] for row in self._connection.all(_STAFF, member=member_id)]
