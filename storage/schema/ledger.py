"""The ledger: accounts, entries, and what is kept in step with them."""

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint

from storage.schema.base import own_id, partial_index, string, table, whole

account = table("account", own_id(), string("name", unique=True))
entry = table(
    "entry",
    own_id(),
    string("unit"),
    whole("from_account"),
    whole("to_account"),
    whole("points"),
    string("reason"),
    string("source"),
    whole("leg"),
    string("input_hash"),
    whole("holder_id", ForeignKey("holder.id")),
    whole("actor_id", ForeignKey("holder.id"), optional=True),
    whole("space_id", ForeignKey("space.id"), optional=True),
    string("rule_version", optional=True),
    whole("occurred_at"),
    whole("recorded_at"),
    whole("reverses", ForeignKey("entry.id"), optional=True),
    UniqueConstraint("source", "leg"),
    CheckConstraint("points > 0 AND points <= 1000000000000", name="points"),
    CheckConstraint("unit IN ('points', 'status')", name="unit"),
    CheckConstraint("from_account <> to_account", name="two_accounts"),
    Index("ix_entry_holder_id_id", "holder_id", "id"),
    partial_index("ix_entry_reverses", "reverses", where="reverses IS NOT NULL", unique=True),
)
note = table("note", whole("entry_id", ForeignKey("entry.id"), primary_key=True), string("text"))
balance = table(
    "balance",
    whole("account_id", primary_key=True),
    string("unit", primary_key=True),
    whole("amount"),
    CheckConstraint("amount BETWEEN -1000000000000 AND 1000000000000", name="amount"),
    rowid=False,
)
lot = table(
    "lot",
    own_id(),
    whole("entry_id", ForeignKey("entry.id"), unique=True),
    whole("account_id"),
    whole("holder_id", ForeignKey("holder.id")),
    string("unit"),
    whole("points"),
    whole("remaining"),
    whole("ripens_at", optional=True),
    whole("expires_at", optional=True),
    CheckConstraint("remaining BETWEEN 0 AND points", name="remaining"),
    partial_index("ix_lot_ripens_at", "ripens_at", where="remaining > 0"),
    partial_index("ix_lot_expires_at", "expires_at", where="remaining > 0"),
    partial_index("ix_lot_account_id", "account_id", where="remaining > 0"),
)
lot_use = table(
    "lot_use",
    whole("entry_id", ForeignKey("entry.id"), primary_key=True),
    whole("lot_id", ForeignKey("lot.id"), primary_key=True, index=True),
    whole("points"),
    rowid=False,
)
seal = table(
    "seal",
    own_id(),
    whole("first_entry_id"),
    whole("last_entry_id", unique=True),
    whole("entries"),
    string("hash"),
    whole("sealed_at"),
)
rule_version = table(
    "rule_version", string("id", primary_key=True), string("rule"), string("content"), whole("first_used_at")
)
