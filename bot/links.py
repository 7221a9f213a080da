"""Links: whether a text holds one, and the address of a message, by which who is in a group finds it."""


def has_link(text: str) -> bool:
    """Whether there is a web address in a text."""
    return "https://" in text or "http://" in text


def message_link(platform: str, space_id: str, channel_id: str, message_id: str) -> str | None:
    """Return the address of a message in a space, None where the platform has none: in a console or a small group."""
    if platform == "discord":
        return f"https://discord.com/channels/{space_id}/{channel_id}/{message_id}"
    number = space_id.removeprefix("-100")
    if platform == "telegram" and number != space_id:
        return f"https://t.me/c/{number}/{message_id}"
    return None
