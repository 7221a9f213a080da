"""Telegram group messages from the raw JSON of getUpdates: awarded by us, seen and forgotten by the bare library."""

import asyncio
import json
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import telegram
from telegram.ext import Application, ContextTypes, MessageHandler, filters
from telegram.request import BaseRequest

from adapters.background import Background
from adapters.garbage import settled
from adapters.parsing import parsed
from adapters.telegram.answering import LINE_STANDS_S, Answers
from adapters.telegram.dates import TelegramTime
from adapters.telegram.drafts import Drafts
from adapters.telegram.files import fetch
from adapters.telegram.heard import Listener
from adapters.telegram.intake import Intake
from adapters.telegram.limits import Limiter, Limits
from adapters.telegram.places import OurBot
from adapters.telegram.rights import Admins
from adapters.telegram.seldom import Seldom
from adapters.telegram.sending import Messenger
from benchmarks.awards import BEGIN, OpenClub, open_club, require_awards
from benchmarks.chat import telegram_answers, telegram_people
from messages.render import Renderer

_US = {"id": 7, "is_bot": True, "first_name": "Bywalec", "username": "bywalec_bot"}


class _NoNetwork(BaseRequest):
    """Answers getMe, which the library asks for at the start; nothing else is requested."""

    @property
    def read_timeout(self) -> float:
        return 1.0

    async def initialize(self) -> None:
        """Need nothing."""

    async def shutdown(self) -> None:
        """Hold nothing."""

    async def do_request(self, *_: Any, **__: Any) -> tuple[int, bytes]:
        """Answer getMe."""
        return 200, json.dumps({"ok": True, "result": _US}).encode()


async def telegram_messages(folder: Path) -> tuple[float, float]:
    """Return messages a second: ours committed at synchronous=FULL, all standings moved, and the bare library's."""
    answers = list(telegram_answers())
    return await _ours(folder / "telegram.db", answers), await _bare(answers[1:])


async def _ours(path: Path, answers: Sequence[bytes]) -> float:
    people, space = telegram_people()
    async with open_club(path, people, space) as club:
        intake = _intake(club)
        # The first answer fills what is kept between answers: compiled statements, remembered places.
        await _take(intake, answers[:1])
        with settled():
            begin = time.perf_counter()
            messages = await _take(intake, answers[1:])
            await club.database.write(lambda tx: tx.leaderboards.catch_up())
            taken_s = time.perf_counter() - begin
        require_awards(path, len(answers) * messages // (len(answers) - 1))
    return messages / taken_s


async def _take(intake: Intake, answers: Sequence[bytes]) -> int:
    """Take answers in as the fetch loop does, one after the other's commit; return how many messages they held."""
    taken = 0
    for answer in answers:
        taken += await intake.take_all(parsed(answer)["result"])
    return taken


def _intake(club: OpenClub) -> Intake:
    bot = telegram.Bot("1:bench", request=_NoNetwork(), get_updates_request=_NoNetwork())
    drafts = Drafts(Renderer(club.config), str(_US["username"]))
    messenger = Messenger(bot, drafts, Limiter(Limits()), club.app, lambda: BEGIN)
    answers = Answers(messenger, drafts, Background(), WeakValueDictionary(), set(), Seldom(LINE_STANDS_S))
    listener = Listener(
        OurBot(7, "bywalec_bot"), frozenset(spec.name for spec in club.app.commands), TelegramTime(lambda: BEGIN)
    )
    return Intake(club.app, listener, Admins(bot), answers, partial(fetch, bot), asyncio.Event())


async def _bare(answers: Sequence[bytes]) -> float:
    seen = 0

    async def forget(_update: telegram.Update, _context: ContextTypes.DEFAULT_TYPE) -> None:
        nonlocal seen
        seen += 1

    builder = Application.builder().token("1:bench").request(_NoNetwork()).get_updates_request(_NoNetwork())
    application = builder.updater(None).build()
    application.add_handler(MessageHandler(filters.ALL, forget))
    await application.initialize()
    begin = time.perf_counter()
    for answer in answers:
        for raw in json.loads(answer)["result"]:
            await application.process_update(telegram.Update.de_json(raw, application.bot))
    taken_s = time.perf_counter() - begin
    await application.shutdown()
    return seen / taken_s
