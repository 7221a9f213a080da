"""Whom a shop means: members by card number or by what they linked; and giving them what a shop says they did."""

from collections.abc import Iterable
from datetime import timedelta

from bot.config.config import Config
from bot.earning.action import ActionLimit, ActionTold
from bot.earning.versions import RuleBook
from bot.members.cards import parse_card_number
from bot.members.members import Member
from bot.purchases.shop_orders import BuyerHints, email_key, phone_key
from handlers.points.actions import do_action, tell_of_action, terms_of
from handlers.tiers.holding import climb
from storage.transaction import Transaction

WAITS = timedelta(days=30)
"""How long an order waits for its buyer to become a member who is known by what it says; an older one is too late, and
so is an event."""


def contact_keys(buyer: BuyerHints, config: Config, tx: Transaction) -> tuple[str | None, str | None]:
    """Return the keyed hashes of an e-mail address and a phone number, None for what is none."""
    email = email_key(buyer.email) if buyer.email else None
    phone = phone_key(buyer.phone, config.programme.phone_country_code) if buyer.phone else None
    return tx.settings.keyed(email) if email else None, tx.settings.keyed(phone) if phone else None


def number_key(shop: str, number: str, tx: Transaction) -> str:
    """Return the keyed hash of the number that people call an order of a shop by."""
    return tx.settings.keyed(f"number:{shop}:{number}")


def buyer_of(buyer: BuyerHints, contacts: Iterable[str | None], tx: Transaction) -> Member | None:
    """Return the active member who is meant: by card number, else by what they linked."""
    card = parse_card_number(buyer.card) if buyer.card else None
    member = tx.members.by_card(card) if card else None
    if member is not None and member.is_active:
        return member
    for contact_key in contacts:
        holder_id = tx.contacts.holder_of(contact_key) if contact_key else None
        member = tx.members.by_holder(holder_id) if holder_id is not None else None
        if member is not None and member.is_active:
            return member
    return None


def acted(shop: str, told: ActionTold, tx: Transaction, config: Config, rules: RuleBook) -> str:
    """Give a member an action of the config that a shop says they did; return what came of it in a word."""
    source = f"event:{shop}:{tx.settings.keyed(f'event:{shop}:{told.event}')}"
    if tx.actions.is_done(source):
        return "known"
    member = buyer_of(told.buyer, contact_keys(told.buyer, config, tx), tx)
    if member is None:
        return "no_member"
    at = min(told.occurred_at, tx.now)
    if at + WAITS <= tx.now:
        return "too_late"
    try:
        fields = do_action(
            terms_of(told.action, config, rules), member, source, tx, config, giver=None, space_id=None, at=at
        )
    except ActionLimit:
        return "limit"
    tell_of_action(member, source, fields, tx)
    climb(tx, rules)
    return "given"
