"""Telegram's HTML."""

from adapters.telegram.markup import TelegramHtml
from bot.events import Identity
from bot.replies import MemberName
from messages.markup import Marked

HTML = TelegramHtml()


def test_values_are_escaped() -> None:
    assert HTML.escape('a<b> & "c"') == 'a&lt;b&gt; &amp; "c"'
    assert HTML.code("<1>") == "<code>&lt;1&gt;</code>"
    assert HTML.bold(Marked("&lt;x&gt;")) == "<b>&lt;x&gt;</b>"


def test_a_mention_links_to_the_person_on_this_platform() -> None:
    both = MemberName("<Ania>", (Identity("discord", "5"), Identity("telegram", "11")))
    assert HTML.mention(both) == '<a href="tg://user?id=11">&lt;Ania&gt;</a>'
    assert HTML.mention(MemberName("Ania", (Identity("discord", "5"),))) == "Ania"
