"""What awards are reckoned from: purchases, thanks, daily counts, messages and reactions."""

from sqlalchemy import ForeignKey, Index, UniqueConstraint, text

from storage.schema.base import own_id, string, table, whole

purchase = table(
    "purchase",
    own_id(),
    string("shop"),
    string("receipt", optional=True),
    string("day"),
    whole("holder_id", ForeignKey("holder.id")),
    whole("cashier_id", ForeignKey("holder.id"), optional=True),
    whole("space_id", optional=True),
    whole("amount_minor"),
    whole("eligible_minor"),
    whole("refunded_minor", server_default=text("0")),
    string("currency"),
    whole("version", server_default=text("1")),
    whole("points"),
    whole("status"),
    string("terms"),
    string("rule_version"),
    whole("occurred_at"),
    whole("counting_minor", optional=True),
    whole("first_points", server_default=text("0")),
    string("goods", optional=True),
    UniqueConstraint("shop", "receipt", "day"),
    Index("ix_purchase_holder_id_day", "holder_id", "day"),
)
action_done = table(
    "action_done",
    own_id(),
    string("action"),
    whole("holder_id", ForeignKey("holder.id")),
    string("source", unique=True),
    whole("done_at"),
    Index("ix_action_done_holder_id_action_done_at", "holder_id", "action", "done_at"),
)
thanks = table(
    "thanks",
    own_id(),
    string("source", unique=True),
    whole("giver_id", ForeignKey("holder.id")),
    whole("receiver_id", ForeignKey("holder.id")),
    whole("given_at", index=True),
    Index("ix_thanks_giver_id_given_at", "giver_id", "given_at"),
    Index("ix_thanks_receiver_id_given_at", "receiver_id", "given_at"),
)
daily_count = table(
    "daily_count",
    string("counted", primary_key=True),
    string("day", primary_key=True),
    whole("amount"),
    rowid=False,
)
message_author = table(
    "message_author",
    whole("space_id", primary_key=True),
    string("message_id", primary_key=True),
    whole("holder_id"),
    whole("posted_at", index=True),
    rowid=False,
)
reaction = table(
    "reaction",
    own_id(),
    whole("space_id"),
    string("message_id"),
    whole("reactor_id", ForeignKey("holder.id")),
    whole("author_id", ForeignKey("holder.id")),
    string("emojis"),
    string("newest", server_default=text("'{}'")),
    whole("version"),
    string("award_source", optional=True),
    whole("changed_at"),
    UniqueConstraint("space_id", "message_id", "reactor_id"),
)
