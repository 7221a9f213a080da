"""Small facts the installation keeps about itself: when it was installed, its pepper, what is closed."""

import hmac

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection

_GET = select(schema.setting.c.value).where(schema.setting.c.key == bindparam("key"))
_upsert = insert(schema.setting).values(key=bindparam("key"), value=bindparam("value"))
_PUT = _upsert.on_conflict_do_update(index_elements=["key"], set_={"value": _upsert.excluded.value})
_PUT_FIRST = _upsert.on_conflict_do_nothing(index_elements=["key"])
PEPPER = "pepper"
INSTALLED_AT = "installed_at"


class Settings:
    """Reads and writes single values by name."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known = connection.settings

    def get(self, key: str) -> str | None:
        """Return a value or None."""
        if key not in self._known:
            self._known[key] = self._connection.value(_GET, key=key)
        return self._known[key]

    def put(self, key: str, value: str) -> None:
        """Set a value."""
        self._connection.run(_PUT, key=key, value=value)
        self._known[key] = value

    def put_first(self, key: str, value: str) -> None:
        """Set a value that has none."""
        self._connection.run(_PUT_FIRST, key=key, value=value)
        self._known.pop(key, None)

    def keyed(self, text: str) -> str:
        """Return a keyed hash (HMAC-SHA256, 24 hex digits) that stands for `text` where it may not be stored."""
        pepper = self.get(PEPPER)
        assert pepper is not None, "the database was not prepared"
        return hmac.new(bytes.fromhex(pepper), text.encode(errors="surrogatepass"), "sha256").hexdigest()[:24]
