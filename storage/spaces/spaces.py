"""Spaces, who is present in them, and how far their messages were read back."""

from collections.abc import Iterable
from datetime import datetime, time

from sqlalchemy import bindparam, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from bot.events import SpaceRef
from bot.members.members import Space
from bot.members.names import clean_name
from storage import schema
from storage.engine.dialect import Connection, Row, as_list, binds, values_of
from storage.engine.times import from_us, maybe_from_us, to_us
from storage.operating.settings import Settings

_space, _presence, _cursor = schema.space, schema.presence, schema.backfill_cursor
_COLUMNS = [
    "id",
    "platform",
    "platform_space_id",
    "title",
    "channel_id",
    "thread_id",
    "language",
    "weekday",
    "post_time",
    "created_at",
    "retired_at",
    "invited_at",
]
_SPACE = select(*(_space.c[name] for name in _COLUMNS))
_BY_REF = _SPACE.where(
    _space.c.platform == bindparam("platform"), _space.c.platform_space_id == bindparam("platform_space_id")
)
_BY_ID = _SPACE.where(_space.c.id == bindparam("space"))
_ACTIVE = _SPACE.where(_space.c.retired_at.is_(None)).order_by(_space.c.id)
_upsert = insert(_space).values(
    binds(
        "platform",
        "platform_space_id",
        "title",
        "channel_id",
        "thread_id",
        "language",
        "weekday",
        "post_time",
        "created_at",
    )
)
_SET_UP = _upsert.on_conflict_do_update(
    index_elements=["platform", "platform_space_id"],
    set_={
        name: _upsert.excluded[name]
        for name in ("title", "channel_id", "thread_id", "language", "weekday", "post_time")
    }
    | {"retired_at": None},
)
_RETIRE = update(_space).where(_space.c.id == bindparam("space")).values(retired_at=bindparam("retired"))
_MOVE = (
    update(_space)
    .where(_space.c.id == bindparam("space"))
    .values(
        platform_space_id=bindparam("new_id"),
        channel_id=func.replace(_space.c.channel_id, _space.c.platform_space_id, bindparam("new_id")),
    )
)
_MOVED = select(schema.setting.c.value).where(schema.setting.c.key == bindparam("key"))
_INVITED = update(_space).where(_space.c.id == bindparam("space")).values(invited_at=bindparam("invited"))
_PRESENCE = select(_presence.c.left_at, _presence.c.first_seen_at).where(
    _presence.c.holder_id == bindparam("holder"), _presence.c.space_id == bindparam("space")
)
(_asked,) = values_of("holders", int).subquery().c
_ABSENT = select(_asked).where(
    ~exists().where(
        _presence.c.holder_id == _asked, _presence.c.space_id == bindparam("space"), _presence.c.left_at.is_(None)
    )
)
_ENTER = insert(_presence).values(binds("holder_id", "space_id", "first_seen_at"))
_ENTER = _ENTER.on_conflict_do_update(index_elements=["holder_id", "space_id"], set_={"left_at": None})
_LEAVE = (
    update(_presence)
    .where(_presence.c.holder_id == bindparam("holder"), _presence.c.space_id == bindparam("space"))
    .values(left_at=bindparam("left"))
)
_save_cursor = insert(_cursor).values(binds("platform", "channel_id", "message_id"))
_SAVE_CURSOR = _save_cursor.on_conflict_do_update(
    index_elements=["platform", "channel_id"], set_={"message_id": _save_cursor.excluded.message_id}
)
_CURSORS = select(_cursor.c.channel_id, _cursor.c.message_id).where(_cursor.c.platform == bindparam("platform"))


def _to_space(row: Row) -> Space:
    values = dict(zip(_COLUMNS, row, strict=True))
    values["post_time"] = time.fromisoformat(values["post_time"])
    values["created_at"] = from_us(values["created_at"])
    for name in ("retired_at", "invited_at"):
        values[name] = maybe_from_us(values[name])
    return Space(**values)


def _moved(platform: str, former_id: str) -> str:
    """Return under which setting it stands which space had an id."""
    return f"moved:{platform}:{former_id}"


