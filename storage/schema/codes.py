"""One-time codes, the batches they were made in, and the wrong codes of all kinds that were tried."""

from sqlalchemy import ForeignKey, Index

from storage.schema.base import own_id, string, table, whole

code_batch = table(
    "code_batch",
    own_id(),
    string("kind"),
    string("terms"),
    whole("made_at"),
    whole("valid_until"),
    whole("stopped_at", optional=True),
)
one_time_code = table(
    "one_time_code",
    string("code_key", primary_key=True),
    whole("batch_id", ForeignKey("code_batch.id")),
    whole("holder_id", ForeignKey("holder.id"), optional=True),
    whole("claimed_at", optional=True),
    Index("ix_one_time_code_batch_id_claimed_at", "batch_id", "claimed_at"),
    rowid=False,
)
wrong_try = table(
    "wrong_try",
    own_id(),
    whole("member_id", ForeignKey("member.id")),
    string("what"),
    whole("tried_at"),
    Index("ix_wrong_try_member_id_what_tried_at", "member_id", "what", "tried_at"),
)
