"""Referrals: codes of inviters, who brought whom, and who is an ambassador."""

from sqlalchemy import ForeignKey, Index, text

from storage.schema.base import own_id, string, table, whole

referral_code = table(
    "referral_code",
    string("code", primary_key=True),
    whole("member_id", ForeignKey("member.id"), index=True),
    whole("created_at"),
    rowid=False,
)
referral = table(
    "referral",
    own_id(),
    whole("inviter_id", ForeignKey("member.id")),
    whole("friend_id", ForeignKey("member.id"), unique=True),
    string("terms"),
    string("flags"),
    string("state"),
    whole("version", server_default=text("0")),
    whole("joined_at"),
    whole("met_at", optional=True),
    whole("is_cleared", server_default=text("0")),
    whole("decided_by", ForeignKey("holder.id"), optional=True),
    Index("ix_referral_inviter_id_joined_at", "inviter_id", "joined_at"),
    Index("ix_referral_state_id", "state", "id"),
)
ambassador = table("ambassador", whole("member_id", ForeignKey("member.id"), primary_key=True), whole("since"))
