"""What every template is rendered with, at least once in each of its forms."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.boards.leaderboards import Board, Row
from bot.challenges.badges import BUILT_IN, BY_ACTIVITY, Badge, Counts
from bot.config.referral import ReferralRule
from bot.events import Identity
from bot.files.pictures import Unusable
from bot.ledger.explanation import Explanation, Receipt, Related, Rule
from bot.ledger.ledger import SPENDING, HistoryLine, Reason
from bot.members.referrals import Flag, ReferralTerms
from bot.members.roles import GRANTABLE, Role
from bot.purchases.money import Money
from bot.replies import MemberName, Reply
from bot.rewards.rewards import CouponState, LimitPeriod, OnExpiry, Reward, RewardKind, SpentOn, Terms
from tests.messages.duel_cases import DUEL_CASES
from tests.messages.quiz_cases import QUIZ_CASES, QUIZ_TERMS
from tests.messages.task_cases import KINDS_OF_TASKS, TASK_CASES

AT = datetime(2026, 3, 16, 7, 0, tzinfo=UTC)
ANIA = MemberName("Ania", (Identity("telegram", "11"), Identity("discord", "22")))
DAREK = MemberName("Darek")
PAID = Money(4990, "PLN")
TERMS = {
    "title": {"en": "Hello", "pl": "Cześć"}, "counted": "message_days", "counts": "messages", "goal": 3,
    "goal_money": None, "points": 30, "status": 5, "best": 0, "first": 0, "joins": False,
    "together": False, "contest": None, "cause": {}, "donation": 0,
}  # fmt: skip
SUM_TERMS = TERMS | {"counted": "money", "counts": "purchases", "goal": 5000, "goal_money": PAID, "best": 3}
ENDED_EARLY = {"ended_early": True}
BEGUN: dict[str, Any] = {"is_done": False, "is_missed": False}
FOR_A_CAUSE = TERMS | {
    "together": True,
    "points": 0,
    "status": 0,
    "donation": 500,
    "cause": {"en": "Trees", "pl": "Drzewa"},
}
LIMITED = SUM_TERMS | {
    "minimum": PAID, "weekdays": ["saturday", "sunday"], "shop": "till", "of": {"en": "Coffee", "pl": "Kawa"},
    "tier": {"en": "Gold", "pl": "Złoty"}, "newcomer_days": 30, "space": "Book club",
}  # fmt: skip
IN_A_ROW = TERMS | {"counted": "streak_days", "joins": True}
CONTEST: dict[str, Any] = {
    "counted": "votes", "counts": "votes", "best": 3,
    "contest": {"photos": True, "entries": 1, "votes": 3, "most_paid": 6},
}  # fmt: skip
KINDS_OF_TERMS = [
    *(TERMS, SUM_TERMS, IN_A_ROW, TERMS | {"counted": "points", "counts": "points"}),
    *(TERMS | {"counted": counted} for counted in ("actions", "stamps_collected", "purchases", "messages")),
    *(
        TERMS | {"counted": counted, "counts": counted}
        for counted in ("thanks_given", "thanks_received", "newcomers_answered", "friends_brought", "check_ins")
    ),
    *(
        TERMS | {"counted": "days", "counts": counts}
        for counts in ("stamps", "purchases", "actions", "thanks_given", "thanks_received")
    ),
    *(
        TERMS | {"counted": "days", "counts": counts}
        for counts in ("newcomers_answered", "friends_brought", "check_ins")
    ),
    TERMS | {"first": 3},
    TERMS | CONTEST,
    TERMS | {"counted": "streak_weeks", "counts": "reactions_received"},
    QUIZ_TERMS,
]
TASKS = [TERMS | task for task in KINDS_OF_TASKS]
CONTENDED = [TERMS | {winners: number} for winners in ("best", "first") for number in (1, 3)]
NARROW = [LIMITED, LIMITED | {"shop": "main"}]
MADE = [
    {"template": template, "goal": 5, "days": 7, "points": 30, "name_en": "Five coffees", "name_pl": "Pięć kaw"}
    for template in (
        *("purchases", "spending", "message_days", "streak", "reactions", "together"),
        *("purchase_days", "purchase_streak", "actions", "thanks", "newcomers", "friends", "events"),
        *("photo_task", "text_task", "link_task", "review_task"),
    )
]
MADE += [MADE[0] | {"paid": paid, "winners": 3} for paid in ("best", "first")]
MADE += [
    {name: value for name, value in MADE[0].items() if name != "goal"} | {"template": template, "winners": 1}
    for template in ("photos", "texts")
]
VOTED = {"name": ANIA, "votes": 5}
ENTRY = {"number": 1, "contest": 7, "title": TERMS["title"], "name": ANIA, "at": AT, "votes": 5, "is_in": True}
MEETUP = {"name": "Repair café", "opens_at": AT, "closes_at": AT, "members": 5, "is_daily": False}
PRINTED = {"members": 0, "is_daily": True, "code": "ABCD-EFGH-JKMN", "payload": "claim_ABCDEFGHJKMN"}
ROUND = {
    "closes_at": AT, "minutes_left": 3000, "amount": 2, "amount_money": PAID, "is_done": False, "is_joined": False,
    "breaks_tonight": False, "own": 0, "own_money": None,
}  # fmt: skip
BOARD = Board("2026-W12", (Row(1, 1, ANIA, 50, 2), Row(1, 2, MemberName("Bartek"), 50, -1), Row(3, 3, ANIA, 4)), 3)
CONTACT = {"name": ANIA, "kind": "email", "shown": "an…@example.com"}
EMPTY = Board("2026-W12", (), 0)
UNNAMED = Board("2026-W12", (), 3)
_SPECIAL = ("newcomers", "improved", "helpers", "spaces")
BOARDS = (
    *((BOARD, "week"), (BOARD, "club"), (Board("2026-03", BOARD.rows, 3), "month"), (BOARD, "all")),
    *((BOARD, kind) for kind in _SPECIAL),
)
SEASON = {"title": {"en": "Spring", "pl": "Wiosna"}, "starts": AT.date(), "ends": AT.date(), "kind": "season"}
PRIZES: list[dict[str, Any]] = [
    {"prizes": prizes, "last_prize": last}
    for prizes, last in (((), 0), (((1, 5, 0), (2, 0, 1), (3, 2, 2)), 3), (((1, 5, 0),), 20))
]
PURCHASE = {
    "name": ANIA, "paid": PAID, "number": "R-1", "points": 49, "status": 49, "at": AT, "ripens_at": AT,
    "capped_by": None, "stamps": [], "boost": None, "first_points": 0,
    "counts": None, "products": [], "partner": None, "rate": None,
}  # fmt: skip
RULES: dict[str, Any] = {
    "own_text": None, "purchase_points": 1, "pending_days": 14, "message_status": 5, "reaction_status": 1,
    "thanks_status": 5, "join_points": 20, "join_days": 7, "join_status": 20, "purchases_a_day": 4,
    "amounts_a_day": [Money(100000, "PLN"), Money(1000, "JPY")],
    "message_points": 0, "reaction_points": 0, "actions": [], "boosts": [],
    "first_points": 0, "expire_months": 12, "has_tiers": False, "products": [], "partners": [], "referral": None,
    "tiers": [], "tier_period": "rolling_year", "stamp_cards": [], "given_status": 0, "channels": [],
    "sign_up_points": 0, "sign_up_status": 0, "profile_points": 0, "profile_status": 0, "boosts_compete": False,
    "voice": None,
}  # fmt: skip
VOICE_TERMS = [
    {"status": status, "every_minutes": minutes, "least_people": people, "daily_cap": cap}
    for status, minutes, people, cap in ((1, 1, 1, 1), (2, 3, 2, 2), (5, 10, 5, 12))
]
UNINVITED = {"invited": None, "is_invitation_lost": False}
HAPPY = {"name": {"en": "Happy hour", "pl": "Szczęśliwa godzina"}, "multiplier": "2"}
WHENEVER: dict[str, Any] = (
    HAPPY
    | dict.fromkeys(("starts", "ends", "from_time", "until_time"))
    | {"days": [], "shops": [], "multiplies": ["purchases"]}
)
CHANNELS = [{"name": {"en": "Garden", "pl": "Ogród"}, "multiplier": multiplier} for multiplier in ("1.5", "0")]
BOOSTS = [
    WHENEVER | {"days": ["monday", "friday"], "from_time": "15:00", "starts": AT.date()},
    WHENEVER | {"until_time": "17:00", "starts": AT.date(), "ends": AT.date(), "shops": ["till", "web"]},
    WHENEVER | {"ends": AT.date(), "multiplier": "1.5"},
]
BALANCES = {"available": 5, "owed": 0, "status": 7, "pending": 3, "pending_status": 2, "held": 1}
PLACES = [
    {"kind": "week", "period": "2026-W12", "amount": 5, "place": 2, "participants": 9},
    {"kind": "month", "period": "2026-03", "amount": 5, "place": 1, "participants": 9},
    {"kind": "helpers", "period": "2026-W12", "amount": 5, "place": 1, "participants": 9},
    *(
        {"kind": "helpers", "period": "2026-W12", "amount": 0, "place": None, "participants": 9, "is_past": is_past}
        for is_past in (True, False)
    ),
    {"kind": "all", "period": "all", "amount": 0, "place": None, "participants": 9},
]
ANSWERS = {"where": {}, "language": "pl", "day": 4, "hour": "18:00"}
BONUS = {"points": 50, "reason": "for the stall", "giver": ANIA}
REFUND = {"name": ANIA, "refunded": PAID, "number": "R-1", "points": 49, "status": 49, "expired": 0}
NAMED = {"en": "A coffee", "pl": "Kawa"}
SPENT_ON = [
    SpentOn(NAMED, kind.value, state.value, AT if state is CouponState.OPEN else None, AT, passed_at)
    for kind, passed_at in ((RewardKind.PRODUCT, None), (RewardKind.PRODUCT, AT), (RewardKind.DONATION, None))
    for state in CouponState
]
LINES = [
    HistoryLine(number, reason, AT, 5, -2, note="why", actor="Marta", to="Bartek")
    for number, reason in enumerate(Reason)
]
SPENDINGS = [HistoryLine(8, reason, AT, -5, coupon=coupon) for reason in SPENDING for coupon in SPENT_ON]
LATER_LINES = [
    [HistoryLine(9, reason, AT, 5, 2, came_from=came_from, came_at=AT) for came_from in Reason]
    for reason in (Reason.RIPEN, Reason.EXPIRE)
]
PAGES: list[list[HistoryLine]] = [[], LINES, *LATER_LINES, SPENDINGS]
RELATED = tuple(Related(number, reason, AT, 5, "Marta", "why") for number, reason in enumerate(Reason))
NOTHING_KNOWN = Explanation(
    number=7, reason=Reason.BONUS, occurred_at=AT, points=5, status=0, actor=None, note=None, place=None, rule=None,
    receipt=None, ripens_at=None, ripened_at=None, left=(), repaid=0, used=(), taken_from=(), owed=0, reverses=(),
    reversed_by=(), coupon=None,
)  # fmt: skip
ALL_KNOWN = replace(
    NOTHING_KNOWN, reason=Reason.PURCHASE, status=-2, actor="Marta", note="why", place="Klub",
    rule=Rule("purchase", "abc", AT, {"points": 1, "status": 2}),
    receipt=Receipt("R-1", PAID, AT, PAID, 5, "1.25", HAPPY, 50), ripens_at=AT, ripened_at=AT,
    left=((5, AT), (2, None)), repaid=5, used=RELATED[::2], taken_from=RELATED[1::2], owed=2, reverses=RELATED[:3],
    reversed_by=RELATED[:3],
)  # fmt: skip
_SETTINGS = {
    "friend_points": 5, "friend_status": 0,
    "points": 1, "status": 2, "cooldown_s": 60, "daily_cap": 40, "daily_pair_cap": 3, "max_points": 500,
    "limit": 1, "per": "day", "received_per_day": 5, "prizes_per_week": 1, "every_minutes": 10,
}  # fmt: skip
GIVING = [
    Rule(name, "abc", AT, _SETTINGS | {"title": {"en": "Hello", "pl": "Cześć"}})
    for name in (
        *("message", "reaction", "voice", "join", "sign_up", "profile", "thanks", "referral", "bonus", "challenge"),
        *("season", "action", "duels"),
    )
]
GIVING.append(Rule("message", "abc", AT, _SETTINGS | {"tier": {"gold": "2"}}))
GIVING.append(Rule("reaction", "abc", AT, _SETTINGS | {"given_status": 2, "given_daily_cap": 10}))
SILVER = {
    "name": {"en": "Silver", "pl": "Srebrny"}, "perks": None, "threshold": 100, "multiplier": None,
    "message_multiplier": None, "discount": None,
}  # fmt: skip
GOLD = SILVER | {
    "name": {"en": "Gold", "pl": "Złoty"}, "perks": {"en": "Coffee", "pl": "Kawa"}, "multiplier": "1.25",
    "message_multiplier": "0.5", "discount": 5,
}  # fmt: skip
INVITING = {"telegram_invite": "https://t.me/+a_b"}
ACCESSES = [
    {"name": {"en": "Room", "pl": "Pokój"}, "ends_at": AT, "invite": "https://t.me/+a_b"},
    {"name": {"en": "Patron", "pl": "Patron"}, "ends_at": None, "invite": None},
]
INVITED = {"invite": "https://t.me/+a_b"}
KEPT = {
    "until": date(2027, 3, 31), "is_offered": True, "to_keep": 0, "invite": None, "collected": 120,
    "from": date(2026, 4, 1),
}  # fmt: skip
UNTIL = {"until": date(2027, 3, 31)}
COLLECTED = {"status": 40, "since": date(2025, 3, 1)}
STAMP_CARDS = [
    {"title": NAMED, "reward": NAMED, "stamps": stamps, "goal": goal, "given": given, "coupons": coupons}
    for stamps, goal, given, coupons in ((0, 3, 0, 0), (4, 10, 1, 0), (5, 5, 2, 1), (1, 22, 5, 2))
]
FILLED: dict[str, Any] = {
    "title": NAMED, "reward": NAMED, "goal": 10, "daily_cap": 5, "by_purchase": True, "product": None, "minimum": None,
}  # fmt: skip
RULED_CARDS = [
    FILLED,
    *(
        FILLED | more
        for more in ({"minimum": PAID}, {"product": NAMED}, {"product": NAMED, "minimum": PAID}, {"by_purchase": False})
    ),
]
CAPPED: list[dict[str, Any]] = [{"capped_by": by} for by in ("minimum", "count", "amount")]
CAPPED += [{"capped_by": "amount", "points": 0, "status": 0}]
COUNTS: dict[str, Any] = {
    "counts": Money(4000, "PLN"),
    "products": [
        {"id": "books", "name": {"en": "Books", "pl": "Książki"}, "multiplier": "1.5"},
        {"id": "alcohol", "name": {"en": "Alcohol", "pl": "Alkohol"}, "multiplier": "0"},
        *({"id": rule, "name": None, "multiplier": "0"} for rule in ("gift_cards", "paid_with_points")),
    ],
    "partner": "1.5",
    "rate": {"currency": "EUR", "worth": "4.27"},
}
CAPPED += [COUNTS, {"ripens_at": None, "stamps": STAMP_CARDS, "boost": HAPPY, "first_points": 50}]
ACTION = {"title": TERMS["title"], "points": 50, "status": 5, "ripens_at": AT}
NAMED_ACTIONS = [{"name": "repair", "title": TERMS["title"]}]
ACTION_RULES = [
    {
        "title": TERMS["title"],
        "points": points,
        "status": 5 - points,
        "limit": limit,
        "per": per,
        "pending_days": points,
    }
    for points, limit, per in ((5, 1, "day"), (0, 2, "week"), (3, 1, "month"), (5, 9, "ever"))
]
TYPED = (
    *("setup_hour", "reward_name", "reward_text", "reward_picture", "reward_cost", "reward_valid_days"),
    *("reward_role", "reward_group", "challenge_name", "challenge_how_much", "challenge_days", "challenge_points"),
    *("quiz_text", "quiz_answers"),
    *("challenge_winners", "challenge_minimum", "event_name", "event_begins", "event_ends"),
)
TIERS_NEEDED = [{"id": "gold", "name": {"en": "Gold", "pl": "Złoty"}}, {"id": "gold", "name": None}]
REWARDS = [
    Reward(
        1, "coffee", Terms(NAMED, text, kind, days, end, is_shareable=kind.can_be_shared), cost, stock, limit, period
    ).plain()
    | {"full_cost": cost + saved, "needs": needed, "has_discounts": bool(saved)}
    for text, kind, days, end, cost, stock, limit, period, saved, needed in (
        ({}, RewardKind.PRODUCT, 30, OnExpiry.RETURN, 100, 5, 1, LimitPeriod.DAY, 5, None),
        (NAMED, RewardKind.COUPON, 1, OnExpiry.FORFEIT, 100, 0, 2, LimitPeriod.WEEK, 0, TIERS_NEEDED[0]),
        (NAMED, RewardKind.EVENT, 0, OnExpiry.RETURN, 0, None, 2, LimitPeriod.MONTH, 0, TIERS_NEEDED[1]),
        ({}, RewardKind.DONATION, 0, OnExpiry.RETURN, 100, None, 2, LimitPeriod.YEAR, 0, None),
        ({}, RewardKind.DONATION, 0, OnExpiry.RETURN, 0, None, 2, LimitPeriod.EVER, 0, None),
        ({}, RewardKind.POOL, 0, OnExpiry.RETURN, 100, 3, None, LimitPeriod.EVER, 0, None),
        ({}, RewardKind.PRODUCT, 2, OnExpiry.RETURN, 100, None, None, LimitPeriod.EVER, 0, None),
        ({}, RewardKind.PRODUCT, 2, OnExpiry.FORFEIT, 0, None, None, LimitPeriod.EVER, 0, None),
        ({}, RewardKind.POOL, 0, OnExpiry.RETURN, 0, 3, None, LimitPeriod.EVER, 0, None),
        ({}, RewardKind.ROLE, 30, OnExpiry.RETURN, 100, None, None, LimitPeriod.EVER, 0, None),
        ({}, RewardKind.GROUP, 0, OnExpiry.RETURN, 100, None, None, LimitPeriod.EVER, 0, None),
    )
]
COUPONS = [
    {"terms": reward["terms"], "code": "AB2CD-3EF4G", "cost": reward["cost"], "expires_at": expires_at}
    for reward, expires_at in zip(REWARDS, (AT, AT, None, AT, AT, None, AT), strict=False)
]
OWN_COUPONS = [coupon | {"is_offered": not place} for place, coupon in enumerate(COUPONS)]
RUNGS = [
    {"reward": reward, "hindrance": hindrance, "missing": 80, "again_at": again_at}
    for reward in REWARDS[:3]
    for hindrance, again_at in ((None, None), ("sold_out", None), ("limit", None), ("limit", AT), ("points", None))
]
RUNGS += [{"reward": reward, "hindrance": "tier", "missing": 80, "again_at": None} for reward in REWARDS[1:3]]
RUNGS += [
    {"reward": reward, "hindrance": hindrance, "missing": 0, "again_at": None}
    for reward in REWARDS[-2:]
    for hindrance in ("elsewhere", "absent", "had")
]
LADDER = {"rungs": RUNGS, "closest": {"name": NAMED, "missing": 1}, "available": 5, "owed": 0, "page": 1, "now": AT}
REWARD_ANSWERS: dict[str, Any] = {
    "kind": "product", "name_en": "A coffee", "name_pl": "Kawa", "text_en": "", "text_pl": "Dowolna", "cost": 100,
    "stock": "", "limit_period": "", "valid_days": 30, "on_expiry": "return",
}  # fmt: skip
REFERRAL_TERMS = [
    ReferralTerms.of(rule, "abc", is_ambassador=is_ambassador).plain()
    for rule, is_ambassador in (
        (ReferralRule(), False),
        (ReferralRule(needs="days", pending_days=0, friend_points=0, status=0), False),
        (ReferralRule(per="year"), True),
    )
]
BADGES = [
    badge.plain() | {"at": AT}
    for badge in (
        *BUILT_IN,
        *(Badge(one.value, one, name=NAMED) for one in BY_ACTIVITY),
        Badge("fan", Counts.HAND, name=NAMED),
    )
]
PROFILE = {
    "name": ANIA, "member_id": 1, "since": AT.date(), "tier": GOLD["name"], "place": 2, "participants": 9,
    "status": 1234, "streak": 5, "unit": "days", "badges": BADGES, "shows_badges": True, "level": None,
    "first_badge": None,
}  # fmt: skip
NAMED_BADGES = [{"name": ANIA, "badge": badge} for badge in BADGES]
UPCOMING = [badge | {"goal": goal, "done": 1, "due": AT.date()} for badge in BADGES[:-1] for goal in (1, 5)]
NAMED_KEYS = [{"key": key, "name": NAMED} for key in ("tree", "bee")]
CASES: dict[str, list[dict[str, Any]]] = {
    **DUEL_CASES,
    **QUIZ_CASES,
    **TASK_CASES,
    "action_given": [{"name": ANIA, **ACTION}, {"name": ANIA, **ACTION, "status": 0, "ripens_at": None}],
    "action_limit": [
        {"title": TERMS["title"], "limit": limit, "per": per, "again_at": None if per == "ever" else AT}
        for limit, per in ((1, "day"), (2, "week"), (5, "month"), (1, "ever"))
    ],
    "action_received": [ACTION, ACTION | {"points": 0}, ACTION | {"status": 0, "ripens_at": None}],
    "action_which": [{"name": ANIA, "actions": NAMED_ACTIONS}, {"name": ANIA, "actions": []}],
    "alert_backup_failed": [{"night": date(2026, 3, 16)}],
    "alert_clock_leapt": [{"minutes": minutes} for minutes in (45, 4320)],
    "alert_clock_unsure": [{}],
    "alert_clock_wrong": [{"minutes": 45, "is_ahead": False}, {"minutes": 4320, "is_ahead": True}],
    "alert_dead_letters": [{"count": 2}],
    "alert_deeds_refused": [{"count": 3, "platforms": names} for names in (["discord"], ["discord", "telegram"])],
    "alert_disk_full": [{}],
    "alert_disk_low": [{"megabytes": 480}],
    "alert_late_jobs": [{"jobs": ["ripen", "challenge:three-days"], "minutes": minutes} for minutes in (22, 300, 2880)],
    "alert_not_taken_out": [
        {"count": 1, "groups": [{"id": "-1001234567890", "cards": ["4711 0815"], "more": 0}]},
        {
            "count": 1007,
            "groups": [
                {"id": "-1001234567890", "cards": ["4711 0815", "4711 0816"], "more": 1004},
                {"id": "-77", "cards": ["4711 0817"], "more": 0},
            ],
        },
    ],
    "alert_sends_dropped": [{"count": 12, "of": 90}],
    "alert_sends_stuck": [
        {"platforms": ["telegram", "discord"], "count": 5, "minutes": minutes} for minutes in (16, 300, 2880)
    ],
    "alert_sends_unknown": [{"count": 1}],
    "alert_shops_unread": [
        {"shops": [{"id": "web-shop", "why": why} for why in ("credentials", "permission", "address", "away", "odd")]},
        {"shops": [{"id": "web-shop", "why": "away"}]},
    ],
    "already_settled": [{}],
    "alias": [{"name": "Ania", "is_chosen": is_chosen} for is_chosen in (True, False)],
    "alias_lost": [{"name": "Ania"}],
    "alias_malformed": [{"reason": reason, "at_least": 2, "at_most": 32} for reason in ("link", "short", "digits")],
    "alias_off": [{"name": "Ania"}],
    "alias_removed": [{"given": "Owl", "name": "Ania"}],
    "alias_set": [{"name": "Owl", "is_hidden": is_hidden} for is_hidden in (True, False)],
    "alias_taken": [{"given": "Owl"}],
    "ambassador_added": [{"name": ANIA, "code": "KAWA2026", "terms": terms} for terms in REFERRAL_TERMS],
    "ambassador_ended": [{"name": ANIA}],
    "ambassador_month": [
        {"month": "2026-03", "joined": 0, "rewarded": 0, "points": 0, "status": 0},
        {"month": "2026-03", "joined": 5, "rewarded": 2, "points": 200, "status": 200},
        {"month": "2026-03", "joined": 1, "rewarded": 1, "points": 0, "status": 1},
    ],
    "ambassador_over": [{}],
    "ambassadors": [
        {"ambassadors": []},
        {"ambassadors": [{"name": ANIA, "code": "KAWA2026", "joined": joined, "rewarded": 2} for joined in (1, 2, 5)]},
    ],
    "ambassador_received": [{"code": "KAWA2026", "terms": terms} for terms in REFERRAL_TERMS],
    "amount_ambiguous": [{"given": "1,249", "reading_a": Money(124900, "PLN"), "reading_b": Money(125, "PLN")}],
    "amount_malformed": [
        {"given": "x", "reason": reason, "example": "49.90"}
        for reason in ("not_a_number", "negative", "zero", "too_many_decimals", "too_large")
    ],
    "amount_or_receipt": [{"given": "49 123", "first": "49", "rest": "123", "joined": "49123"}],
    "amount_wrong_currency": [{"currency": "PLN", "given_currency": "EUR"}],
    "anonymous_admin": [{}],
    "bad_answer": [
        *({"step": step} for step in (*TYPED, "setup_day")),
        {"step": "challenge_days", "least": 1, "most": 90},
        {"step": "reward_cost", "least": 0, "most": 10**9},
    ],
    "bad_choice": [{"given": "x", "choices": ("a", "b")}],
    "bad_invite_code": [{}],
    "badge_given": NAMED_BADGES,
    "badge_had": NAMED_BADGES,
    "badge_lost": [{"badge": badge} for badge in BADGES],
    "badge_news": [
        {"is_open": is_open, "is_listed": is_listed, "is_hidden": is_hidden}
        for is_open, is_listed, is_hidden in ((0, 1, 0), (1, 1, 0), (1, 0, 0), (1, 0, 1))
    ],
    "badge_not_had": [{"name": ANIA, "given": "x", "badges": badges} for badges in ([], BADGES)],
    "badge_taken": NAMED_BADGES,
    "badges": [
        {"badges": [], "upcoming": UPCOMING, "is_open": False},
        {"badges": BADGES, "upcoming": [], "is_open": True},
    ],
    "badges_of_member": [{"name": ANIA, "badges": badges} for badges in (BADGES[:1], BADGES)],
    "badges_received": [{"badges": badges} for badges in (BADGES[:1], BADGES)],
    "balance": [
        {"name": ANIA, **BALANCES, "expiries": [(AT, 5)], "later": 2, "place": 3, "tier": SILVER, "level": None},
        *(
            {"name": ANIA, **BALANCES, "expiries": [], "later": 0, "place": 3, "tier": SILVER, "level": level}
            for level in ({"number": 0, "missing": 93}, {"number": 7, "missing": 1}, {"number": 1000, "missing": None})
        ),
        {
            "name": ANIA,
            **dict.fromkeys(BALANCES, 0),
            "owed": 4,
            "expiries": [],
            "later": 0,
            "place": None,
            "tier": None,
            "level": None,
        },
    ],
    "bonus_day_over": [{"most": 5000, "left": left} for left in (0, 5)],
    "bonus_given": [{"to": ANIA, **BONUS}],
    "bonus_received": [BONUS],
    "bonus_too_large": [{"given": 501, "most": 500}],
    "button_gone": [{}],
    "button_used": [{}],
    "cancelled": [{}],
    "card": [{"name": ANIA, "card": "482 193 576"}],
    "challenge_closed": [
        *({"terms": terms, "reached": 1, "names": [ANIA]} for terms in CONTENDED),
        {"terms": TERMS, "reached": 2, "names": [ANIA, ANIA]},
        {"terms": TERMS | ENDED_EARLY, "reached": 1, "names": [ANIA]},
        {"terms": TERMS, "reached": 2, "names": [ANIA]},
        {"terms": TERMS, "reached": 2, "names": []},
    ],
    "challenge_donated": [{"terms": FOR_A_CAUSE, "members": members} for members in (1, 5)],
    "challenge_missed": [
        *({"terms": TERMS, "members": members} for members in (1, 4, 5)),
        {"terms": TERMS | ENDED_EARLY, "members": 1},
    ],
    "challenge_opened": [
        {"terms": terms, "closes_at": AT}
        for terms in (*KINDS_OF_TERMS, TERMS | {"points": 0}, *CONTENDED, *NARROW, *TASKS)
    ],
    "challenge_opened_for_you": [{"terms": terms, "closes_at": AT} for terms in (TERMS, LIMITED)],
    "challenge_paid": [
        {"terms": TERMS},
        {"terms": TERMS | {"title": {"en": "Why?", "pl": "Czemu?"}}},
        {"terms": TERMS | {"status": 0}},
    ],
    "challenge_done": [{"terms": terms, "closes_at": AT} for terms in (TERMS, *CONTENDED[2:])],
    "challenge_done_in_group": [{"terms": terms, "name": ANIA} for terms in (TERMS, TERMS | {"first": 1})],
    "challenge_confirm": [
        {
            **{"answers": answers, "space": space, "closes_at": AT, "is_hidden": is_hidden, "terms": TERMS | more},
            "follows": follows,
        }
        for answers in MADE
        for space, is_hidden, more, follows in (
            ("Book club", True, CONTEST, None),
            (None, False, LIMITED | {"space": "", "repeat": "weekly", "joins": True}, None),
            (None, False, {"repeat": "monthly"}, TERMS["title"]),
            (None, False, {"repeat": None} | FOR_A_CAUSE, None),
        )
    ]
    + [
        {"answers": {**MADE[0], "template": template}, "space": None, "closes_at": AT, "is_hidden": False}
        | {"terms": TERMS | {"repeat": None, "counted": "streak_weeks"}, "follows": None}
        for template in ("streak", "purchase_streak")
    ],
    "challenge_cause_gone": [{}],
    "challenge_goal_too_far": [
        {"goal": 90, "most": most, "every": every, "is_streak": is_streak}
        for most in (1, 5)
        for every, is_streak in (("week", True), ("day", True), ("day", False))
    ],
    "challenge_to_follow_over": [{}],
    "challenge_group_gone": [{}],
    "challenge_menu": [
        {"rounds": [], "of_group": False},
        {"rounds": [], "of_group": True},
        {"rounds": [{"title": TERMS["title"], "closes_at": AT}] * 2, "of_group": True},
    ],
    "challenge_one": [
        {"terms": terms | {"repeat": repeat}, "closes_at": AT}
        for terms in (*KINDS_OF_TERMS, FOR_A_CAUSE, *CONTENDED, *NARROW, TERMS | CONTEST | {"goal": 1})
        for repeat in (None, "weekly")
    ],
    "challenge_templates": [{}],
    "challenge_repeats_too_much": [{"already": 4990, "most": 5000}],
    **{
        f"challenge_{name}": [{}]
        for name in (
            *("options", "audience", "group", "repeat", "shop", "product", "action", "minimum", "weekdays"),
            *("follows", "cause"),
        )
    },
    "challenge_days": [{}],
    "challenge_how_much": [{"is_money": is_money} for is_money in (True, False)],
    "challenge_name": [{"step": "name_en"}, {"step": "name_pl"}],
    "challenge_points": [{}],
    "challenge_published": [
        *({"terms": TERMS | {"repeat": repeat}, "closes_at": AT} for repeat in (None, "daily", "weekly", "monthly")),
        *({"terms": TERMS | CONTEST | {"goal": goal}, "closes_at": AT} for goal in (1, 3)),
        {"terms": TERMS | FOR_A_CAUSE, "closes_at": AT, "follows": None, "is_hidden": False},
        {"terms": TERMS | {"joins": True}, "closes_at": AT, "follows": TERMS["title"], "is_hidden": True},
    ],
    "challenge_stopped": [{"title": TERMS["title"], "repeated": repeated} for repeated in (True, False)],
    "challenge_template": [{}],
    "challenge_who": [{"may_be_first": True}, {"may_be_first": False}],
    "challenge_winners": [{}],
    "challenge_which": [{"is_empty": is_empty} for is_empty in (True, False)],
    "challenge_together": [
        {"terms": terms, "amount": 2, "amount_money": PAID, "members": members, "closes_at": AT, **state}
        for terms, members, state in (
            *((TERMS, 0, BEGUN), (SUM_TERMS, 1, BEGUN), (TERMS, 5, BEGUN | {"is_done": True})),
            *((FOR_A_CAUSE, 0, BEGUN), (FOR_A_CAUSE, 2, BEGUN | {"is_done": True})),
            *((TERMS, 0, BEGUN | {"is_missed": True}), (SUM_TERMS, 1, BEGUN | {"is_missed": True})),
            *((TERMS, 1, {**BEGUN, "stage": stage}) for stage in ("half", "last")),
            (TERMS | {"joins": True}, 1, BEGUN),
            (TERMS | ENDED_EARLY, 1, BEGUN | {"is_missed": True}),
        )
    ],
    "challenge_together_ends": [
        {"terms": terms, "amount": 2, "amount_money": PAID, "closes_at": AT}
        for terms in (TERMS, SUM_TERMS, FOR_A_CAUSE, *NARROW)
    ],
    "contest_ends": [
        {"terms": TERMS | contest, "closes_at": AT, "entries": entries}
        for contest in (CONTEST, {"contest": CONTEST["contest"] | {"photos": False}})
        for entries in (0, 1, 5)
    ],
    "challenge_over": [{"title": TERMS["title"]}],
    "challenge_reminders": [
        {"reminders": [[TERMS, 2, AT]]},
        {"reminders": [[TERMS, 2, AT], [SUM_TERMS, PAID, AT], *([terms, 2, AT] for terms in CONTENDED)]},
    ],
    "challenge_streak_breaks": [
        {"terms": IN_A_ROW, "amount": 1},
        {"terms": IN_A_ROW | {"counted": "streak_weeks"}, "amount": 4},
    ],
    "challenges": [
        {"rounds": []},
        {"rounds": [ROUND | {"terms": terms} for terms in KINDS_OF_TERMS]},
        {"rounds": [ROUND | {"terms": terms, "is_joined": True} for terms in (*CONTENDED, *NARROW)]},
        {"rounds": [ROUND | {"terms": terms} for terms in TASKS[:6]]},
        {"rounds": [ROUND | {"terms": IN_A_ROW, "is_joined": True, "breaks_tonight": True}]},
        {
            "rounds": [
                ROUND | {"terms": terms | {"together": True}, "is_done": is_done} | own
                for terms in (TERMS, SUM_TERMS | {"best": 0})
                for is_done in (True, False)
                for own in ({}, {"own": 2, "own_money": PAID})
            ]
        },
        {"rounds": [ROUND | {"terms": FOR_A_CAUSE, "is_done": is_done} for is_done in (True, False)]},
        {"rounds": [ROUND | {"terms": TERMS, "is_done": True, "minutes_left": 5}]},
        {"rounds": [ROUND | {"terms": terms, "is_done": True} for terms in CONTENDED[2:]]},
    ],
    "check_in_early": [{"name": "Repair café", "opens_at": AT}],
    "check_in_late": [{"name": "Repair café", "closes_at": AT}],
    "checked_in": [{"name": "Repair café"}],
    "checked_in_before": [{"name": "Repair café", "is_daily": is_daily} for is_daily in (True, False)],
    "event": [MEETUP | {"code": "ABCD-EFGH-JKMN", "payload": "claim_ABCDEFGHJKMN"}, MEETUP | PRINTED],
    "event_begins": [{}],
    "event_ended": [{"name": "Repair café", "members": 5}],
    "event_ends": [{}],
    "event_name": [{}],
    "event_often": [{}],
    "event_times_wrong": [{"opens_at": AT, "closes_at": AT}],
    "event_too_long": [{"days": 366}],
    "events": [{"events": []}, {"events": [MEETUP, MEETUP | {"members": 0, "is_daily": True}]}],
    "contest_closed": [
        {"terms": TERMS | CONTEST, "winners": winners, "reached": reached, "is_tie": is_tie}
        for winners, reached, is_tie in (
            *(([], 0, False), ([], 0, True), ([], 1, False), ([VOTED], 1, False)),
            ([VOTED, VOTED], 3, False),
        )
    ]
    + [{"terms": TERMS | CONTEST | ENDED_EARLY, "winners": [VOTED], "reached": 1, "is_tie": False}]
    + [{"terms": TERMS | CONTEST, "winners": [VOTED] * 20, "reached": 25, "is_tie": False, "has_more": True}],
    "contest_entries": [{"entries": []}, {"entries": [ENTRY, ENTRY | {"number": 2, "is_in": False, "votes": 1}]}],
    "contest_entry_in": [{"title": TERMS["title"]}],
    "contest_entry_out": [{"title": TERMS["title"]}],
    "contest_in_group": [{}],
    "contest_opened": [
        {"terms": TERMS | CONTEST, "closes_at": AT},
        {
            "terms": TERMS
            | CONTEST
            | {"best": 1, "contest": {"photos": False, "entries": 2, "votes": 1, "most_paid": 0}},
            "closes_at": AT,
        },
    ],
    "contest_running": [{}],
    "expired": [{"points": 5}],
    "expiring": [{"points": 5, "expires_at": AT}],
    "form_over": [{}],
    "help": [{"groups": [{"role": role.value, "names": ["start", "help"]} for role in Role]}],
    "help_command": [
        {"command": "purchase", "params": [("member", True), ("amount", True), ("receipt", False)], "role": role}
        for role in (None, "cashier")
    ],
    "help_unknown": [{"given": "x"}],
    "hidden": [{}],
    "history": [{"lines": lines, "page": page, "now": AT} for page, lines in enumerate(PAGES, start=1)],
    "in_debt": [{"owed": 5}],
    "invitation": [{}],
    "invite": [
        {"code": "KAWA2026", "payload": "inv_KAWA2026", "terms": terms, "joined": 5, "rewarded": 2, "left": left}
        | there
        for terms in REFERRAL_TERMS
        for left, there in ((0, {}), (1, {"discord_link": None}), (8, {"discord_link": "https://discord.gg/a?start=b"}))
    ],
    "invite_code_taken": [{"given": "KAWA2026"}],
    "invites_off": [{}],
    "join_first": [{}],
    "joined": [
        {"name": ANIA, "card": "482 193 576", "is_back": is_back, "points": points, "status": status}
        | {"gained_points": gained, "gained_status": gained_status}
        for is_back, points, status, gained, gained_status in (
            *((True, 0, 0, 0, 0), (False, 0, 0, 0, 0), (False, 250, 0, 0, 0), (False, 0, 22, 0, 0)),
            *((False, 0, 0, 20, 5), (False, 250, 0, 1, 0), (False, 0, 0, 0, 2)),
        )
    ],
    "language": [{}],
    "level_of_member": [{"name": ANIA, "level": 7}],
    "level_reached": [{"level": 7}],
    "language_set": [{}],
    "leaderboard": [
        {"board": board, "kind": kind, "is_past": is_past}
        for board, kind in (
            *BOARDS,
            (EMPTY, "week"),
            (UNNAMED, "week"),
            (Board("2026-03", (), 0), "month"),
            (EMPTY, "all"),
            (EMPTY, "helpers"),
        )
        for is_past in (True, False)
    ]
    + [SEASON | {"board": board, "is_past": False} | prizes for board in (BOARD, EMPTY) for prizes in PRIZES]
    + [SEASON | {"board": EMPTY, "is_past": True} | PRIZES[0]],
    "leaderboard_short": [
        *({"board": board, "kind": kind} for board, kind in BOARDS),
        *(SEASON | {"board": BOARD} | prizes for prizes in PRIZES),
    ],
    "leave": [
        {"points": points, "coupons": coupons, "has_group": coupons > 0, "has_role": coupons > 1}
        for points, coupons in ((5, 0), (1, 2), (0, 1))
    ],
    "left": [{}],
    "no_alias": [{"name": ANIA}],
    "no_bots": [{}],
    "no_such_action": [{"given": "x", "actions": NAMED_ACTIONS}, {"given": "x", "actions": []}],
    "no_such_entry": [{"given": "#7"}],
    "code_below_minimum": [{"paid": Money(490, "PLN"), "minimum": Money(1000, "PLN")}],
    "code_claimed": [{"at": AT, "is_own": is_own} for is_own in (True, False)],
    "code_expired": [{"valid_until": AT}],
    "code_malformed": [{}],
    "code_not_today": [{"again_at": AT, "valid_until": AT}, {"again_at": AT, "valid_until": AT + timedelta(days=1)}],
    "code_stopped": [{}],
    "code_too_many_tries": [{"tries": 5, "again_at": AT}],
    "code_unknown": [{"left": left} for left in (0, 1, 4)],
    "contact_code": [
        CONTACT | {"code": "012345", "minutes": 30, "is_mailed_enough": is_enough} for is_enough in (False, True)
    ],
    "contact_code_unknown": [{}],
    "contact_confirmed": [CONTACT | {"orders": orders} for orders in (0, 3)],
    "contact_differs": [{"kind": kind, "name": ANIA} for kind in ("email", "phone")],
    "contact_code_wrong": [{"shown": CONTACT["shown"], "left": left} for left in (0, 2)],
    "contact_known": [CONTACT],
    "contact_linked_since": [{"kind": kind, "at": AT} for kind in ("email", "phone")],
    "contact_mailed": [{"shown": CONTACT["shown"], "minutes": 30}],
    "contact_malformed": [{"kind": kind} for kind in ("email", "phone")],
    "contact_no_mailed_code": [{}],
    "contact_none": [{"kind": kind} for kind in ("email", "phone")],
    "contact_received": [
        CONTACT | {"orders": orders, "points": points, "status": status}
        for orders, points, status in ((0, 0, 0), (3, 0, 0), (0, 20, 5), (3, 1, 0), (0, 0, 2))
    ],
    "contact_taken": [{"kind": kind} for kind in ("email", "phone")],
    "contact_too_many_wrong": [{"until": AT}],
    "contact_type_code": [{}],
    "contact_unlinked": [{"kind": kind} for kind in ("email", "phone")],
    "digest": [
        {
            "parts": (
                {"said": Reply("weekly_leaderboard_short", {"board": BOARD}), "also": (), "others": 0},
                {"said": Reply("level_of_member", {"name": ANIA, "level": 5}), "also": (ANIA, DAREK), "others": others},
                {"said": Reply("level_of_member", {"name": ANIA, "level": 6}), "also": (DAREK,), "others": 0},
            ),
            "others": others,
        }
        for others in (0, 1, 3)
    ],
    "entry_malformed": [{"given": "abc"}],
    "not_an_ambassador": [{"name": ANIA}],
    "not_enough_points": [{"cost": 7, "balance": 5, "missing": 2}],
    "no_such_receipt": [{"given": given, "has_shops": has} for given in ("R-9", "#99") for has in (True, False)],
    "no_such_period": [
        {"given": "x", "view": "week", "is_kept": True, "example": "2026-W12"},
        {"given": "2026-02", "view": "month", "is_kept": True, "example": None},
        {"given": "2026-W12", "view": "all", "is_kept": False, "example": None},
    ],
    "nobody_found": [{"given": "@x"}],
    "not_a_member": [{}],
    "not_allowed": [{"role": role.value} for role in Role if role is not Role.ANYONE],
    "not_to_yourself": [{}],
    "not_your_button": [{}],
    "nothing_to_cancel": [{}],
    "number_malformed": [{"given": "x", "minimum": 1}],
    "number_too_large": [{"given": "9999999999999", "maximum": 10**12}],
    "only_in_private": [{}],
    "only_in_space": [{}],
    "card_for_cashiers": [{}],
    "card_unknown": [{"given": "482 193 575"}],
    "till": [{"name": ANIA, "card": "482 193 576"}],
    "till_amount": [{"name": ANIA, "typed": "49.9", "currency": "PLN"}],
    "picture_leaderboard": [*({"board": board, "kind": kind} for board, kind in BOARDS), SEASON | {"board": BOARD}],
    "own_place": [
        {"kind": kind, "period": "2026-W12", "is_past": is_past, "place": 2, "participants": members, "why": None}
        | {"amount": 30, "usual": 100}
        for kind, members in (("newcomers", 9), ("improved", None))
        for is_past in (True, False)
    ]
    + [
        {"kind": kind, "period": "2026-W12", "is_past": True, "place": None, "participants": None, "why": why}
        | {"amount": 5, "usual": 9}
        for kind, why in (
            *((kind, why) for kind in ("newcomers", "improved") for why in ("hidden", "staff")),
            *(("newcomers", why) for why in ("joined_before", "joined_since", "nothing", "not_kept")),
            *(("improved", why) for why in ("no_usual", "not_improved", "far_down")),
        )
    ],
    "own_referral": [{}],
    "picture_badges": [{"badges": BADGES}],
    "picture_card": [{"name": ANIA, "card": "482 193 576", "number": "482193576"}],
    "profile": [
        PROFILE,
        PROFILE | {"tier": None, "place": None, "streak": 0, "badges": []},
        PROFILE | {"badges": [], "shows_badges": False},
        *(PROFILE | {"badges": [], "first_badge": badge | {"done": 0, "due": None}} for badge in BADGES),
        PROFILE | {"streak": 5, "unit": "weeks"},
        PROFILE | {"level": 7},
    ],
    "profile_hidden": [{"name": ANIA}],
    "purchase_again": [
        {"name": ANIA, "paid": PAID, "counts": counts, "at": AT} for counts in (None, Money(2000, "PLN"))
    ],
    "purchase_changed": [{"paid": PAID, "at": AT, "points": points, "status": 5} for points in (0, -3)],
    "purchase_dropped": [{"is_second": is_second} for is_second in (True, False)],
    "purchase_large": [
        {"name": ANIA, "paid": PAID, "counts": counts, "at": None} for counts in (None, Money(2000, "PLN"))
    ],
    "purchase_received": [PURCHASE | capped for capped in CAPPED],
    "purchase_recorded": [PURCHASE | capped for capped in CAPPED],
    "rank": [
        {"places": PLACES, "is_listed": is_listed, "is_hidden": is_hidden, "around": around, "own_id": 1}
        for is_listed, is_hidden, around in (
            (True, False, BOARD.rows),
            (True, False, ()),
            (False, True, ()),
            (False, False, ()),
        )
    ],
    "receipt_reserved": [{"given": "#1"}],
    "receipt_used": [{"receipt": "R-1", "is_refunded": is_refunded, **PURCHASE} for is_refunded in (True, False)],
    "several_receipts": [{"given": "R-1", "purchases": [PURCHASE | {"id": 1}, PURCHASE | {"id": 2}], "now": AT}],
    "no_tiers": [{}],
    "no_season": [
        {"given": given, "known": known, "others": others}
        for given, known, others in ((None, (), 0), ("x", (), 0), ("x", ("a", "b"), 0), ("x", ("a", "b"), 9))
    ],
    "season_prize": [
        SEASON | {"place": 2, "points": points, "status": status} for points, status in ((5, 0), (0, 1), (2, 22))
    ],
    **{
        "season_over": [SEASON | {"board": board} | prizes for board in (BOARD, UNNAMED, EMPTY) for prizes in PRIZES],
        "season_over_short": [SEASON | {"board": BOARD} | prizes for prizes in PRIZES],
    },
    "season_opened": [SEASON | prizes for prizes in PRIZES],
    "seasons": [
        {"seasons": [SEASON | {"number": 1, "is_on": is_on, "winners": winners}]}
        for is_on, winners in ((True, ()), (False, ()), (False, (ANIA,)), (False, (ANIA, ANIA)))
    ],
    "thanks_given": [{"giver": ANIA, "to": ANIA, "why": why, "status": 5} for why in (None, "for the chairs")],
    "thanks_limit": [{"by": by, "most": 3, "to": ANIA, "again_at": AT} for by in ("giver", "receiver")],
    "thanks_off": [{}],
    "thanks_received": [{"giver": ANIA, "why": why, "status": 1} for why in (None, "for the chairs")],
    "thanks_to_yourself": [{}],
    "thanks_too_soon": [{"to": ANIA, "is_theirs": is_theirs, "again_at": AT} for is_theirs in (True, False)],
    "timezone": [
        {"zone": zone, "is_own": is_own, "clock": "14:05"}
        for zone, is_own in (("UTC+2", True), ("Europe/Warsaw", False))
    ],
    "timezone_set": [{"zone": "UTC+2", "is_own": is_own, "clock": "14:05"} for is_own in (True, False)],
    "no_such_zone": [{"given": "x"}],
    "zone_too_soon": [{"days": 30, "again_at": AT}],
    "tier": [
        {"held": None, "next": SILVER | {"missing": 60}, **COLLECTED},
        {"held": SILVER | KEPT | {"to_keep": 60, "collected": 40}, "next": GOLD | {"missing": 0}, **COLLECTED},
        {"held": GOLD | KEPT | INVITED, "next": None, **COLLECTED},
        {"held": GOLD | KEPT | {"is_offered": False}, "next": None, **COLLECTED},
    ],
    "tier_ended": [
        {"tier": GOLD, "lower": SILVER, "has_group": False, **UNTIL},
        {"tier": GOLD, "lower": None, "until": None, "has_group": True},
        {"tier": GOLD, "lower": None, "until": None, "has_group": True, "is_taken_out": True},
    ],
    "group_not_yet": [{"tier": GOLD}],
    "tier_ending": [
        {"tier": GOLD, "missing": missing, "lower": lower, "has_group": lower is None, **UNTIL}
        for missing in (5, None)
        for lower in (SILVER, None)
    ],
    "tier_kept": [{"tier": SILVER, **UNTIL}],
    "tier_needed": [{"name": NAMED, "needs": needs} for needs in TIERS_NEEDED],
    "tier_of_member": [{"name": ANIA, "tier": GOLD}],
    "tier_reached": [{"tier": SILVER | {"invite": None}, **UNTIL}, {"tier": GOLD | INVITED, **UNTIL}],
    "too_long": [{"param": "receipt", "limit": 32}],
    "refund_received": [REFUND, REFUND | {"points": 0, "expired": 49}],
    "referral_decided": [{}],
    "referral_not_new": [{}],
    "referral_refused": [{}],
    "referral_rewarded": [
        {"points": 50, "status": status, "ripens_at": ripens_at, "is_inviter": is_inviter, "needs": needs}
        for status, ripens_at, is_inviter, needs in (
            *((50, AT, True, "purchase"), (0, None, True, "days")),
            *((50, AT, False, "purchase"), (0, None, False, "days")),
        )
    ],
    "referral_taken_back": [{"is_inviter": is_inviter} for is_inviter in (True, False)],
    "referrals": [
        {"referrals": [], "has_more": False},
        {
            "referrals": [
                {"inviter": ANIA, "friend": ANIA, "joined_at": AT, "flags": sorted(Flag), "is_met": is_met}
                for is_met in (True, False)
            ],
            "has_more": True,
        },
    ],
    "referrals_waiting": [{"waiting": 3}],
    "refund_in_shop": [{"shop": "web"}],
    "part_too_large": [{"counts": Money(6000, "PLN"), "paid": PAID}],
    "refund_too_large": [{"left": left, "paid": PAID} for left in (PAID, Money(1, "PLN"), Money(0, "PLN"))],
    "refund_ask": [PURCHASE | {"name": ANIA, "given": "#12", "back": PAID, "now": AT}],
    "refund_dropped": [{}],
    "refunded": [
        REFUND,
        REFUND | {"points": 0, "expired": 49},
        REFUND | {"points": 0, "status": 0},
        REFUND | {"points": 0, "status": 0, "expired": 49},
    ],
    "role_granted": [
        {"name": ANIA, "role": role, "space": space} for role in (*GRANTABLE, "none") for space in ("K", None)
    ],
    "role_received": [{"role": role, "space": space} for role in (*GRANTABLE, "none") for space in ("K", None)],
    "rules": [
        RULES,
        RULES | {"own_text": "Be kind."},
        *(RULES | {"expire_months": months, "has_tiers": True} for months in (0, 1, 2)),
        *(
            RULES | {"has_tiers": True, "tiers": [SILVER, GOLD], "tier_period": period}
            for period in ("rolling_year", "calendar_year")
        ),
        RULES | {"stamp_cards": RULED_CARDS},
        RULES | {"actions": ACTION_RULES},
        *(RULES | {"referral": terms} for terms in REFERRAL_TERMS),
        RULES | {"boosts": BOOSTS, "boosts_compete": True, "first_points": 50},
        *(
            RULES | {"boosts": [WHENEVER | {"multiplies": multiplies}], "channels": CHANNELS}
            for multiplies in (["messages"], ["purchases", "messages"])
        ),
        RULES | {"message_points": 2, "reaction_points": 1, "given_status": 2},
        RULES | {"sign_up_points": 20, "profile_status": 5},
        RULES | {"sign_up_points": 1, "sign_up_status": 2, "profile_points": 5, "profile_status": 1},
        *(RULES | {"voice": terms} for terms in VOICE_TERMS),
        RULES
        | dict.fromkeys(
            ("purchase_points", "message_status", "reaction_status", "thanks_status", "join_points", "join_status"), 0
        ),
    ],
    "coupon_accepted": [coupon | {"name": ANIA} for coupon in COUPONS],
    "coupon_at_till": [coupon | {"name": ANIA} for coupon in COUPONS],
    "coupon_expired": [coupon | {"paid_off": paid_off} for coupon in COUPONS for paid_off in (0, 5)],
    "coupon_expiring": [coupon for coupon in COUPONS if coupon["expires_at"]],
    "coupon_give_back": [coupon | {"going": going} for coupon in COUPONS for going in (0, 1, 5)],
    "coupon_given_back": [
        coupon | {"owed": owed, "paid_off": paid_off, "expiring": owed}
        for coupon in COUPONS
        for owed, paid_off in ((0, 0), (0, 5), (5, 1))
    ],
    "coupon_kept": [{}],
    "coupon_link": [{"name": NAMED, "code": "ABCD-EFGH-JKMN", "payload": "claim_ABCDEFGHJKMN"}],
    "coupon_link_taken_back": [{"name": NAMED}],
    "coupon_link_there": [{"name": NAMED, "made_at": AT}],
    "coupon_malformed": [{"given": "x", "length": 10}],
    "coupon_not_to_be_had": [{"why": why} for why in ("own", "yours", "taken", "over")],
    "coupon_not_yours": [{"name": NAMED}],
    "coupon_offered": [coupon | {"giver": ANIA} for coupon in COUPONS[:2]],
    "coupon_over": [{"state": state.value, "at": AT, "name": NAMED} for state in CouponState],
    "coupon_passed_on": [{"name": ANIA, "terms": COUPONS[0]["terms"]}],
    "coupon_returned": [{"name": NAMED, "cost": cost} for cost in (1, 2, 5)],
    "coupon_taken": [coupon | {"giver": ANIA} for coupon in COUPONS[:2]],
    "coupon_used": COUPONS,
    "coupon_was_given": [{"name": NAMED}],
    "coupons": [
        {"coupons": coupons, "codes": codes, "accesses": ACCESSES if codes else [], "page": page}
        for page, (coupons, codes) in enumerate((([], []), (OWN_COUPONS, []), ([], [(NAMED, "WEB-10")])), start=1)
    ],
    "no_stamp_cards": [{}],
    "no_such_stamp_card": [{"given": "x", "keys": keys} for keys in (["coffee"], ["coffee", "tea", "cake"])],
    "picture_event": [{"name": "Repair café", "code": "ABCD-EFGH-JKMN"}],
    "picture_invite": [{"name": ANIA, "code": "KAWA2026"}],
    "picture_stamp_cards": [{"cards": STAMP_CARDS}],
    "picture_unusable": [{"why": why.value, "most_mb": 8, "most_megapixels": 25} for why in Unusable],
    "stamp_card_full": [coupon | {"title": NAMED} for coupon in COUPONS],
    "stamp_given": [card | {"name": ANIA} for card in STAMP_CARDS],
    "stamp_taken_back": [
        card | {"taken": taken, "is_part": is_part, "lost": lost}
        for card in STAMP_CARDS
        for taken, is_part, lost in ((1, False, 0), (1, True, 1), (2, True, 0), (5, False, 2))
    ],
    "stamp_which": [{"name": ANIA, "cards": STAMP_CARDS, "is_capped": is_capped} for is_capped in (True, False)],
    "stamped": STAMP_CARDS,
    "stamps": [{"cards": STAMP_CARDS}],
    "stamps_capped": [{"title": NAMED, "left": left, "cap": 5, "asked": 6} for left in (0, 1, 5)],
    "donate": [{"name": NAMED, "points": 5, "left": 2, "has_changed": has_changed} for has_changed in (True, False)],
    "no_such_badge": [{"given": "x", "badges": badges} for badges in ([], BADGES)],
    "no_such_cause": [{"given": "x", "causes": causes} for causes in ([], NAMED_KEYS)],
    "donate_how": [{"causes": causes} for causes in ([], NAMED_KEYS[:1], NAMED_KEYS)],
    "donated": [{"name": NAMED, "cost": cost, "left": 5} for cost in (0, 5)],
    "mail_code": [{"code": "012345", "minutes": 30}],
    "mail_code_subject": [{"code": "012345"}],
    "gift_dropped": [{}],
    "gift_given": [{"to": ANIA, "points": 5, "left": 2}],
    "gift_limit": [
        {"by": by, "most": most, "left": left, "to": ANIA, "again_at": AT}
        for by, most, left in (
            ("gifts", 1, 0),
            ("gifts", 3, 0),
            ("member", 1, 0),
            ("points", 50, 50),
            ("points", 50, 5),
            ("points", 50, 0),
        )
    ],
    "gift_offer": [{"to": ANIA, "points": 5, "left": 2, "note": note} for note in ("hello", None)],
    "gift_received": [{"giver": ANIA, "points": points, "note": note} for points, note in ((5, "hello"), (1, None))],
    "gift_to_yourself": [{}],
    "gifts_off": [{}],
    "limit_reached": [
        {"name": NAMED, "limit": 2, "period": period.value, "again_at": again_at}
        for period in LimitPeriod
        for again_at in (AT, None)
    ],
    "no_such_coupon": [{"code": "AB2CD-3EF4G"}],
    "no_such_reward": [{"given": "x", "rewards": rewards} for rewards in ([], NAMED_KEYS)],
    "access_over": [
        {"name": NAMED, "has_group": has_group, "is_taken_out": is_taken_out}
        for has_group, is_taken_out in ((False, False), (True, False), (True, True))
    ],
    "redeem_dropped": [{}],
    "redeemed_access": [
        {"terms": {"name": NAMED, "kind": kind, "opens": INVITING}, "cost": cost, "left": 5, "ends_at": ends_at}
        for kind, cost, ends_at in (("role", 0, None), ("role", 5, AT), ("group", 5, AT), ("group", 0, None))
    ],
    "redeemed_code": [{"name": NAMED, "code": "WEB-10", "cost": cost, "left": 5} for cost in (0, 5)],
    "redeemed": [coupon | {"left": 5} for coupon in COUPONS],
    "coupon": COUPONS,
    "picture_coupon": COUPONS,
    "picture_reward": REWARDS,
    "reward_confirm": [
        {"answers": REWARD_ANSWERS | answers, "needs": needs}
        for answers, needs in (
            ({}, None),
            ({"kind": "donation", "cost": 5, "stock": 3}, None),
            ({"limit_period": "week", "limit_count": 2, "on_expiry": "forfeit"}, None),
            ({"valid_days": 0, "has_discounts": False}, {"id": "gold", "name": NAMED}),
            ({"cost": 0}, {"id": "gold", "name": None}),
            ({"kind": "pool"}, None),
            ({"kind": "role", "role": "1029384756102938475 1092837465109283746"}, None),
            ({"kind": "group", "valid_days": 0, "group": "-100 https://t.me/+a_b"}, None),
        )
    ],
    "reward_cost": [{}],
    "reward_edit": [reward | {"is_stopped": is_stopped} for reward in REWARDS for is_stopped in (True, False)],
    "reward_discounts": [{}],
    "reward_sharing": [{}],
    "reward_ended": [{"name": NAMED, "key": "coffee", "coupons": coupons} for coupons in (0, 2)],
    "reward_kind": [{}],
    "reward_limit_count": [{"answers": {"limit_period": period.value}} for period in LimitPeriod],
    "reward_limit_period": [{}],
    "reward_name": [{"step": "name_en"}, {"step": "name_pl"}],
    "reward_offer": [
        reward | {"left": 5, "has_changed": has_changed, "expires_at": expires_at}
        for reward, expires_at in zip(REWARDS, (AT, AT, None, None, None, None, AT, AT, None, None, None), strict=True)
        for has_changed in (True, False)
    ],
    "reward_on_expiry": [{}],
    "reward_resumed": [{"name": NAMED}],
    "reward_saved": [
        reward | {"is_new": is_new, "file": file}
        for reward in REWARDS
        for is_new, file in ((True, None), (False, None), (False, "mug.png"))
    ],
    "reward_stock": [{}],
    "reward_stopped": [{"name": NAMED}],
    "reward_picture": [{"is_private": is_private, "most_mb": 8} for is_private in (True, False)],
    "reward_text": [{"step": "text_en"}, {"step": "text_pl"}],
    "reward_elsewhere": [
        {"name": NAMED, "kind": kind, "is_elsewhere": is_elsewhere}
        for kind, is_elsewhere in (("role", True), ("role", False), ("group", True))
    ],
    "reward_group": [{}],
    "reward_had_for_good": [{"name": NAMED}],
    "reward_role": [{}],
    "reward_tier": [{}],
    "reward_valid_days": [{"answers": {"kind": kind}} for kind in ("product", "group")],
    "reward_which": [
        {"action": action, "is_empty": is_empty} for action in ("edit", "stop", "resume") for is_empty in (True, False)
    ],
    "rewards": [
        LADDER,
        LADDER | {"owed": 5, "page": 2},
        LADDER | {"rungs": [], "closest": None},
    ],
    "set_up_first": [{}],
    "sold_out": [{"name": NAMED}],
    "till_coupons": [{"name": ANIA, "is_empty": is_empty} for is_empty in (True, False)],
    "too_many_wrong_codes": [{"until": AT}],
    "setup_confirm": [{"answers": ANSWERS}],
    "setup_day": [{"answers": {}}],
    "setup_done": [{"day": "friday", "hour": "18:00", "language": "pl"}],
    "setup_hour": [{"answers": {}}],
    "setup_language": [{"answers": {}}],
    "setup_where": [{"answers": {}}],
    "shown": [{}],
    "start_rules": [
        *(
            RULES | UNINVITED | {"invited": terms, "is_back": False, "has_code": False}
            for terms in (None, *REFERRAL_TERMS)
        ),
        RULES | {"invited": None, "is_invitation_lost": True, "is_back": False, "has_code": False},
        RULES | UNINVITED | {"is_back": True, "has_code": True, "pending_days": 0},
    ],
    "stayed": [{}],
    "talk_hint": [{}],
    "prize_by_chance": [{}],
    "type_answer": [{"step": step} for step in (*TYPED, "handin_what")],
    "unexpected": [{"error_id": "abcd1234"}],
    "unknown_command": [{"given": "x", "meant": None}, {"given": "balnce", "meant": "balance"}],
    "usage": [{"command": "bonus", "choices": ()}, {"command": "challenge", "choices": ("new", "quiz", "stop")}],
    "weekly_leaderboard": [{"board": BOARD}, {"board": EMPTY}, {"board": UNNAMED}],
    "weekly_leaderboard_short": [{"board": BOARD}],
    "welcome_back": [{"name": ANIA}],
    "why": [
        {"line": NOTHING_KNOWN, "expires_at": None},
        {"line": replace(NOTHING_KNOWN, reason=Reason.CHALLENGE, actor="Marta"), "expires_at": None},
        {"line": ALL_KNOWN, "expires_at": AT},
        *({"line": replace(ALL_KNOWN, rule=rule), "expires_at": None} for rule in GIVING),
        *({"line": replace(ALL_KNOWN, coupon=coupon), "expires_at": None} for coupon in SPENT_ON),
    ],
    "why_which": [{"lines": lines, "now": AT} for lines in PAGES],
    "write_to_me": [{"name": ANIA}],
}