class Spaces:
    """Finds and changes spaces."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def by_ref(self, ref: SpaceRef) -> Space | None:
        """Return the space that has an id by now, also a retired one."""
        row = self._connection.first(_BY_REF, platform=ref.platform, platform_space_id=ref.space_id)
        return None if row is None else _to_space(row)

    def meant(self, ref: SpaceRef) -> Space | None:
        """Return the space that is meant, also by an id it had before it moved; also a retired one.

        What was said there before it moved may be heard later, and the config may still name the former id.
        """
        found = self.by_ref(ref)
        if found is not None:
            return found
        moved = self._connection.value(_MOVED, key=_moved(ref.platform, ref.space_id))
        return None if moved is None else self.by_id(int(moved))

    def by_id(self, space_id: int) -> Space:
        """Return a space that is known to exist."""
        row = self._connection.first(_BY_ID, space=space_id)
        assert row is not None, f"no space {space_id}"
        return _to_space(row)

    def active(self) -> list[Space]:
        """Return every space that is not retired."""
        return [_to_space(row) for row in self._connection.all(_ACTIVE)]

    def set_up(
        self, ref: SpaceRef, channel_id: str, thread_id: str | None, language: str, weekday: int, post_time: time
    ) -> Space:
        """Make a group a space, or change or revive the space it is."""
        self._connection.run(
            _SET_UP,
            platform=ref.platform,
            platform_space_id=ref.space_id,
            title=clean_name(ref.title, "?"),
            channel_id=channel_id,
            thread_id=thread_id,
            language=language,
            weekday=weekday,
            post_time=post_time.strftime("%H:%M"),
            created_at=to_us(self._now),
        )
        space = self.by_ref(ref)
        assert space is not None
        return space

    def retire(self, space_id: int) -> None:
        """Stop posting to a space; its members and points stay."""
        self._connection.run(_RETIRE, space=space_id, retired=to_us(self._now))

    def revive(self, space_id: int) -> None:
        """Post to a retired space again."""
        self._connection.run(_RETIRE, space=space_id, retired=None)

    def move(self, space_id: int, new_platform_space_id: str) -> None:
        """Give a space the new id its platform gave it; what it was called before still means it."""
        before = self.by_id(space_id)
        Settings(self._connection).put(_moved(before.platform, before.platform_space_id), str(space_id))
        self._connection.run(_MOVE, space=space_id, new_id=new_platform_space_id)

    def set_invited(self, space_id: int) -> None:
        """Note that the space was just told how to join."""
        self._connection.run(_INVITED, space=space_id, invited=to_us(self._now))

    def was_ever_present(self, holder_id: int, space_id: int) -> bool:
        """Whether the holder was seen in the space before."""
        return self._connection.first(_PRESENCE, holder=holder_id, space=space_id) is not None

    def is_present(self, holder_id: int, space_id: int) -> bool:
        """Whether the holder was seen in the space and has not left it."""
        row = self._connection.first(_PRESENCE, holder=holder_id, space=space_id)
        return row is not None and row[0] is None

    def comes_by(self, holder_id: int, space_id: int, at: datetime) -> bool:
        """Whether the holder, who did something in the space then, was not known to be in it at that time."""
        row = self._connection.first(_PRESENCE, holder=holder_id, space=space_id)
        return row is None or (row[0] is not None and row[0] < to_us(at))

    def absent(self, space_id: int, holder_ids: Iterable[int]) -> set[int]:
        """Return those of the holders who were not seen in the space yet, or have left it."""
        return {row[0] for row in self._connection.all(_ABSENT, space=space_id, holders=as_list(holder_ids))}

    def enter(self, holder_id: int, space_id: int, at: datetime | None = None) -> None:
        """Note that the holder is in the space: since an instant, now if that is None, if they never were before."""
        self._connection.run(_ENTER, holder_id=holder_id, space_id=space_id, first_seen_at=to_us(at or self._now))

    def leave(self, holder_id: int, space_id: int, at: datetime) -> None:
        """Note that the holder left the space."""
        self._connection.run(_LEAVE, holder=holder_id, space=space_id, left=to_us(at))

    def cursors(self, platform: str) -> dict[str, str]:
        """Return, by channel, the last message id that was read and committed."""
        return {row[0]: row[1] for row in self._connection.all(_CURSORS, platform=platform)}

    def save_cursors(self, platform: str, cursors: Iterable[tuple[str, str]]) -> None:
        """Remember how far channels were read."""
        self._connection.run_many(
            _SAVE_CURSOR,
            [{"platform": platform, "channel_id": channel, "message_id": message} for channel, message in cursors],
        )
