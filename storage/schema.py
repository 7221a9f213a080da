"""The tables. Times are integer microseconds UTC, amounts whole numbers; STRICT on SQLite."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.schema import SchemaItem

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
Whole = BigInteger().with_variant(Integer, "sqlite")
CLUB = 0
"""Stands where a space id stands and means the whole club."""


def _table(name: str, *items: SchemaItem, rowid: bool = True) -> Table:
    return Table(name, metadata, *items, sqlite_strict=True, sqlite_with_rowid=rowid)


def _id() -> Column[int]:
    return Column("id", Whole, primary_key=True)


def _whole(name: str, *items: object, optional: bool = False, **options: object) -> Column[int]:
    return Column(name, Whole, *items, nullable=optional, **options)  # type: ignore[arg-type]


def _text(name: str, *, optional: bool = False, **options: object) -> Column[str]:
    return Column(name, Text, nullable=optional, **options)  # type: ignore[arg-type]


def _index(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """Return an index over some of the rows, on both databases."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


setting = _table("setting", _text("key", primary_key=True), _text("value"))

# People -------------------------------------------------------------------------------------------------------------

member = _table(
    "member",
    _id(),
    _text("card_number", unique=True),
    _whole("joined_at"),
    _whole("left_at", optional=True),
    _text("language", optional=True),
    _whole("is_hidden", server_default=text("0")),
    _whole("is_listed", server_default=text("1")),
    _text("invitation", optional=True),
)
holder = _table("holder", _id(), _whole("member_id", ForeignKey("member.id"), index=True), _whole("created_at"))
identity = _table(
    "identity",
    _text("platform", primary_key=True),
    _text("user_id", primary_key=True),
    _whole("holder_id", ForeignKey("holder.id"), index=True),
    _text("name"),
    _text("username", optional=True),
    _whole("is_reachable", server_default=text("1")),
    _whole("is_owner", server_default=text("0")),
    _whole("seen_at"),
    Index("ix_identity_platform_username", "platform", "username"),
    Index("ix_identity_name", "name"),
    _index("ix_identity_is_owner", "holder_id", where="is_owner = 1"),
)
acceptance = _table(
    "acceptance",
    _id(),
    _whole("member_id", ForeignKey("member.id"), index=True),
    _text("rules_version"),
    _text("language"),
    _text("platform"),
    _whole("space_id", optional=True),
    _whole("accepted_at"),
)
role_grant = _table(
    "role_grant",
    _whole("member_id", ForeignKey("member.id"), primary_key=True),
    _text("role", primary_key=True),
    _whole("space_id", primary_key=True),
    _whole("granted_by", optional=True),
    _whole("granted_at"),
)

# Spaces -------------------------------------------------------------------------------------------------------------

space = _table(
    "space",
    _id(),
    _text("platform"),
    _text("platform_space_id"),
    _text("title"),
    _text("channel_id"),
    _text("thread_id", optional=True),
    _text("language"),
    _whole("weekday"),
    _text("post_time"),
    _whole("created_at"),
    _whole("retired_at", optional=True),
    _whole("invited_at", optional=True),
    UniqueConstraint("platform", "platform_space_id"),
)
presence = _table(
    "presence",
    _whole("holder_id", ForeignKey("holder.id"), primary_key=True),
    _whole("space_id", ForeignKey("space.id"), primary_key=True),
    _whole("first_seen_at"),
    _whole("left_at", optional=True),
    rowid=False,
)
backfill_cursor = _table(
    "backfill_cursor",
    _text("platform", primary_key=True),
    _text("channel_id", primary_key=True),
    _text("message_id"),
)

# The ledger ---------------------------------------------------------------------------------------------------------

