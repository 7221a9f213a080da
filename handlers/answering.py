"""What people say to the bot: commands, presses and typed answers, looked up, checked and handed to their handlers."""

import difflib
import json
from dataclasses import replace

from bot import codec
from bot.arguments import bind
from bot.commands import CommandSpec
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import UserError
from bot.events import Answered, ButtonPressed, Command, Person, PictureSent
from bot.ledger.ledger import SourceReused
from bot.members.names import clean_text
from bot.observing import REFUSAL
from bot.replies import Reply, Visibility
from handlers.call import Call
from handlers.forms import Forms
from handlers.registry import Handler, Registry
from handlers.resolve import check_role, check_where, look_up, resolve
from handlers.spaces import presence
from handlers.tiers.holding import climb
from handlers.vocabulary import vocabulary_of
from storage.transaction import Transaction

_PICTURE = "a picture"
Said = Command | ButtonPressed | Answered | PictureSent


class ButtonGone(UserError):
    """A button that is too old, or that never was ours."""

    template = "button_gone"


class NotYourButton(UserError):
    """A button meant for someone else."""

    template = "not_your_button"


class ButtonUsed(UserError):
    """A button that may be pressed once, and was."""

    template = "button_used"


class UnknownCommand(UserError):
    """No such command; perhaps one like it."""

    template = "unknown_command"


class Answering:
    """Answers commands, presses and typed answers, each within the transaction it is given."""

    def __init__(self, registry: Registry, forms: Forms, config: Config, rules: RuleBook) -> None:
        self._registry = registry
        self._forms = forms
        self._config = config
        self._rules = rules
        self._vocabulary = vocabulary_of(config)

    def is_read_only(self, event: Said) -> bool:
        """Whether the event is a command that writes nothing."""
        declared = self._registry.commands.get(event.name) if isinstance(event, Command) else None
        return declared is not None and declared[0].read_only

    def read(self, event: Command, tx: Transaction) -> tuple[Call, list[Reply]]:
        """Answer a command that writes nothing. Its buttons still need their tokens."""
        call = resolve(event, tx, self._config, self._rules)
        if presence.is_first_sight(call, tx):
            call = replace(call, is_first_sight=True)
        try:
            return call, self._run_command(event, *self._registry.commands[event.name], call, tx)
        except UserError as refusal:
            return call, [_refused(refusal, call, tx)]

    def once(self, event: Said, tx: Transaction) -> list[Reply]:
        """Give the stored answer to a replay, else handle the event and store the answer, refusals too."""
        key = tx.settings.keyed(event.key)
        input_hash = tx.settings.keyed(input_of(event))
        answered = self._given(key, input_hash, tx)
        if answered is not None:
            return answered
        call = resolve(event, tx, self._config, self._rules)
        replies = with_tokens(self.fresh(event, call, tx)[0], call, tx)
        tx.events.remember(key, input_hash, codec.dump([reply.kept() for reply in replies]))
        return replies

    def again(self, event: PictureSent, tx: Transaction) -> list[Reply]:
        """Give the stored answer to a replay, none to a picture that nobody asked for."""
        keyed = tx.settings.keyed
        return self._given(keyed(event.key), keyed(input_of(event)), tx) or []

    def wants_picture(self, event: PictureSent, tx: Transaction) -> bool:
        """Whether it would answer the question that is open to this person there."""
        if tx.events.answer_to(tx.settings.keyed(event.key)) is not None:
            return False
        return self._forms.wants_picture(resolve(event, tx, self._config, self._rules), tx)

    def asked_in(self, event: ButtonPressed, tx: Transaction) -> str | None:
        """Return the platform's id of the space that a button is about, None where it is about none."""
        shown = tx.conversations.shown(event.token)
        space_id = None if shown is None else shown.data.get("space")
        space = None if space_id is None else tx.spaces.by_id(space_id)
        is_there = space is not None and space.retired_at is None and space.platform == event.place.platform
        return space.platform_space_id if space is not None and is_there else None

    def _given(self, key: str, input_hash: str, tx: Transaction) -> list[Reply] | None:
        """Return the stored answer to a replay, None to what is new. Raises SourceReused."""
        stored = tx.events.answer_to(key)
        if stored is None:
            return None
        if stored.input_hash != input_hash:
            raise SourceReused(key)
        return list(codec.load(stored.reply)) if stored.reply else []

    def fresh(self, event: Said, call: Call, tx: Transaction) -> tuple[list[Reply], str | None]:
        """Handle the event for the first time; return the answer and, if that is a refusal, its template."""
        presence.note_reachable(call, tx)
        if call.member is not None:
            tx.members.saw([event.person])
            presence.note_presence(call, tx)
        try:
            with tx.savepoint():
                replies = self._dispatch(event, call, tx)
                climb(tx, self._rules)
                return replies, None
        except UserError as refusal:
            return [_refused(refusal, call, tx)], refusal.template

    def _dispatch(self, event: Said, call: Call, tx: Transaction) -> list[Reply]:
        if isinstance(event, ButtonPressed):
            return self._press(event, call, tx)
        if isinstance(event, Answered):
            return _complete_replies(self._forms.answered(call, tx, event.text), call, Visibility.PRIVATE)
        if isinstance(event, PictureSent):
            return _complete_replies(self._forms.sent(call, tx, event.picture), call, Visibility.PRIVATE)
        declared = self._registry.commands.get(event.name)
        if declared is None:
            return self._unknown(event, call)
        return self._run_command(event, *declared, call, tx)

    def _run_command(
        self, event: Command, spec: CommandSpec, handler: Handler, call: Call, tx: Transaction
    ) -> list[Reply]:
        check_where(call, spec.where)
        check_role(call, spec.role)
        bound = bind(spec, event, self._vocabulary)
        if spec.params:
            call = replace(call, args=look_up(spec, bound, call, tx))
        return _complete_replies(handler(call, tx), call, spec.visibility)

    def _press(self, event: ButtonPressed, call: Call, tx: Transaction) -> list[Reply]:
        shown = tx.conversations.shown(event.token)
        if shown is None or shown.action not in self._registry.buttons:
            raise ButtonGone()
        if shown.person_key is not None and shown.person_key != call.person_key:
            raise NotYourButton()
        if shown.is_used:
            raise ButtonUsed()
        spec, handler = self._registry.buttons[shown.action]
        check_role(call, spec.role)
        if shown.is_once:
            tx.conversations.use(event.token)
        call = replace(call, data=shown.data, text=event.text)
        return _complete_replies(handler(call, tx), call, Visibility.PRIVATE)

    def _unknown(self, event: Command, call: Call) -> list[Reply]:
        names = [spec.name for spec in self._registry.specs]
        close = difflib.get_close_matches(event.name, names, n=1, cutoff=0.6)
        if not close and not event.place.is_private:
            return []
        raise UnknownCommand(given=clean_text(event.name, 32), meant=close[0] if close else None)


