"""Buttons that were shown and forms that are being filled in."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects.postgresql import insert

from bot import codec
from bot.replies import Audience, Button
from storage import schema
from storage.engine.dialect import Connection, binds
from storage.engine.forgetting import delete_oldest
from storage.engine.times import to_us

_button, _form = schema.button, schema.form
_INSERT_BUTTON = insert(_button).values(binds("token", "action", "data", "person_key", "is_once", "expires_at"))
_BUTTON = select(_button.c.action, _button.c.data, _button.c.person_key, _button.c.is_once, _button.c.is_used).where(
    _button.c.token == bindparam("token"), _button.c.expires_at > bindparam("now")
)
_USE_BUTTON = update(_button).where(_button.c.token == bindparam("pressed"), _button.c.is_used == 0).values(is_used=1)
_DROP_BUTTONS = delete(_button).where(_button.c.person_key == bindparam("person_key"))
_FORGET_BUTTONS = delete_oldest(_button.c.expires_at)
_KEPT = ("name", "instance", "step", "data", "channel_key", "expires_at")
_upsert = insert(_form).values(binds("person_key", *_KEPT))
_SAVE_FORM = _upsert.on_conflict_do_update(
    index_elements=["person_key"],
    set_={name: _upsert.excluded[name] for name in _KEPT},
)
_FORM = select(_form.c.name, _form.c.instance, _form.c.step, _form.c.data, _form.c.channel_key).where(
    _form.c.person_key == bindparam("person_key"), _form.c.expires_at > bindparam("now")
)
_END_FORM = delete(_form).where(_form.c.person_key == bindparam("person_key"))
_FORGET_FORMS = delete_oldest(_form.c.expires_at)
_BUTTON_LIFE = timedelta(days=90)
_WORDS_LIFE = timedelta(hours=1)
_FORM_LIFE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class ShownButton:
    """A button as it was shown. `person_key` is None where anyone may press it."""

    action: str
    data: dict[str, Any]
    person_key: str | None
    is_once: bool
    is_used: bool


@dataclass(frozen=True, slots=True)
class StoredForm:
    """A form under way: its declaration's name, which beginning of it, the step asked last, the answers so far."""

    name: str
    instance: str
    step: str
    data: Mapping[str, Any]
    channel_key: str


class Conversations:
    """Keeps buttons and forms by keyed hashes of people, so that nothing names one who has not joined."""

    def __init__(self, connection: Connection, now: datetime) -> None:
        self._connection = connection
        self._now = now

    def show(self, button: Button, person_key: str | None) -> str:
        """Store a button; return its token."""
        token = secrets.token_urlsafe(12)
        self._connection.run(
            _INSERT_BUTTON,
            token=token,
            action=button.action,
            data=codec.dump(button.data),
            person_key=person_key if button.audience is Audience.ONE else None,
            is_once=int(button.once),
            expires_at=to_us(self._now + (_WORDS_LIFE if button.holds_words else _BUTTON_LIFE)),
        )
        return token

    def shown(self, token: str) -> ShownButton | None:
        """Return the button with this token, None for an unknown or expired one."""
        row = self._connection.first(_BUTTON, token=token, now=to_us(self._now))
        return None if row is None else ShownButton(row[0], codec.load(row[1]), row[2], bool(row[3]), bool(row[4]))

    def use(self, token: str) -> None:
        """Use up a button that may be pressed once."""
        self._connection.run(_USE_BUTTON, pressed=token)

    def save_form(self, person_key: str, form: StoredForm) -> None:
        """Store where a person is in a form; they have an hour for the next answer."""
        self._connection.run(
            _SAVE_FORM,
            person_key=person_key,
            name=form.name,
            instance=form.instance,
            step=form.step,
            data=codec.dump(form.data),
            channel_key=form.channel_key,
            expires_at=to_us(self._now + _FORM_LIFE),
        )

    def form(self, person_key: str) -> StoredForm | None:
        """Return the form a person is in."""
        row = self._connection.first(_FORM, person_key=person_key, now=to_us(self._now))
        return None if row is None else StoredForm(row[0], row[1], row[2], codec.load(row[3]), row[4])

    def end_form(self, person_key: str) -> bool:
        """End the form a person is in; return whether there was one."""
        return bool(self._connection.run(_END_FORM, person_key=person_key).rowcount)

    def forget_person(self, person_key: str) -> None:
        """Drop the buttons shown to a person and the form they are in."""
        self._connection.run(_DROP_BUTTONS, person_key=person_key)
        self._connection.run(_END_FORM, person_key=person_key)

    def forget(self, most: int) -> bool:
        """Drop about so many buttons and forms that have expired; return whether more may be left."""
        now = to_us(self._now)
        buttons = self._connection.run(_FORGET_BUTTONS, before=now, most=most).rowcount
        return max(buttons, self._connection.run(_FORGET_FORMS, before=now, most=most).rowcount) >= most
