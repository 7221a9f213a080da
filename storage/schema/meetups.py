"""Events at which members check in, and who did."""

from sqlalchemy import ForeignKey, Index

from storage.schema.base import own_id, string, table, whole

meetup = table(
    "meetup",
    own_id(),
    string("code_key", unique=True),
    string("name"),
    string("code"),
    whole("opens_at"),
    whole("closes_at"),
    whole("is_daily"),
    whole("space_id", ForeignKey("space.id"), optional=True),
    Index("ix_meetup_closes_at", "closes_at"),
)
check_in = table(
    "check_in",
    whole("meetup_id", ForeignKey("meetup.id"), primary_key=True),
    whole("member_id", ForeignKey("member.id"), primary_key=True),
    whole("day", primary_key=True),
    Index("ix_check_in_member_id", "member_id"),
    rowid=False,
)
