"""Orders of shops and who may be their buyers. Of who has not joined there are keyed hashes alone."""

from sqlalchemy import ForeignKey, UniqueConstraint, text

from storage.schema.base import own_id, string, table, whole

shop_order = table(
    "shop_order",
    own_id(),
    string("shop"),
    string("order_key"),
    string("facts"),
    string("email_key", optional=True, index=True),
    string("phone_key", optional=True, index=True),
    whole("holder_id", ForeignKey("holder.id"), optional=True, index=True),
    whole("purchase_id", ForeignKey("purchase.id"), optional=True, index=True),
    whole("waits_until", optional=True, index=True),
    whole("heard_at", server_default=text("0")),
    string("terms", optional=True),
    UniqueConstraint("shop", "order_key"),
)
contact = table(
    "contact",
    string("contact_key", primary_key=True),
    string("kind"),
    whole("holder_id", ForeignKey("holder.id"), index=True),
    whole("linked_at"),
    rowid=False,
)
mailed_code = table(
    "mailed_code",
    own_id(),
    whole("holder_id", ForeignKey("holder.id"), index=True),
    string("contact_key", index=True),
    string("code_key"),
    string("shown"),
    whole("expires_at"),
    whole("sent_at", index=True),
)
contact_request = table(
    "contact_request",
    string("code", primary_key=True),
    string("contact_key"),
    string("kind"),
    string("shown"),
    whole("holder_id", ForeignKey("holder.id"), index=True),
    whole("expires_at", index=True),
    rowid=False,
)
