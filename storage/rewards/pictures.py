"""Pictures that people sent for what the club offers, by what they hold."""

import hashlib
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, as_list, binds, values_of
from storage.engine.times import to_us

_picture = schema.picture
_insert = insert(_picture).values(binds("digest", "png", "kept_at"))
_KEEP = _insert.on_conflict_do_update(index_elements=["digest"], set_={"kept_at": _insert.excluded.kept_at})
_PNG = select(_picture.c.png).where(_picture.c.digest == bindparam("digest"))
_FORGET = delete(_picture).where(
    _picture.c.kept_at < bindparam("before"), _picture.c.digest.not_in(values_of("in_use"))
)


class Pictures:
    """Keeps each picture once, however often it is sent."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def keep(self, png: bytes) -> str:
        """Keep a picture; return its name, the SHA-256 of what it holds in hexadecimal digits."""
        digest = hashlib.sha256(png).hexdigest()
        self._connection.run(_KEEP, digest=digest, png=png, kept_at=to_us(self._now))
        return digest

    def png(self, digest: str) -> bytes | None:
        """Return what a picture holds, None where it is not kept any more."""
        found: bytes | None = self._connection.value(_PNG, digest=digest)
        return found

    def forget(self, in_use: Collection[str], before: datetime) -> int:
        """Drop the pictures kept before an instant whose names are not in use; return how many."""
        return self._connection.run(_FORGET, in_use=as_list(in_use), before=to_us(before)).rowcount