account = _table("account", _id(), _text("name", unique=True))
entry = _table(
    "entry",
    _id(),
    _text("unit"),
    _whole("from_account"),
    _whole("to_account"),
    _whole("points"),
    _text("reason"),
    _text("source"),
    _whole("leg"),
    _text("input_hash"),
    _whole("holder_id", ForeignKey("holder.id")),
    _whole("actor_id", ForeignKey("holder.id"), optional=True),
    _whole("space_id", ForeignKey("space.id"), optional=True),
    _text("rule_version", optional=True),
    _whole("occurred_at"),
    _whole("recorded_at"),
    _whole("reverses", ForeignKey("entry.id"), optional=True),
    UniqueConstraint("source", "leg"),
    CheckConstraint("points > 0 AND points <= 1000000000000", name="points"),
    CheckConstraint("unit IN ('points', 'status')", name="unit"),
    CheckConstraint("from_account <> to_account", name="two_accounts"),
    Index("ix_entry_holder_id_id", "holder_id", "id"),
    _index("ix_entry_reverses", "reverses", where="reverses IS NOT NULL", unique=True),
)
note = _table("note", _whole("entry_id", ForeignKey("entry.id"), primary_key=True), _text("text"))
balance = _table(
    "balance",
    _whole("account_id", primary_key=True),
    _text("unit", primary_key=True),
    _whole("amount"),
    CheckConstraint("amount BETWEEN -1000000000000 AND 1000000000000", name="amount"),
    rowid=False,
)
lot = _table(
    "lot",
    _id(),
    _whole("entry_id", ForeignKey("entry.id"), unique=True),
    _whole("account_id"),
    _whole("holder_id", ForeignKey("holder.id")),
    _text("unit"),
    _whole("points"),
    _whole("remaining"),
    _whole("ripens_at", optional=True),
    _whole("expires_at", optional=True),
    CheckConstraint("remaining BETWEEN 0 AND points", name="remaining"),
    _index("ix_lot_ripens_at", "ripens_at", where="remaining > 0"),
    _index("ix_lot_expires_at", "expires_at", where="remaining > 0"),
    _index("ix_lot_account_id", "account_id", where="remaining > 0"),
)
lot_use = _table(
    "lot_use",
    _whole("entry_id", ForeignKey("entry.id"), primary_key=True),
    _whole("lot_id", ForeignKey("lot.id"), primary_key=True, index=True),
    _whole("points"),
    rowid=False,
)
seal = _table(
    "seal",
    _id(),
    _whole("first_entry_id"),
    _whole("last_entry_id", unique=True),
    _whole("entries"),
    _text("hash"),
    _whole("sealed_at"),
)
rule_version = _table(
    "rule_version", _text("id", primary_key=True), _text("rule"), _text("content"), _whole("first_used_at")
)

# Earning ------------------------------------------------------------------------------------------------------------

purchase = _table(
    "purchase",
    _id(),
    _text("shop"),
    _text("receipt", optional=True),
    _text("day"),
    _whole("holder_id", ForeignKey("holder.id")),
    _whole("cashier_id", ForeignKey("holder.id"), optional=True),
    _whole("space_id", optional=True),
    _whole("amount_minor"),
    _whole("eligible_minor"),
    _whole("refunded_minor", server_default=text("0")),
    _text("currency"),
    _whole("version", server_default=text("1")),
    _whole("points"),
    _whole("status"),
    _text("terms"),
    _text("rule_version"),
    _whole("occurred_at"),
    UniqueConstraint("shop", "receipt", "day"),
    Index("ix_purchase_holder_id_day", "holder_id", "day"),
)
daily_count = _table(
    "daily_count",
    _text("counted", primary_key=True),
    _text("day", primary_key=True),
    _whole("amount"),
    rowid=False,
)
message_author = _table(
    "message_author",
    _whole("space_id", primary_key=True),
    _text("message_id", primary_key=True),
    _whole("holder_id"),
    _whole("posted_at", index=True),
    rowid=False,
)
reaction = _table(
    "reaction",
    _id(),
    _whole("space_id"),
    _text("message_id"),
    _whole("reactor_id", ForeignKey("holder.id")),
    _whole("author_id", ForeignKey("holder.id")),
    _text("emojis"),
    _whole("version"),
    _text("award_source", optional=True),
    _whole("changed_at"),
    UniqueConstraint("space_id", "message_id", "reactor_id"),
)

# Challenges and leaderboards ----------------------------------------------------------------------------------------

