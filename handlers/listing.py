"""Who stands on public boards: active members who did not hide, without staff unless the config wants them."""

from bot.config.config import Config
from storage.transaction import Transaction


def relist(member_id: int, tx: Transaction, config: Config) -> None:
    """Bring a member's listing in line with their wish, their roles and the config."""
    member = tx.members.by_id(member_id)
    if member is None:
        return
    is_shown_staff = config.leaderboard.include_staff or not tx.roles.is_staff(member_id)
    is_listed = member.is_active and not member.is_hidden and is_shown_staff
    if is_listed != member.is_listed:
        tx.members.set_listed(member_id, is_listed=is_listed)
        tx.leaderboards.relist(member_id, is_listed=is_listed)


def relist_staff(tx: Transaction, config: Config) -> None:
    """Do so for staff who stand otherwise than the config, which may have changed, lets staff stand."""
    for member_id in tx.roles.staff(is_listed=not config.leaderboard.include_staff):
        relist(member_id, tx, config)
