"""News of a member that the groups they are in may hear."""

from collections.abc import Mapping
from typing import Any

from bot.members.members import Member
from bot.replies import Post, ToSpace
from storage.transaction import Transaction


def tell_groups(member: Member, template: str, key: str, fields: Mapping[str, Any], tx: Transaction) -> None:
    """Tell the groups a member is in of news of theirs, if they chose so and stand on public boards."""
    if member.is_listed and member.shares_news:
        said = {"name": member.in_news, **fields}
        for space_id in tx.leaderboards.spaces_of(member.id, tx.now):
            tx.post(Post(ToSpace(space_id), template, f"{key}:{space_id}", said))
