"""The config content behind each rule version that entries name."""

from datetime import datetime

from sqlalchemy import bindparam, select
from sqlalchemy.dialects.postgresql import insert

from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.times import to_us

_REMEMBER = (
    insert(schema.rule_version)
    .values(binds("id", "rule", "content", "first_used_at"))
    .on_conflict_do_nothing(index_elements=["id"])
)
_CONTENT = select(schema.rule_version.c.content).where(schema.rule_version.c.id == bindparam("version"))


class RuleVersions:
    """Stores rule versions; none is ever changed."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def remember(self, version: str, rule: str, content: str) -> None:
        """Store what a version says, once."""
        self._connection.run(_REMEMBER, id=version, rule=rule, content=content, first_used_at=to_us(self._now))

    def content(self, version: str) -> str | None:
        """Return what a version says, None where it is not known."""
        content: str | None = self._connection.value(_CONTENT, version=version)
        return content
