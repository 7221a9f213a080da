"""The questions about a reward: asked one after the other for a new one, one alone to change one."""

import re
from collections.abc import Callable, Sequence
from typing import Any, get_args

from bot.config.types import Language
from bot.files.pictures import MOST_MB
from bot.members.names import PICTURE_FILE, clean_text, graphemes
from bot.members.roles import Role
from bot.numbers import Whole
from bot.rewards.offers import tier_needed
from bot.rewards.rewards import NAME_LIMIT, TEXT_LIMIT, LimitPeriod, OnExpiry, RewardKind
from bot.tiers.tiers import ladder_of
from handlers.call import Call
from handlers.forms import Answers, Choice, Step, in_rows
from handlers.pages import in_language
from storage.transaction import Transaction

LANGUAGES: tuple[str, ...] = get_args(Language)
NONE = ""
"""Stands for what is left out: no text, any stock, no limit. An answer must not be None."""
_COSTS, _STOCKS, _COUNTS, _DAYS = (50, 100, 200, 500), (1, 10, 50, 100), (1, 2, 3, 5), (7, 30, 90)
_MOST_POINTS, _MOST_STOCK, _MOST_DAYS = 10**9, 10**6, 3650


def line(text: str, limit: int) -> str | None:
    """Return what was typed on one line, None for nothing and for what is too long to be kept whole."""
    cleaned = clean_text(text, limit + 1)
    return cleaned if cleaned and len(graphemes(cleaned)) <= limit else None


