"""Works out whom a message would notify."""

import re

from tests.platforms.discord.errors import Form
from tests.platforms.discord.model import Guild, Json, Message, Pings, User, component_texts
from tests.platforms.discord.permissions import MENTION_EVERYONE, permissions_of

_USER = re.compile(r"<@!?(\d+)>")
_ROLE = re.compile(r"<@&(\d+)>")
_EVERYONE = re.compile(r"@(everyone|here)\b")

REGULAR = ("users", "roles", "everyone")
WEBHOOK = ("users",)


def check_allowed_mentions(allowed: Json | None, form: Form) -> None:
    if allowed is None:
        return
    parse = allowed.get("parse")
    for index, kind in enumerate(parse or []):
        if kind not in REGULAR:
            form.wrong(f"allowed_mentions.parse.{index}", "BASE_TYPE_CHOICES", f"Value must be one of {REGULAR}.")
    for kind in ("users", "roles"):
        form.length(f"allowed_mentions.{kind}", allowed.get(kind), 100)
        if parse and kind in parse and allowed.get(kind):
            message = f"`parse` with {kind} and `{kind}` are mutually exclusive."
            form.wrong("allowed_mentions", "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE", message)


def pings_of(message: Message, default_parse: tuple[str, ...]) -> Pings:
    """Return whom `message` notifies, given its allowed_mentions (absent: `default_parse`)."""
    allowed = message.allowed_mentions
    parse = default_parse if allowed is None else tuple(allowed.get("parse") or ())
    if allowed is not None and set(allowed) <= {"replied_user"}:
        parse = default_parse
    text = "\n".join([message.content, *component_texts(message.components)])
    users = _allowed({int(found) for found in _USER.findall(text)}, "users", parse, allowed)
    replied = message.reference.author if message.reference else None
    if replied is not None and (allowed is None or allowed.get("replied_user")):
        users |= {replied.id}
    guild = message.channel.guild
    if guild is None:
        return Pings(users=frozenset(users & {message.author.id, getattr(message.channel.recipient, "id", 0)}))
    may_ping_all = bool(permissions_of(message.author, guild) & MENTION_EVERYONE)
    everyone = bool(_EVERYONE.search(text)) and "everyone" in parse and may_ping_all
    roles = _allowed({int(found) for found in _ROLE.findall(text)}, "roles", parse, allowed)
    roles = {role_id for role_id in roles if role_id in guild.roles and _pingable(guild, role_id, may_ping_all)}
    return Pings(everyone, frozenset(roles), frozenset(users & set(guild.members)))


def _pingable(guild: Guild, role_id: int, may_ping_all: bool) -> bool:
    return may_ping_all or guild.roles[role_id].mentionable


def _allowed(found: set[int], kind: str, parse: tuple[str, ...], allowed: Json | None) -> set[int]:
    if kind in parse:
        return found
    listed = (allowed or {}).get(kind) or []
    return found & {int(one) for one in listed}


def mentioned_users(message: Message, users: dict[int, User]) -> list[User]:
    return [users[user_id] for user_id in sorted(message.pings.users) if user_id in users]
