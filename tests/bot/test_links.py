"""Links: what is one in a text, and the address of a message."""

import pytest

from bot.links import has_link, message_link


@pytest.mark.parametrize(
    ("where", "link"),
    [
        (("telegram", "-1001234567890", "-1001234567890", "55"), "https://t.me/c/1234567890/55"),
        (("telegram", "-12345", "-12345", "55"), None),
        (("discord", "700", "701", "55"), "https://discord.com/channels/700/701/55"),
        (("console", "klub", "klub-channel", "m5"), None),
    ],
)
def test_who_is_in_a_group_finds_a_message_where_its_platform_has_links(
    where: tuple[str, str, str, str], link: str | None
) -> None:
    assert message_link(*where) == link


def test_a_link_is_what_begins_as_a_web_address() -> None:
    assert has_link("here: https://example.com")
    assert has_link("http://example.com")
    assert not has_link("example.com")