challenge_round = _table(
    "challenge_round",
    _id(),
    _text("challenge"),
    _whole("opens_at"),
    _whole("closes_at"),
    _text("terms"),
    _text("state"),
    UniqueConstraint("challenge", "opens_at"),
    Index("ix_challenge_round_state", "state"),
)
challenge_mark = _table(
    "challenge_mark",
    _whole("round_id", ForeignKey("challenge_round.id"), primary_key=True),
    _whole("member_id", ForeignKey("member.id"), primary_key=True),
    _text("mark", primary_key=True),
    rowid=False,
)
challenge_progress = _table(
    "challenge_progress",
    _whole("round_id", ForeignKey("challenge_round.id"), primary_key=True),
    _whole("member_id", ForeignKey("member.id"), primary_key=True),
    _whole("amount"),
    rowid=False,
)
standing = _table(
    "standing",
    _whole("space_id", primary_key=True),
    _text("period", primary_key=True),
    _whole("member_id", ForeignKey("member.id"), primary_key=True),
    _whole("amount"),
    _whole("is_listed"),
    Index("ix_standing_top", "space_id", "period", "is_listed", text("amount DESC"), "member_id"),
    Index("ix_standing_member_id", "member_id"),
    rowid=False,
)
standing_bucket = _table(
    "standing_bucket",
    _whole("space_id", primary_key=True),
    _text("period", primary_key=True),
    _whole("level", primary_key=True),
    _whole("bucket", primary_key=True),
    _whole("members"),
    rowid=False,
)
board = _table(
    "board",
    _whole("space_id", primary_key=True),
    _text("period", primary_key=True),
    _text("content"),
    _whole("closed_at"),
)

# Work ---------------------------------------------------------------------------------------------------------------

handled = _table(
    "handled",
    _text("event_key", primary_key=True),
    _text("input_hash"),
    _text("reply", optional=True),
    _whole("handled_at", index=True),
    rowid=False,
)
attempt = _table("attempt", _text("event_key", primary_key=True), _whole("tries"), _whole("tried_at"), rowid=False)
dead_letter = _table(
    "dead_letter",
    _id(),
    _text("event_key", unique=True),
    _text("kind"),
    _text("reason"),
    _text("arguments"),
    _text("event", optional=True),
    _text("error_id"),
    _whole("parked_at"),
)
button = _table(
    "button",
    _text("token", primary_key=True),
    _text("action"),
    _text("data"),
    _text("person_key", optional=True),
    _whole("is_once"),
    _whole("is_used", server_default=text("0")),
    _whole("expires_at", index=True),
    rowid=False,
)
form = _table(
    "form",
    _text("person_key", primary_key=True),
    _text("name"),
    _text("step"),
    _text("data"),
    _text("channel_key"),
    _whole("expires_at"),
    rowid=False,
)
outbox = _table(
    "outbox",
    _id(),
    _text("post_key", unique=True),
    _text("platform"),
    _whole("space_id", ForeignKey("space.id"), optional=True),
    _whole("holder_id", ForeignKey("holder.id"), optional=True),
    _text("reply"),
    _text("sending"),
    _text("state"),
    _whole("priority", server_default=text("1")),
    _whole("tries", server_default=text("0")),
    _whole("created_at"),
    _whole("next_attempt_at"),
    _text("message_id", optional=True),
    _text("error", optional=True),
    _index("ix_outbox_due", "platform", "priority", "next_attempt_at", where="state = 'waiting'"),
    Index("ix_outbox_state_created_at", "state", "created_at"),
)
lease = _table("lease", _text("name", primary_key=True), _text("owner"), _whole("taken_at"), _whole("expires_at"))
alert = _table("alert", _text("kind", primary_key=True), _whole("told_at"), _whole("amount"))
job_run = _table(
    "job_run",
    _text("job", primary_key=True),
    _whole("space_id", primary_key=True),
    _text("occurrence", primary_key=True),
    _whole("due_at"),
    _text("state"),
    _text("progress", optional=True),
    _whole("ran_at"),
    Index("ix_job_run_due", "job", "space_id", "due_at"),
)
