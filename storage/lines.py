"""What every reading of an entry begins with: the entry itself, the note that goes with it, and who did it."""

from sqlalchemy import func, select

from storage import schema

_entry = schema.entry
_actor_name = (
    select(func.min(schema.identity.c.name)).where(schema.identity.c.holder_id == _entry.c.actor_id).scalar_subquery()
)
COLUMNS = (
    _entry.c.id,
    _entry.c.source,
    _entry.c.unit,
    _entry.c.points,
    _entry.c.reason,
    _entry.c.from_account,
    _entry.c.to_account,
    _entry.c.occurred_at,
    schema.note.c.text,
    _actor_name,
)
"""To be selected from entries with their notes joined."""
NEWEST = 2**62
"""The number of an entry after all others."""
