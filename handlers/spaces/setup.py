"""Setting up a space: where to post, in which language, on which day and hour; all by buttons."""

import re
from collections.abc import Sequence
from datetime import time
from typing import get_args

from bot.commands import Where
from bot.config.types import Weekday
from bot.members.roles import Role
from bot.replies import Reply, Visibility, reply
from handlers.call import Call
from handlers.forms import Answers, Choice, Form, Forms, Step
from handlers.registry import Handler, command
from handlers.spaces.presence import enter
from storage.transaction import Transaction

WEEKDAYS: tuple[str, ...] = get_args(Weekday)
_HOURS = ("08:00", "09:00", "10:00", "12:00", "17:00", "18:00", "19:00", "20:00")
_TIME = re.compile(r"([01]?[0-9]|2[0-3])(?::([0-5][0-9]))?")


def _where(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    place = call.event.place
    here = Choice("setup_here", {"channel": place.channel_id, "thread": place.thread_id})
    if place.thread_id is None:
        return [[here]]
    topic = Choice("setup_topic", {"channel": place.channel_id, "thread": place.thread_id})
    return [[topic], [Choice("setup_whole_group", {"channel": place.channel_id, "thread": None})]]


def _languages(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice(f"language_{code}", code) for code in call.config.programme.languages]]


def _days(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    choices = [Choice(name, index) for index, name in enumerate(WEEKDAYS)]
    return [choices[:4], choices[4:]]


def _hours(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    choices = [Choice("as_is", hour, {"text": hour}) for hour in _HOURS]
    return [choices[:4], choices[4:]]


def _confirm(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("save", True)]]


def parse_time(text: str) -> str | None:
    """Return `9`, `9:30` or `09:30` as "09:00" or "09:30", None for anything else."""
    match = _TIME.fullmatch(text.strip())
    return None if match is None else f"{int(match[1]):02}:{match[2] or '00'}"


def _finish(call: Call, tx: Transaction, answers: Answers) -> Reply:
    ref = call.event.place.space
    assert ref is not None
    space = tx.spaces.set_up(
        ref,
        answers["where"]["channel"],
        answers["where"]["thread"],
        answers["language"],
        answers["day"],
        time.fromisoformat(answers["hour"]),
    )
    if call.member is not None:
        enter(call.member, space, call.at, tx, call.config, call.rules)
    return reply(
        "setup_done", edit=True, day=WEEKDAYS[space.weekday], hour=answers["hour"], language=answers["language"]
    )


SETUP = Form(
    "setup",
    Role.SPACE_ADMIN,
    (
        Step("where", "setup_where", _where),
        Step("language", "setup_language", _languages),
        Step("day", "setup_day", _days),
        Step("hour", "setup_hour", _hours, parse_time, "setup_hour_question"),
        Step("confirm", "setup_confirm", _confirm),
    ),
    _finish,
)


def setup_command(forms: Forms) -> Handler:
    """Return the /setup command over the forms it is one of."""

    @command("setup", role=Role.SPACE_ADMIN, where=Where.SPACE, visibility=Visibility.PUBLIC)
    def setup(call: Call, tx: Transaction) -> Reply:
        """Make the group a space, or change how it is one."""
        return forms.begin("setup", call, tx, {})

    return setup
