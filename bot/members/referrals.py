"""Referrals: members who bring friends, what both get for it and when, and what looks odd about one."""

import re
import secrets
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from bot.config.referral import ReferralRule
from bot.earning.intents import Intent
from bot.errors import UserError
from bot.ledger.ledger import Reason
from bot.members.members import Member
from bot.rewards.coupon_codes import ALPHABET

_PAYLOAD: Final = "inv_"
_LENGTH: Final = 8
_CODE: Final = re.compile("[A-Z0-9]{4,20}")
_PARAMETER: Final = "start"
_LINK: Final = re.compile(rf"https?://\S*[?&]{_PARAMETER}=({_PAYLOAD}[A-Z0-9]+)\S*", re.IGNORECASE)
_RANDOM: Final = re.compile(f"[{ALPHABET}]{{{_LENGTH}}}")
SEEN_FOR: Final = timedelta(days=7)
"""Over how long the friends of an inviter are counted to see whether they come too fast."""
NEW_FOR: Final = timedelta(days=30)
"""For how long somebody who was invited is looked at when they invite themselves."""


class InvitesOff(UserError):
    """The programme rewards no invitations."""

    template = "invites_off"


class BadInviteCode(UserError):
    """No code that an ambassador may have."""

    template = "bad_invite_code"


class InviteCodeTaken(UserError):
    """Somebody else's code."""

    template = "invite_code_taken"


class NotAnAmbassador(UserError):
    """The member is no ambassador."""

    template = "not_an_ambassador"


class OwnReferral(UserError):
    """Nobody decides about a referral of their own."""

    template = "own_referral"


class ReferralDecided(UserError):
    """Somebody has decided about it already."""

    template = "referral_decided"


class State(StrEnum):
    """What became of a referral: OPEN waits for what the friend has to do, REVIEW for a moderator after that.

    CAPPED: the friend was rewarded, their inviter had as many as a period allows. OVER: the friend took too long.
    """

    OPEN = "open"
    REVIEW = "review"
    PAID = "paid"
    CAPPED = "capped"
    REFUSED = "refused"
    OVER = "over"


class Flag(StrEnum):
    """What looks odd. MANY: friends come fast. CHAIN: the inviter was invited lately. SAME_NAME, SAME_CONTACT: friend
    and inviter share a name or username, an e-mail address or phone number. STAFF: the inviter holds a role. OWN_TILL:
    the inviter recorded the purchase. BOUGHT_BEFORE: the friend bought before they joined, so they are not new.
    """

    MANY = "many"
    CHAIN = "chain"
    SAME_NAME = "same_name"
    SAME_CONTACT = "same_contact"
    STAFF = "staff"
    OWN_TILL = "own_till"
    BOUGHT_BEFORE = "bought_before"


@dataclass(frozen=True, slots=True)
class ReferralTerms:
    """What a referral brings, and what the friend has to do for it. It keeps those of when the friend joined."""

    points: int
    status: int
    friend_points: int
    friend_status: int
    needs: str
    days: int
    within_days: int
    pending_days: int
    cap: int
    per: str
    is_ambassador: bool
    rule_version: str

    @classmethod
    def of(cls, rule: ReferralRule, rule_version: str, *, is_ambassador: bool) -> "ReferralTerms":
        """Return the terms now in force."""
        gives = rule.ambassador if is_ambassador else rule
        return cls(
            gives.points,
            gives.status,
            gives.friend_points,
            gives.friend_status,
            rule.needs,
            rule.days,
            rule.within_days,
            rule.pending_days,
            gives.cap,
            rule.per,
            is_ambassador,
            rule_version,
        )

    def plain(self) -> dict[str, Any]:
        """Return them as templates and the database take them."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Referral:
    """A friend and who brought them. `version` is how many times it was rewarded: what was taken back may come again.

    `met_at` is when the friend had done what they have to, `is_cleared` that a moderator found nothing wrong with it.
    """

    id: int
    inviter_id: int
    friend_id: int
    terms: ReferralTerms
    flags: frozenset[Flag]
    state: State
    version: int
    joined_at: datetime
    met_at: datetime | None = None
    is_cleared: bool = False

    def source(self, whom: str) -> str:
        """Return the source of what the `inviter` or the `friend` was given the last time."""
        return f"referral:{self.id}:v{self.version}:{whom}"

    def ends_at(self) -> datetime:
        """Return until when the friend may do what they have to."""
        return self.joined_at + timedelta(days=self.terms.within_days)

    def ripens_at(self, met_at: datetime) -> datetime | None:
        """Return when what is given at an instant can be spent, None where it can at once."""
        return met_at + timedelta(days=self.terms.pending_days) if self.terms.pending_days else None

    def needs_review(self) -> bool:
        """Whether a moderator has to look at it first."""
        return bool(self.flags) and not self.is_cleared

    def with_flags(self, flags: Collection[Flag]) -> "Referral":
        """Return it with more that looks odd."""
        return replace(self, flags=self.flags | frozenset(flags))

    def award(self, member: Member, whom: str, at: datetime) -> Intent:
        """Return what the `inviter` or the `friend` is given."""
        is_inviter, terms = whom == "inviter", self.terms
        return Intent(
            reason=Reason.REFERRAL,
            source=self.source(whom),
            holder_id=member.holder_id,
            member_id=member.id,
            space_id=None,
            points=terms.points if is_inviter else terms.friend_points,
            status=terms.status if is_inviter else terms.friend_status,
            occurred_at=at,
            rule_version=terms.rule_version,
            ripens_at=self.ripens_at(at),
        )


def new_code() -> str:
    """Return a random code for invitations."""
    return "".join(secrets.choice(ALPHABET) for _ in range(_LENGTH))


def invite_code(word: str | None) -> str | None:
    """Return the code in what opened the chat or was typed, in any case; None where it can be none.

    Somebody's whole link, of whichever platform, is as good as the code in it.
    """
    plain = (word or "").strip()
    link = _LINK.fullmatch(plain)
    if link is not None:
        plain = link[1]
    if plain.lower().startswith(_PAYLOAD):
        plain = plain[len(_PAYLOAD) :]
    plain = plain.upper()
    return plain if _CODE.fullmatch(plain) else None


def looks_like_a_code(word: str | None) -> bool:
    """Whether somebody meant an invitation, so that one that leads nowhere is worth a word."""
    plain = (word or "").strip()
    is_marked = plain.lower().startswith(_PAYLOAD) or _LINK.fullmatch(plain) is not None
    return is_marked or _RANDOM.fullmatch(plain.upper()) is not None


def payload_of(code: str) -> str:
    """Return what the link of a code says to the bot: at most 64 of letters, digits and `_`."""
    return f"{_PAYLOAD}{code}"


def link_with(code: str, address: str) -> str:
    """Return the link at an address that is a member's own: whoever has it can read their code in it.

    Where the address leads takes no notice of that, as Discord does of what follows its invitations.
    """
    parts = urlsplit(address)
    query = "&".join(part for part in (parts.query, f"{_PARAMETER}={payload_of(code)}") if part)
    return urlunsplit(parts._replace(query=query))


def own_code(typed: str) -> str:
    """Return the code that somebody made up. Raises BadInviteCode."""
    code = invite_code(typed)
    if code is None:
        raise BadInviteCode()
    return code


def look_alike(inviter: Collection[tuple[str, str | None]], friend: tuple[str, str | None]) -> bool:
    """Whether a friend's (name, username) has the name or the username of one of the inviter's identities."""
    name, username = friend
    return any(
        name.casefold() == other.casefold() or (username is not None and username == other_username)
        for other, other_username in inviter
    )
