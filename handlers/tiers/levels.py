"""Levels: what members are shown of theirs, and the word to who reached a new one."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from bot.earning.versions import RuleBook
from bot.replies import Post, ToMember
from bot.tiers.levels import Levels
from handlers.spaces.news import tell_groups
from storage.transaction import Transaction


@lru_cache(maxsize=16)
def levels_of(rules: RuleBook) -> Levels | None:
    """Return the levels under the rules in force, None where they are off."""
    content = next(version.content for version in rules.all() if version.rule == "levels")
    settings = json.loads(content)
    return Levels(tuple(settings["polynomial"])) if settings["enabled"] else None


def shown_level(status: int, rules: RuleBook) -> dict[str, Any] | None:
    """Return the level that so much status reaches and how much is missing for the next one, None without levels."""
    levels = levels_of(rules)
    return None if levels is None else {"number": levels.level_of(status), "missing": levels.missing(status)}


def risen(member_ids: Iterable[int], tx: Transaction, rules: RuleBook) -> dict[int, int]:
    """Return which of the members are at a higher level than they were ever told of, and at which."""
    levels = levels_of(rules)
    if levels is None:
        return {}
    reached = {member_id: levels.level_of(status) for member_id, status in tx.levels.status_of(member_ids).items()}
    above = {member_id: level for member_id, level in reached.items() if level}
    told = tx.levels.of_many(above) if above else {}
    return {member_id: level for member_id, level in above.items() if level > told.get(member_id, 0)}


def tell_levels(member_ids: Iterable[int], tx: Transaction, rules: RuleBook) -> None:
    """Tell those of the members who reached a new level; of several at once the highest."""
    for member_id, level in sorted(risen(member_ids, tx, rules).items()):
        member = tx.members.by_id(member_id)
        if member is None or not member.is_active:
            continue
        tx.levels.put(member_id, level)
        key = f"level:{member_id}:{level}"
        tx.post(Post(ToMember(member_id), "level_reached", key, {"level": level}))
        tell_groups(member, "level_of_member", key, {"level": level}, tx)
