"""Telegram's HTML."""

import html

from adapters.telegram.places import PLATFORM
from bot.members.names import isolate
from bot.replies import MemberName
from messages.markup import Marked, Markup


class TelegramHtml(Markup):
    """Markup for parse_mode HTML."""

    name = "telegram"

    def escape(self, text: str) -> str:
        return html.escape(text, quote=False)

    def bold(self, marked: Marked) -> str:
        return f"<b>{marked}</b>"

    def italic(self, marked: Marked) -> str:
        return f"<i>{marked}</i>"

    def code(self, text: str) -> str:
        return f"<code>{self.escape(text)}</code>"

    def mention(self, name: MemberName) -> str:
        shown = self.escape(isolate(name.name))
        for identity in name.identities:
            if identity.platform == PLATFORM:
                return f'<a href="tg://user?id={identity.user_id}">{shown}</a>'
        return shown
