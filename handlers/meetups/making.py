"""Events made by moderators in chat: the questions, the code to show at the door, and which ones there are."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Final

from bot.calendar import end_of, first_instant
from bot.challenges.meetups import CheckInLate, EventTimesWrong, EventTooLong, Meetup
from bot.commands import ChoiceParam
from bot.members.roles import Role
from bot.purchases.one_time_codes import PAYLOAD, format_code, new_code
from bot.replies import Button, ButtonStyle, Picture, Reply, Rows, reply
from bot.rewards.rewards import NAME_LIMIT
from handlers.call import Call
from handlers.codes.contents import key_of
from handlers.forms import Answers, Choice, Form, Forms, Step
from handlers.pages import page_turns
from handlers.registry import Handler, button, command
from handlers.resolve import check_role, where_asked
from handlers.rewards.steps import line
from handlers.spaces.setup import parse_time
from storage.transaction import Transaction

_ROLE: Final = Role.MODERATOR
_NOW, _TO_MIDNIGHT = "now", "midnight"
_HOURS: Final = {"event_for_2h": 2, "event_for_4h": 4, "event_for_8h": 8}
_MONTH: Final = timedelta(days=30)
_LONGEST: Final = timedelta(days=366)
_ON_A_PAGE: Final = 4
_MOMENT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})[ T]+(\S+)", re.ASCII)


def _nothing(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return []


def _begins(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("event_now", _NOW)]]


def _ends(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    hours = [Choice(label, f"{count}h") for label, count in _HOURS.items()]
    return [hours, [Choice("event_to_midnight", _TO_MIDNIGHT), Choice("event_for_month", f"{_MONTH.days * 24}h")]]


def _often(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [[Choice("event_once", False), Choice("event_daily", True)]]


def _moment(text: str) -> str | None:
    """Return `18:00` as it is and `2026-03-20 18:00` with one blank between, None for anything else."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return parse_time(text)
    at = parse_time(found[2])
    try:
        return None if at is None else f"{date.fromisoformat(found[1]).isoformat()} {at}"
    except ValueError:
        return None


def _instant(said: str, day: date, call: Call) -> datetime:
    """Return the instant of what `_moment` returned; one without a day is on `day`."""
    on, _, at = said.rpartition(" ")
    return first_instant(date.fromisoformat(on) if on else day, time.fromisoformat(at), call.zone)


def _finish(call: Call, tx: Transaction, answers: Answers) -> Reply:
    opens_at = call.now if answers["begins"] == _NOW else _instant(answers["begins"], call.today, call)
    closes_at = _end_of(answers["ends"], opens_at, call)
    if closes_at <= max(opens_at, call.now):
        raise EventTimesWrong(opens_at=opens_at, closes_at=closes_at)
    if closes_at - call.now > _LONGEST:
        raise EventTooLong(days=_LONGEST.days)
    code, space_id = new_code(), call.space.id if call.space else None
    key = key_of(code, call.keyed)
    meetup = tx.meetups.add(key, answers["name"], code, opens_at, closes_at, space_id, is_daily=answers["often"])
    return _shown(meetup, tx)


def _end_of(said: str, opens_at: datetime, call: Call) -> datetime:
    day = opens_at.astimezone(call.zone).date()
    if said == _TO_MIDNIGHT:
        return end_of(day, call.zone)
    if said.endswith("h"):
        return opens_at + timedelta(hours=int(said[:-1]))
    return _instant(said, day, call)


def _shown(meetup: Meetup, tx: Transaction) -> Reply:
    """Return an event with its code, as a picture to be shown at the door too."""
    code = format_code(meetup.code)
    drawn = {"name": meetup.name, "code": code, "payload": f"{PAYLOAD}{meetup.code}"}
    fields = _about(meetup, tx) | {"code": code, "payload": drawn["payload"]}
    picture = Picture("event", drawn, "picture_event")
    return Reply("event", fields, ((Button("copy_code", copies=code),),), picture=picture)


def _about(meetup: Meetup, tx: Transaction) -> dict[str, object]:
    return {
        "name": meetup.name,
        "opens_at": meetup.opens_at,
        "closes_at": meetup.closes_at,
        "is_daily": meetup.is_daily,
        "members": tx.meetups.count(meetup.id),
    }


def _typed(name: str, choices: Callable[[Call, Answers], Sequence[Sequence[Choice]]], types: str) -> Step:
    return Step(name, f"event_{name}", choices, _moment, f"event_{name}_question", types)


MEETUP = Form(
    "event",
    _ROLE,
    (
        Step("name", "event_name", _nothing, lambda text: line(text, NAME_LIMIT), "event_name_question", "type_it"),
        _typed("begins", _begins, "type"),
        _typed("ends", _ends, "type"),
        Step("often", "event_often", _often),
    ),
    _finish,
)


def meetup_handlers(forms: Forms) -> list[Handler]:
    """Return the /event command over the forms it is one of, and the buttons under the list of events."""

    @command("event", params=[ChoiceParam("action", choices=("new", "list"))], role=_ROLE)
    def event(call: Call, tx: Transaction) -> Reply:
        """Make an event, or list those that are on or to come."""
        return forms.begin(MEETUP.name, call, tx, {}) if call.args.action == "new" else _listed(call, tx, 0)

    @button("event.page")
    def turn_page(call: Call, tx: Transaction) -> Reply:
        """Turn to another page of the list."""
        call = where_asked(call, tx)
        check_role(call, _ROLE)
        return replace(_listed(call, tx, call.data["page"]), edit=True)

    @button("event.show")
    def show(call: Call, tx: Transaction) -> Reply:
        """Show the code of an event again."""
        return _shown(_current(where_asked(call, tx), tx), tx)

    @button("event.end")
    def end(call: Call, tx: Transaction) -> Reply:
        """End an event now: from now on its code brings nothing."""
        meetup = _current(where_asked(call, tx), tx)
        tx.meetups.end(meetup.id)
        return reply("event_ended", edit=True, name=meetup.name, members=tx.meetups.count(meetup.id))

    return [event, turn_page, show, end]


def _is_theirs(meetup: Meetup, call: Call) -> bool:
    """In a space those of the space; in private, where the role holds for the whole club, all."""
    return call.space is None or meetup.space_id == call.space.id


def _current(call: Call, tx: Transaction) -> Meetup:
    check_role(call, _ROLE)
    meetup = tx.meetups.by_id(call.data["event"])
    if meetup is None or meetup.closes_at <= call.now or not _is_theirs(meetup, call):
        raise CheckInLate(name=call.data["name"], closes_at=call.now if meetup is None else meetup.closes_at)
    return meetup


def _listed(call: Call, tx: Transaction, page: int) -> Reply:
    """Return a page of the events, the last one where there are fewer by now."""
    current = [meetup for meetup in tx.meetups.current() if _is_theirs(meetup, call)]
    page = min(page, max(0, len(current) - 1) // _ON_A_PAGE)
    end = (page + 1) * _ON_A_PAGE
    found = current[end - _ON_A_PAGE : end]
    space_id = call.space.id if call.space else None
    data = [{"event": one.id, "name": one.name, "space": space_id} for one in found]
    rows: Rows = tuple(
        (
            Button("event_show", "event.show", about, {"name": about["name"]}),
            Button("event_end", "event.end", about, style=ButtonStyle.DANGER),
        )
        for about in data
    )
    rows += page_turns("event.page", page, {"space": space_id}, has_more=end < len(current))
    return reply("events", buttons=rows, events=[_about(one, tx) for one in found])
