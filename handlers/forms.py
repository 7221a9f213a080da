"""Forms: questions asked one after the other, by buttons or typed, with back, cancel and an hour's patience."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot import codec
from bot.errors import UserError
from bot.files.pictures import MOST_MB, MOST_MEGAPIXELS, Unusable
from bot.members.roles import Role
from bot.numbers import Whole
from bot.replies import Button, ButtonStyle, Reply, Rows, Visibility, reply
from handlers.call import Call
from handlers.pages import page_turns
from handlers.registry import Handler, button
from handlers.resolve import channel_key, check_role
from storage.answering.conversations import StoredForm
from storage.transaction import Transaction

Answers = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer given by a button: its label (a key of the button words, with fields) and its value.

    `step` is whose answer it is, if not of the step that shows it, and `then` what is asked next, if not the step that
    follows. Without a value it answers nothing and only leads there.
    """

    label: str
    value: object = None
    fields: Mapping[str, object] | None = None
    step: str | None = None
    then: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One question. `choices` are rows of buttons; with `parse` an answer may be typed too, asked for by `asks`.

    `parse` returns the value of a typed answer or None if it is none. `types` labels the button that lets one type.
    What is more than four rows comes on pages. A step that does not apply is left out. One that `is_optional` is asked
    only where a choice leads to it, and then leads on, and back, to the next one that is not. `shows` are more fields
    of its template. With `keeps` a picture answers it too: that is given the PNG and returns the value.
    """

    name: str
    template: str
    choices: Callable[[Call, Answers], Sequence[Sequence[Choice]]]
    parse: Callable[[str], object | None] | None = None
    asks: str | None = None
    types: str = "type"
    applies: Callable[[Call, Answers], bool] = lambda _call, _answers: True
    is_optional: bool = False
    shows: Callable[[Call, Transaction, Answers], Mapping[str, Any]] = lambda _call, _tx, _answers: {}
    keeps: Callable[[Transaction, bytes], object] | None = None

    def is_next(self, call: Call, answers: Answers) -> bool:
        """Whether it is asked when its turn comes."""
        return not self.is_optional and self.applies(call, answers)


@dataclass(frozen=True, slots=True)
class Form:
    """Questions in order and what is done with the answers. The last step may be a mere confirmation."""

    name: str
    role: Role
    steps: tuple[Step, ...]
    finish: Callable[[Call, Transaction, Answers], Reply]

    def index(self, step: str) -> int:
        """Return the position of a step. Raises FormOver for one that a newer version of the form does not have."""
        found = next((index for index, candidate in enumerate(self.steps) if candidate.name == step), None)
        if found is None:
            raise FormOver()
        return found

    def following(self, index: int, call: Call, answers: Answers) -> int | None:
        """Return the position of the first step from `index` on whose turn it is, None if there is none."""
        return next((at for at in range(index, len(self.steps)) if self.steps[at].is_next(call, answers)), None)

    def applying(self, call: Call, answers: Answers) -> dict[str, Any]:
        """Return the answers without those to steps that do not apply any more, after a way back and another answer."""
        kept = dict(answers)
        for step in self.steps:
            if not step.applies(call, kept):
                kept.pop(step.name, None)
        return kept

    def preceding(self, index: int, call: Call, answers: Answers) -> int | None:
        """Return the position of the step to go back to from `index`, None if there is none."""
        if self.steps[index].is_optional:
            return self.following(index, call, answers)
        return next((at for at in range(index - 1, -1, -1) if self.steps[at].is_next(call, answers)), None)


@dataclass(frozen=True, slots=True)
class _UnderWay:
    """A form a person is in: which beginning of it, the position of the step asked last, the answers so far."""

    form: Form
    instance: str
    asked: int
    answers: Answers

    @property
    def step(self) -> Step:
        return self.form.steps[self.asked]

    def button(self, label: str, action: str, data: Mapping[str, object] | None = None, **options: Any) -> Button:
        """Return a button of the question asked. It says which, so that one of an earlier form is told apart."""
        return Button(label, action, {"form": self.instance, "at": self.step.name, **(data or {})}, **options)


_IN_A_ROW = 3
_ROWS_ON_A_PAGE = 4
"""Below them is the row that leads on, back or out: Discord shows five."""


def in_rows(choices: Sequence[Choice]) -> Sequence[Sequence[Choice]]:
    """Return choices three in a row."""
    return [choices[at : at + _IN_A_ROW] for at in range(0, len(choices), _IN_A_ROW)]


class Forms:
    """Every form by name, and the handlers of the buttons that forms show."""

    def __init__(self, forms: Sequence[Form]) -> None:
        self._forms = {form.name: form for form in forms}

    def begin(self, name: str, call: Call, tx: Transaction, answers: Answers, *, at_end: bool = False) -> Reply:
        """Ask the first question, or the last one. `answers` are those that are known already."""
        form = self._forms[name]
        index = len(form.steps) - 1 if at_end else form.following(0, call, answers) or 0
        return self._ask(_UnderWay(form, call.keyed(call.event.key), index, answers), call, tx, edit=False)

    def handlers(self) -> list[Handler]:
        """Return the button handlers to be put into the table."""

        @button("form.choose", role=Role.ANYONE)
        def choose(call: Call, tx: Transaction) -> Reply:
            shown = self._pressed(call, tx)
            step, value, then = call.data["step"], call.data["value"], call.data.get("then")
            offered = (choice for row in shown.step.choices(call, shown.answers) for choice in row)
            if not any(_is(choice, shown.step, call.data) for choice in offered):
                raise FormOver()
            return self._answer(shown, call, tx, step, value, then)

        @button("form.back", role=Role.ANYONE)
        def back(call: Call, tx: Transaction) -> Reply:
            shown = self._pressed(call, tx)
            before = shown.form.preceding(shown.asked, call, shown.answers)
            return self._ask(shown if before is None else replace(shown, asked=before), call, tx, edit=True)

        @button("form.page", role=Role.ANYONE)
        def turn(call: Call, tx: Transaction) -> Reply:
            shown = self._pressed(call, tx)
            if shown != self._current(call, tx):
                raise FormOver()
            return self._ask(shown, call, tx, edit=True, page=call.data["page"])

        @button("form.type", role=Role.ANYONE)
        def type_answer(call: Call, tx: Transaction) -> Reply:
            shown = self._pressed(call, tx)
            if call.text is not None:
                return self._typed(shown, call, tx, call.text)
            self._save(shown, call, tx)
            return _in_place(reply("type_answer", asks=True, step=shown.step.template))

        @button("form.cancel", role=Role.ANYONE)
        def cancel(call: Call, tx: Transaction) -> Reply:
            self._pressed(call, tx)
            tx.conversations.end_form(call.person_key)
            return reply("cancelled", edit=True)

        return [choose, back, turn, type_answer, cancel]

    def answered(self, call: Call, tx: Transaction, text: str) -> Reply | list[Reply]:
        """Take typed text as the answer to the question asked last here; other text in private gets a hint."""
        if self._open(call, tx) is not None:
            return self._typed(self._current(call, tx), call, tx, text)
        return reply("talk_hint") if call.event.place.is_private else []

    def wants_picture(self, call: Call, tx: Transaction) -> bool:
        """Whether the question asked last here is answered by a picture, and the person may still answer it."""
        stored = self._open(call, tx)
        if stored is None:
            return False
        form = self._forms[stored.name]
        return form.steps[form.index(stored.step)].keeps is not None and call.may(form.role)

    def sent(self, call: Call, tx: Transaction, picture: bytes | Unusable | None) -> Reply | list[Reply]:
        """Take a picture as the answer to the question asked last here, if it asks for one."""
        if picture is None or not self.wants_picture(call, tx):
            return []
        if isinstance(picture, Unusable):
            limits = {"most_mb": MOST_MB, "most_megapixels": MOST_MEGAPIXELS}
            return _in_place(Reply("picture_unusable", {"why": picture.value, **limits}, asks=True))
        current = self._current(call, tx)
        assert current.step.keeps is not None
        return self._answer(current, call, tx, current.step.name, current.step.keeps(tx, picture))

    def _open(self, call: Call, tx: Transaction) -> StoredForm | None:
        """Return the form the person is in here."""
        stored = tx.conversations.form(call.person_key)
        is_here = stored is not None and stored.channel_key == channel_key(tx, call.event.place)
        return stored if is_here else None

    def _current(self, call: Call, tx: Transaction) -> _UnderWay:
        """Return the form the person is in here. Raises FormOver, and NotAllowed where the right to it was lost."""
        stored = self._open(call, tx)
        if stored is None:
            raise FormOver()
        form = self._forms[stored.name]
        check_role(call, form.role)
        return _UnderWay(form, stored.instance, form.index(stored.step), stored.data)

    def _pressed(self, call: Call, tx: Transaction) -> _UnderWay:
        """Return the form as it stood at the question that showed the button, with the answers given since.

        Raises FormOver for a button of another form or of an earlier beginning, and of a question that is yet to come.
        """
        current = self._current(call, tx)
        if call.data.get("form") != current.instance:
            raise FormOver()
        shown_at = current.form.index(call.data["at"])
        if shown_at > current.asked:
            raise FormOver()
        return replace(current, asked=shown_at)

    def _typed(self, asked: _UnderWay, call: Call, tx: Transaction, text: str) -> Reply:
        value = None if asked.step.parse is None else asked.step.parse(text)
        if value is None:
            fields: dict[str, Any] = {"step": asked.step.template}
            if isinstance(asked.step.parse, Whole):
                fields |= {"least": asked.step.parse.least, "most": asked.step.parse.most}
            return _in_place(Reply("bad_answer", fields, asks=True))
        return self._answer(asked, call, tx, asked.step.name, value)

    def _answer(
        self, asked: _UnderWay, call: Call, tx: Transaction, step: str, value: object, then: str | None = None
    ) -> Reply:
        form, answers = asked.form, asked.answers
        if value is not None:
            answers = form.applying(call, {**answers, step: value})
        if then is None:
            next_index = form.following(form.index(step) + 1, call, answers)
        else:
            next_index = form.index(then)
            if not form.steps[next_index].applies(call, answers):
                raise FormOver()
        is_press = call.text is None and "step" in call.data
        if next_index is not None:
            return self._ask(replace(asked, asked=next_index, answers=answers), call, tx, edit=is_press)
        tx.conversations.end_form(call.person_key)
        return form.finish(call, tx, answers)

    def _save(self, asked: _UnderWay, call: Call, tx: Transaction) -> None:
        place = channel_key(tx, call.event.place)
        stored = StoredForm(asked.form.name, asked.instance, asked.step.name, asked.answers, place)
        tx.conversations.save_form(call.person_key, stored)

    def _ask(self, asking: _UnderWay, call: Call, tx: Transaction, *, edit: bool, page: int = 0) -> Reply:
        self._save(asking, call, tx)
        step, answers = asking.step, asking.answers
        choices, end = step.choices(call, answers), (page + 1) * _ROWS_ON_A_PAGE
        rows: list[tuple[Button, ...]] = [
            tuple(_choice(choice, asking) for choice in row) for row in choices[end - _ROWS_ON_A_PAGE : end]
        ]
        data = {"form": asking.instance, "at": step.name}
        turns = page_turns("form.page", page, data, has_more=end < len(choices))
        is_first = asking.form.preceding(asking.asked, call, answers) is None
        rows.append((*(button for row in turns for button in row), *_navigation(asking, is_first=is_first)))
        buttons: Rows = tuple(rows)
        said: dict[str, Any] = {
            "step": step.name,
            "answers": dict(answers),
            "space": None if call.space is None else call.space.title,
            **step.shows(call, tx, answers),
        }
        return _in_place(reply(step.template, buttons=buttons, edit=edit, **said))


class FormOver(UserError):
    """The form ended or its time ran out."""

    template = "form_over"


def _in_place(question: Reply) -> Reply:
    """A form goes on where it began, so that its answers come from the same place."""
    return replace(question, visibility=Visibility.PUBLIC)


def _data(choice: Choice, step: Step) -> dict[str, object]:
    """Return what a button says of the choice of a step."""
    data = {"step": choice.step or step.name, "value": choice.value}
    return data if choice.then is None else data | {"then": choice.then}


def _is(choice: Choice, step: Step, pressed: Mapping[str, Any]) -> bool:
    """Whether a choice is what was pressed; what a button says comes back as the codec keeps it."""
    return bool({**pressed, **codec.load(codec.dump(_data(choice, step)))} == pressed)


def _choice(choice: Choice, asking: _UnderWay) -> Button:
    return asking.button(choice.label, "form.choose", _data(choice, asking.step), fields=choice.fields or {})


def _navigation(asking: _UnderWay, *, is_first: bool) -> list[Button]:
    buttons, step = [], asking.step
    if step.asks is not None:
        takes_picture = step.keeps is not None
        buttons.append(asking.button(step.types, "form.type", asks=step.asks, takes_picture=takes_picture))
    if not is_first:
        buttons.append(asking.button("back", "form.back"))
    buttons.append(asking.button("cancel", "form.cancel", style=ButtonStyle.DANGER))
    return buttons