def _kinds(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Return the kinds that one may make: who lets people into what moderators cannot enter themselves is an owner."""
    kinds = [kind for kind in RewardKind if call.may(Role.OWNER) or not kind.gives_access]
    choices = [Choice(f"reward_kind_{kind.value}", kind.value) for kind in kinds]
    return [row for row in (choices[:3], choices[3:5], choices[5:]) if row]


def _nothing(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return []


def _no_text(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("reward_no_text", NONE)]]


def _no_picture(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("reward_no_picture", NONE)]]


def _picture(text: str) -> str | None:
    name = text.strip()
    return name if name and re.fullmatch(PICTURE_FILE, name) else None


def _costs(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("as_is", cost, {"text": cost}) for cost in _COSTS]]


def _stocks(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("reward_any_stock", NONE)], [Choice("as_is", stock, {"text": stock}) for stock in _STOCKS]]


def _periods(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    choices = [Choice(f"reward_limit_{period.value}", period.value) for period in LimitPeriod]
    return [[Choice("reward_no_limit", NONE)], choices[:3], choices[3:]]


def _counts(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("as_is", count, {"text": count}) for count in _COUNTS]]


def _days(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("as_is", days, {"text": days}) for days in _DAYS], [Choice("reward_no_end", 0)]]


def _expiries(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice(f"reward_on_expiry_{end.value}", end.value)] for end in OnExpiry]


def confirm(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    """Return the one button that saves."""
    return [[Choice("save", True)]]


def _spoken(language: str) -> Callable[[Call, Answers], bool]:
    return lambda call, _answers: language in call.config.programme.languages


def _is_role(call: Call, answers: Answers) -> bool:
    return RewardKind(answers["kind"]) is RewardKind.ROLE


def _is_group(call: Call, answers: Answers) -> bool:
    return RewardKind(answers["kind"]) is RewardKind.GROUP


def _server_and_role(text: str) -> str | None:
    """Return what was typed as the ids of a server and of a role in it, with one blank between."""
    found = re.fullmatch(r"\s*([0-9]{15,20})\s+(?:<@&)?([0-9]{15,20})>?\s*", text, re.ASCII)
    return None if found is None else f"{found[1]} {found[2]}"


def _group_and_link(text: str) -> str | None:
    """Return what was typed as the id of a group and the link into it, with one blank between."""
    found = re.fullmatch(r"\s*(-[0-9]{1,20})\s+(https://t\.me/[^\s]{1,100})\s*", text, re.ASCII)
    return None if found is None else f"{found[1]} {found[2]}"


def opens_of(answers: Answers) -> dict[str, Any]:
    """Return what a role or a group opens, as terms say it, from the answers."""
    if answers.get("role"):
        server, role = answers["role"].split()
        return {"discord_roles": {server: role}}
    if answers.get("group"):
        group, link = answers["group"].split()
        return {"telegram_group": group, "telegram_invite": link}
    return {}


def _tiers(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    ladder = ladder_of(call.rules).tiers
    tiers = [Choice("as_is", tier.id, {"text": in_language(tier.name, call.language)}) for tier in ladder]
    return [[Choice("reward_no_tier", NONE)], *in_rows(tiers)]


def _has_tiers(call: Call, answers: Answers) -> bool:
    return bool(call.config.tier)


def _discounts(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("reward_discounts_yes", True)], [Choice("reward_discounts_no", False)]]


def _can_be_cheaper(call: Call, answers: Answers) -> bool:
    is_donation = RewardKind(answers["kind"]) is RewardKind.DONATION
    return not is_donation and answers.get("cost") != 0 and any(tier.reward_discount for tier in call.config.tier)


def _sharings(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("reward_sharing_yes", True), Choice("reward_sharing_no", False)]]


def _can_be_shared(call: Call, answers: Answers) -> bool:
    return RewardKind(answers["kind"]).can_be_shared


def _becomes_coupon(call: Call, answers: Answers) -> bool:
    return RewardKind(answers["kind"]).becomes_coupon


def _has_end(call: Call, answers: Answers) -> bool:
    kind = RewardKind(answers["kind"])
    return kind.becomes_coupon or kind.gives_access


def _is_counted(call: Call, answers: Answers) -> bool:
    """Of a pool there is what was imported."""
    return RewardKind(answers["kind"]) is not RewardKind.POOL


def _may_expire(call: Call, answers: Answers) -> bool:
    """Whether points may return or be lost with a coupon."""
    return _becomes_coupon(call, answers) and answers.get("valid_days") != 0 and answers.get("cost") != 0


def _needs(call: Call, tx: Transaction, answers: Answers) -> dict[str, Any]:
    tier_id = answers.get("tier")
    return {"needs": tier_needed(tier_id, ladder_of(call.rules)) if tier_id else None}


NAMES = tuple(
    Step(
        f"name_{language}",
        "reward_name",
        _nothing,
        lambda text: line(text, NAME_LIMIT),
        "reward_name_question",
        "type_it",
        applies=_spoken(language),
    )
    for language in LANGUAGES
)
TEXTS = tuple(
    Step(
        f"text_{language}",
        "reward_text",
        _no_text,
        lambda text: line(text, TEXT_LIMIT),
        "reward_text_question",
        "type_it",
        applies=_spoken(language),
    )
    for language in LANGUAGES
)
KIND = Step("kind", "reward_kind", _kinds)
PICTURE = Step(
    "picture",
    "reward_picture",
    _no_picture,
    _picture,
    "reward_picture_question",
    "picture_or_file",
    shows=lambda call, _tx, _answers: {"is_private": call.event.place.is_private, "most_mb": MOST_MB},
    keeps=lambda tx, png: tx.pictures.keep(png),
)
COST = Step("cost", "reward_cost", _costs, Whole(0, _MOST_POINTS), "reward_cost_question", "other_number")
STOCK = Step(
    "stock",
    "reward_stock",
    _stocks,
    Whole(0, _MOST_STOCK),
    "reward_stock_question",
    "other_number",
    applies=_is_counted,
)
PERIOD = Step("limit_period", "reward_limit_period", _periods)
COUNT = Step(
    "limit_count",
    "reward_limit_count",
    _counts,
    Whole(1, _MOST_STOCK),
    "reward_limit_count_question",
    "other_number",
    applies=lambda _call, answers: bool(answers.get("limit_period")),
)
VALIDITY = Step(
    "valid_days",
    "reward_valid_days",
    _days,
    Whole(0, _MOST_DAYS),
    "reward_valid_days_question",
    "other_number",
    applies=_has_end,
)
EXPIRY = Step("on_expiry", "reward_on_expiry", _expiries, applies=_may_expire)
ROLE = Step("role", "reward_role", _nothing, _server_and_role, "reward_role_question", "type_it", applies=_is_role)
GROUP = Step("group", "reward_group", _nothing, _group_and_link, "reward_group_question", "type_it", applies=_is_group)
TIER = Step("tier", "reward_tier", _tiers, applies=_has_tiers)
DISCOUNTS = Step("has_discounts", "reward_discounts", _discounts, applies=_can_be_cheaper)
SHARING = Step("is_shareable", "reward_sharing", _sharings, applies=_can_be_shared)
CONFIRM = Step("confirm", "reward_confirm", confirm, shows=_needs)
