"""The work: what was handled or given up, conversations, posts and the pauses between them, jobs."""

from sqlalchemy import ForeignKey, Index, text

from storage.schema.base import own_id, partial_index, string, table, whole

setting = table("setting", string("key", primary_key=True), string("value"))
handled = table(
    "handled",
    string("event_key", primary_key=True),
    string("input_hash"),
    string("reply", optional=True),
    whole("handled_at", index=True),
    rowid=False,
)
attempt = table("attempt", string("event_key", primary_key=True), whole("tries"), whole("tried_at"), rowid=False)
dead_letter = table(
    "dead_letter",
    own_id(),
    string("event_key", unique=True),
    string("kind"),
    string("reason"),
    string("arguments"),
    string("event", optional=True),
    string("error_id"),
    whole("parked_at"),
)
button = table(
    "button",
    string("token", primary_key=True),
    string("action"),
    string("data"),
    string("person_key", optional=True),
    whole("is_once"),
    whole("is_used", server_default=text("0")),
    whole("expires_at", index=True),
    rowid=False,
)
form = table(
    "form",
    string("person_key", primary_key=True),
    string("name"),
    string("step"),
    string("data"),
    string("channel_key"),
    whole("expires_at"),
    string("instance", server_default=text("''")),
    rowid=False,
)
outbox = table(
    "outbox",
    own_id(),
    string("post_key", unique=True),
    string("platform"),
    whole("space_id", ForeignKey("space.id"), optional=True),
    whole("holder_id", ForeignKey("holder.id"), optional=True),
    string("reply"),
    string("sending"),
    string("state"),
    whole("priority", server_default=text("1")),
    whole("tries", server_default=text("0")),
    whole("created_at"),
    whole("next_attempt_at"),
    string("message_id", optional=True),
    string("error", optional=True),
    string("channel_id", optional=True),
    string("thread_id", optional=True),
    partial_index("ix_outbox_due", "platform", "priority", "next_attempt_at", where="state = 'waiting'"),
    Index("ix_outbox_state_created_at", "state", "created_at"),
    partial_index("ix_outbox_text", "created_at", where="reply <> ''"),
)
lease = table("lease", string("name", primary_key=True), string("owner"), whole("taken_at"), whole("expires_at"))
rest = table(
    "rest",
    string("platform", primary_key=True),
    whole("destination", primary_key=True),
    whole("ends_at"),
    whole("asked_at", server_default=text("0")),
)
alert = table("alert", string("kind", primary_key=True), whole("told_at"), whole("amount"))
job_run = table(
    "job_run",
    string("job", primary_key=True),
    whole("space_id", primary_key=True),
    string("occurrence", primary_key=True),
    whole("due_at"),
    string("state"),
    string("progress", optional=True),
    whole("ran_at"),
    Index("ix_job_run_due", "job", "space_id", "due_at"),
    Index("ix_job_run_due_at", "due_at"),
)
