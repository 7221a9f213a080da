"""People: members, their identities, what they accepted and what they may do."""

from sqlalchemy import ForeignKey, Index, text

from storage.schema.base import own_id, partial_index, string, table, whole

member = table(
    "member",
    own_id(),
    string("card_number", unique=True),
    whole("joined_at"),
    whole("left_at", optional=True),
    string("language", optional=True),
    whole("is_hidden", server_default=text("0")),
    whole("is_listed", server_default=text("1")),
    whole("shares_news", server_default=text("0")),
    string("alias", optional=True),
    string("alias_key", optional=True),
    string("timezone", optional=True),
    partial_index("ix_member_alias_key", "alias_key", where="alias_key IS NOT NULL", unique=True),
    partial_index("ix_member_timezone", "timezone", where="timezone IS NOT NULL"),
)
holder = table(
    "holder", own_id(), whole("member_id", ForeignKey("member.id"), index=True), whole("created_at", index=True)
)
identity = table(
    "identity",
    string("platform", primary_key=True),
    string("user_id", primary_key=True),
    whole("holder_id", ForeignKey("holder.id"), index=True),
    string("name"),
    string("username", optional=True),
    whole("is_reachable", server_default=text("1")),
    whole("is_owner", server_default=text("0")),
    whole("seen_at"),
    Index("ix_identity_platform_username", "platform", "username"),
    Index("ix_identity_name", "name"),
    partial_index("ix_identity_is_owner", "holder_id", where="is_owner = 1"),
)
acceptance = table(
    "acceptance",
    own_id(),
    whole("member_id", ForeignKey("member.id"), index=True),
    string("rules_version"),
    string("language"),
    string("platform"),
    whole("space_id", optional=True),
    whole("accepted_at"),
)
member_zone = table(
    "member_zone",
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("since", primary_key=True),
    string("zone"),
    string("bridged"),
    rowid=False,
)
role_grant = table(
    "role_grant",
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    string("role", primary_key=True),
    whole("space_id", primary_key=True),
    whole("granted_by", optional=True),
    whole("granted_at"),
)
opening = table(
    "opening",
    string("person_key", primary_key=True),
    string("unit"),
    whole("points"),
    whole("expires_at", index=True),
    rowid=False,
)
erasure = table("erasure", whole("holder_id", ForeignKey("holder.id"), primary_key=True), whole("erased_at"))
