"""Updates as Telegram sends them, with the parts that matter."""

from typing import Any

Json = dict[str, Any]

ANIA: Json = {
    "id": 11,
    "is_bot": False,
    "first_name": "Ania",
    "last_name": "Nowak",
    "username": "ania",
    "language_code": "pl",
}
ZOE: Json = {"id": 13, "is_bot": False, "first_name": "Zoë 👍"}
OUR_BOT: Json = {"id": 123456, "is_bot": True, "first_name": "Bywalec", "username": "bywalec_bot"}
OTHER_BOT: Json = {"id": 999, "is_bot": True, "first_name": "Other", "username": "otherbot"}
GROUP_ANONYMOUS_BOT: Json = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
CLUB: Json = {"id": -1001, "title": "Klub", "type": "supergroup"}
FORUM: Json = CLUB | {"is_forum": True}
PRIVATE: Json = {"id": 11, "type": "private", "first_name": "Ania"}
CHANNEL: Json = {"id": -1009, "title": "News", "type": "channel"}
SAID_AT = 1_773_644_400


def message(chat: Json = CLUB, **fields: Any) -> Json:
    """An update with a message by Ania."""
    base = {"message_id": 5, "from": ANIA, "chat": chat, "date": SAID_AT}
    return {"update_id": 1000, "message": {**base, **fields}}


def said(text: str, chat: Json = CLUB, **fields: Any) -> Json:
    """An update with a text by Ania; a leading command is marked as the platform marks it."""
    entities = list(fields.pop("entities", []))
    if text.startswith("/"):
        length = len(text.split()[0].encode("utf-16-le")) // 2
        entities.insert(0, {"type": "bot_command", "offset": 0, "length": length})
    return message(chat, text=text, **({"entities": entities} if entities else {}), **fields)


def member_change(old: str, new: str, user: Json = ANIA, chat: Json = CLUB, kind: str = "chat_member") -> Json:
    """An update about someone's standing in a chat."""
    change = {
        "chat": chat,
        "from": ANIA,
        "date": SAID_AT,
        "old_chat_member": {"user": user, "status": old},
        "new_chat_member": {"user": user, "status": new},
    }
    return {"update_id": 1000, kind: change}


def press(data: str | None = "b:0123456789abcdef", **fields: Any) -> Json:
    """An update with a pressed button."""
    shown = {"message_id": 7, "from": OUR_BOT, "chat": CLUB, "date": SAID_AT, "text": "Rules"}
    query = {"id": "4000", "from": ANIA, "message": shown, "chat_instance": "1", **fields}
    return {"update_id": 1000, "callback_query": query if data is None else query | {"data": data}}


def reaction(old: list[Json], new: list[Json], **fields: Any) -> Json:
    """An update with a change of Ania's reactions."""
    change = {
        "chat": CLUB,
        "message_id": 5,
        "date": SAID_AT,
        "user": ANIA,
        "old_reaction": old,
        "new_reaction": new,
        **fields,
    }
    return {"update_id": 1000, "message_reaction": change}
