"""Who asks to be let into a group of a tier or reward: who has it is, who misses the tier is told so."""

from bot.earning.versions import RuleBook
from bot.events import JoinRequested
from bot.replies import Post, ToMember
from bot.tiers.tiers import ladder_of
from handlers.spaces.presence import is_replay
from handlers.tiers.groups import groups_open_to
from storage.transaction import Transaction


def join_requested(event: JoinRequested, tx: Transaction, rules: RuleBook) -> None:
    """Let a member in who holds the tier of the group, or a higher one, or had a reward that opens it.

    Other requests are left to the group's admins. Of those who are no members nothing is kept.
    """
    group = event.place.channel_id
    lowest = next((tier for tier in ladder_of(rules).tiers if tier.telegram_group == group), None)
    member = tx.members.by_identity(event.person.identity)
    if member is None or not member.is_active or is_replay(event, tx):
        return
    key = tx.settings.keyed(event.key)
    if group in groups_open_to(member.id, tx, rules):
        tx.marks.admit(member, group, f"admit:{key}")
    elif lowest is not None:
        tx.post(Post(ToMember(member.id), "group_not_yet", f"group_not_yet:{key}", {"tier": lowest.shown()}))