def input_of(event: Said) -> str:
    """Return what makes two deliveries of one event the same input."""
    if isinstance(event, Command):
        words = [_named(word) for word in event.words]
        options = {name: _named(value) for name, value in sorted((event.options or {}).items())}
        return json.dumps([event.name, words, options])
    if isinstance(event, ButtonPressed):
        return json.dumps([event.token, event.text])
    if isinstance(event, PictureSent):
        # A message holds the same picture whenever it comes, though fetching it may fail once.
        return _PICTURE
    return event.text


def _named(value: str | int | Person) -> str:
    return str(value.identity if isinstance(value, Person) else value)


def _refused(refusal: UserError, call: Call, tx: Transaction) -> Reply:
    tx.count(REFUSAL, refusal.template)
    return Reply(refusal.template, refusal.fields, visibility=Visibility.PRIVATE, language=call.language)


def _complete_replies(result: Reply | list[Reply], call: Call, visibility: Visibility) -> list[Reply]:
    replies = result if isinstance(result, list) else [result]
    return [reply.completed(visibility, call.language) for reply in replies]


def with_tokens(replies: list[Reply], call: Call, tx: Transaction) -> list[Reply]:
    """Return replies whose buttons can be pressed."""
    # What was read is answered after the transaction that read it.
    key = replace(call, keyed=tx.settings.keyed).person_key
    return [replace(reply, buttons=tx.with_tokens(reply.buttons, key)) for reply in replies]
