"""The tables, by topic. Times are integer microseconds UTC, amounts whole numbers."""

from storage.schema.badges import badge_held
from storage.schema.base import CLUB, Whole, metadata
from storage.schema.boards import board, standing, standing_bucket, waiting_gain
from storage.schema.challenges import (
    challenge_mark,
    challenge_moved,
    challenge_part,
    challenge_round,
    challenge_tally,
)
from storage.schema.codes import code_batch, one_time_code, wrong_try
from storage.schema.contests import contest_entry, contest_vote
from storage.schema.duels import duel
from storage.schema.earning import action_done, daily_count, message_author, purchase, reaction, thanks
from storage.schema.ledger import account, balance, entry, lot, lot_use, note, rule_version, seal
from storage.schema.meetups import check_in, meetup
from storage.schema.people import acceptance, erasure, holder, identity, member, member_zone, opening, role_grant
from storage.schema.quizzes import quiz_answer, quiz_question
from storage.schema.referrals import ambassador, referral, referral_code
from storage.schema.rewards import access, coupon, coupon_link, gift, picture, pool_code, reward
from storage.schema.shops import contact, contact_request, mailed_code, shop_order
from storage.schema.spaces import backfill_cursor, presence, space
from storage.schema.stamps import stamp, stamp_card
from storage.schema.tiers import level_told, mark, status_month, tier_held, tier_lost
from storage.schema.work import (
    alert,
    attempt,
    button,
    dead_letter,
    form,
    handled,
    job_run,
    lease,
    outbox,
    rest,
    setting,
)

__all__ = [
    "CLUB",
    "Whole",
    "acceptance",
    "access",
    "account",
    "action_done",
    "alert",
    "ambassador",
    "attempt",
    "backfill_cursor",
    "badge_held",
    "balance",
    "board",
    "button",
    "challenge_mark",
    "challenge_moved",
    "challenge_part",
    "challenge_round",
    "challenge_tally",
    "check_in",
    "code_batch",
    "contact",
    "contact_request",
    "contest_entry",
    "contest_vote",
    "coupon",
    "coupon_link",
    "daily_count",
    "dead_letter",
    "duel",
    "entry",
    "erasure",
    "form",
    "gift",
    "handled",
    "holder",
    "identity",
    "job_run",
    "lease",
    "level_told",
    "lot",
    "lot_use",
    "mailed_code",
    "mark",
    "meetup",
    "member",
    "member_zone",
    "message_author",
    "metadata",
    "note",
    "one_time_code",
    "opening",
    "outbox",
    "picture",
    "pool_code",
    "presence",
    "purchase",
    "quiz_answer",
    "quiz_question",
    "reaction",
    "referral",
    "referral_code",
    "rest",
    "reward",
    "role_grant",
    "rule_version",
    "seal",
    "setting",
    "shop_order",
    "space",
    "stamp",
    "stamp_card",
    "standing",
    "standing_bucket",
    "status_month",
    "thanks",
    "tier_held",
    "tier_lost",
    "waiting_gain",
    "wrong_try",
]
