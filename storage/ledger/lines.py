"""What every reading of entries shares: the entry, its note and who did it; and what points were given for at first."""

from sqlalchemy import and_, func, select

from bot.ledger.ledger import Reason
from storage import schema
from storage.engine.dialect import values_of

_entry, _use, _lot = schema.entry, schema.lot_use, schema.lot
_from, _first = _entry.alias("came_from"), _entry.alias("came_from_first")
_ripened, _pending = _use.alias("ripened"), _lot.alias("was_pending")
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
ORIGINS = (
    select(
        _use.c.entry_id,
        func.coalesce(_first.c.source, _from.c.source),
        func.coalesce(_first.c.reason, _from.c.reason),
        func.coalesce(_first.c.occurred_at, _from.c.occurred_at),
    )
    .join(_lot, _lot.c.id == _use.c.lot_id)
    .join(_from, _from.c.id == _lot.c.entry_id)
    .outerjoin(_ripened, and_(_ripened.c.entry_id == _from.c.id, _ripened.c.points > 0, _from.c.reason == Reason.RIPEN))
    .outerjoin(_pending, _pending.c.id == _ripened.c.lot_id)
    .outerjoin(_first, _first.c.id == _pending.c.entry_id)
    .where(_use.c.entry_id.in_(values_of("entries", int)), _use.c.points > 0)
)
"""Of ripenings and expiries: the entry, and source, reason and instant of what gave the points at first."""
