"""The app: dispatch, replay look-up and the error boundary around every event."""

import difflib
import json
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import structlog

from bot import codec
from bot.arguments import bind
from bot.commands import CommandSpec
from bot.config import Config
from bot.earning.versions import RuleBook
from bot.errors import TryLater, UserError
from bot.events import (
    Answered,
    AppEvent,
    BotPresenceChanged,
    ButtonPressed,
    Command,
    Event,
    Identity,
    MessagePosted,
    Participation,
    Person,
    PresenceChanged,
    ReachabilityChanged,
    ReactionChanged,
    ReactionsCleared,
    SpaceMigrated,
)
from bot.ledger import SourceReused
from bot.names import clean_text
from bot.observing import NOBODY, REFUSAL, Observer
from bot.replies import Post, Reply, ToMember, Visibility
from bot.tracing import about
from handlers import completion, letters, participation, presence, scheduler
from handlers.alerts import Alarms, Disk, alert
from handlers.call import Call
from handlers.failures import new_error_id, where_it_failed
from handlers.forms import Forms
from handlers.letters import Outcome, Retried
from handlers.listing import relist, relist_staff
from handlers.registry import Handler, Registry
from handlers.resolve import check_role, check_where, look_up, resolve
from handlers.scheduler import Job
from storage.database import Database
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.app")
_MOST_TRIES = 3


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


class App:
    """Handles events over one database. Every method returns after its effects are committed."""

    def __init__(
        self,
        database: Database,
        registry: Registry,
        forms: Forms,
        jobs: Sequence[Job],
        config: Config,
        observer: Observer = NOBODY,
        disk: Callable[[], Disk | None] = lambda: None,
    ) -> None:
        self._database = database
        self._registry = registry
        self._forms = forms
        self._jobs = tuple(jobs)
        self._config = config
        self._rules = RuleBook.of(config)
        self._observer = observer
        self._alarms = Alarms(disk, observer)

    @property
    def commands(self) -> Sequence[CommandSpec]:
        """Every command, in the order of the menus."""
        return self._registry.specs

    async def start(self) -> None:
        """Store the rule versions in force and bring owners and listings in line with the config."""
        await self._database.write(self._start)

    def _start(self, tx: Transaction) -> None:
        for version in self._rules.all():
            tx.rules.remember(version.id, version.rule, version.content)
        for member_id in tx.roles.sync_owners(self._config.programme.owners):
            relist(member_id, tx, self._config)
        relist_staff(tx, self._config)

    async def handle(self, event: AppEvent) -> list[Reply]:
        """Handle one event; a replay gets the first answer again. Raises TryLater if nothing was done."""
        replies: list[Reply] = []
        with about(event.key):
            if isinstance(event, Command | ButtonPressed | Answered):
                replies = await self._answer(event)
            else:
                await self._guarded(event, partial(self._database.write, partial(self._note, event)))
        self._observer.heard(event.place.platform, {type(event).__name__: 1})
        return replies

    def _note(self, event: Event, tx: Transaction) -> None:
        """Handle an event that nobody waits to have answered."""
        match event:
            case PresenceChanged():
                presence.person(event, tx, self._config, self._rules)
            case BotPresenceChanged():
                presence.bot(event, tx)
            case SpaceMigrated():
                presence.migrated(event, tx)
            case ReachabilityChanged():
                presence.reachability(event, tx)
            case MessagePosted() | ReactionChanged() | ReactionsCleared():
                participation.take_part([event], tx, self._config, self._rules)

    async def take_part(self, batch: Sequence[Participation]) -> None:
        """Take messages and reactions into account, in bulk; a bad one is set apart. Raises TryLater."""
        await self._take_all(batch)
        if batch:
            self._observer.heard(batch[0].place.platform, Counter(type(event).__name__ for event in batch))

    async def _take_all(self, batch: Sequence[Participation]) -> None:
        if len(batch) > 1:
            try:
                await self._database.write(lambda tx: participation.take_part(batch, tx, self._config, self._rules))
                return
            except TryLater as error:
                self._alarms.away(error)
                raise
            except Exception as error:
                log.warning("batch_split", error=type(error).__name__, size=len(batch))
        for event in batch:
            with about(event.key):
                await self._guarded(event, partial(self._database.write, partial(self._note, event)))

    async def park(self, event_key: str, kind: str, reason: str) -> None:
        """Give up an event that could not even be read."""
        error_id = new_error_id()
        log.error("unreadable", kind=kind, reason=reason, error_id=error_id)
        await self._database.write(
            lambda tx: tx.events.park(tx.settings.keyed(event_key), kind, reason, "{}", error_id)
        )

    async def retry(self, letter_id: int) -> Retried:
        """Run what was given up again; whoever it is from gets the answer in private. Raises TryLater."""
        letter = await self._database.read(lambda tx: tx.events.dead_letter(letter_id))
        if letter is None or letter.event is None:
            return Retried(Outcome.GONE if letter is None else Outcome.NOT_KEPT)
        try:
            if letter.kind == scheduler.LETTER:
                await scheduler.run_again(self._database, self._jobs, letter.event, self._config, self._rules)
                await self._database.write(lambda tx: tx.events.drop([letter_id]))
            else:
                event = letters.load(letter.kind, letter.event)
                await self._database.write(lambda tx: self._again(event, letter_id, tx))
        except TryLater:
            raise
        except Exception as error:
            reason, error_id = type(error).__name__, new_error_id()
            log.error("retry_failed", error_id=error_id, kind=letter.kind, **where_it_failed(error))
            await self._database.write(lambda tx: tx.events.failed_again(letter_id, reason, error_id))
            return Retried(Outcome.FAILED, reason, error_id)
        return Retried(Outcome.DONE)

    def _again(self, event: Event, letter_id: int, tx: Transaction) -> None:
        """Do an event that was given up, under its own source, and drop the letter: both or neither."""
        if not tx.events.drop([letter_id]):
            return
        if not isinstance(event, Command | ButtonPressed):
            self._note(event, tx)
            return
        call = resolve(event, tx, self._config, self._rules)
        replies = self._fresh(event, call, tx)
        key = tx.settings.keyed(event.key)
        tx.events.change_answer(key, codec.dump(_with_tokens(replies, call, tx)))
        if call.member is not None:
            for number, reply in enumerate(replies):
                to = ToMember(call.member.id)
                tx.post(Post(to, reply.template, f"retry:{key}:{number}", reply.fields, reply.buttons))

    async def run_due(self) -> None:
        """Do the scheduled work that is due, each occurrence once, and tell the owners of trouble."""
        try:
            await scheduler.run_due(self._database, self._jobs, self._config, self._rules, self._alarms.ran)
            await alert(self._database, self._alarms)
        except TryLater as error:
            self._alarms.away(error)
            raise

    async def next_due(self) -> datetime | None:
        """Return the next instant at which something is due."""
        return await self._database.read(lambda tx: scheduler.next_due(tx, self._jobs))

    async def complete(self, command: str, param: str, typed: str, identity: Identity) -> list[tuple[str, str]]:
        """Return (label, value) suggestions for a parameter, at most 25."""
        declared = self._registry.commands.get(command)
        if declared is None:
            return []
        spec, names = declared[0], tuple(self._registry.commands)
        values = await self._database.read(
            lambda tx: completion.complete(spec, param, typed, identity, names, tx, self._config)
        )
        return [(value, value) for value in values]

    # Commands, buttons and typed answers ----------------------------------------------------------------------------

    async def _answer(self, event: Command | ButtonPressed | Answered) -> list[Reply]:
        if isinstance(event, Command):
            declared = self._registry.commands.get(event.name)
            if declared is not None and declared[0].read_only:
                work = lambda: self._read(event, *declared)  # noqa: E731
                return await self._guarded(event, work) or []
        return await self._guarded(event, lambda: self._database.write(lambda tx: self._once(event, tx))) or []

    async def _read(self, event: Command, spec: CommandSpec, handler: Handler) -> list[Reply]:
        def read(tx: Transaction) -> tuple[Call, list[Reply]]:
            call = resolve(event, tx, self._config, self._rules)
            call = replace(call, is_first_sight=presence.is_first_sight(call, tx))
            try:
                return call, self._run_command(event, spec, handler, call, tx)
            except UserError as refusal:
                return call, [_refused(refusal, call, tx)]

        call, replies = await self._database.read(read)
        if call.is_first_sight:
            await self._database.write(lambda tx: presence.note_presence(call, tx))
        if any(button.action for reply in replies for row in reply.buttons for button in row):
            replies = await self._database.write(lambda tx: _with_tokens(replies, call, tx))
        return replies

    def _once(self, event: Command | ButtonPressed | Answered, tx: Transaction) -> list[Reply]:
        """Give the stored answer to a replay, else handle the event and store the answer, refusals too."""
        key = tx.settings.keyed(event.key)
        input_hash = tx.settings.keyed(_input(event))
        stored = tx.events.answer_to(key)
        if stored is not None:
            if stored.input_hash != input_hash:
                raise SourceReused(key)
            return list(codec.load(stored.reply)) if stored.reply else []
        call = resolve(event, tx, self._config, self._rules)
        replies = _with_tokens(self._fresh(event, call, tx), call, tx)
        tx.events.remember(key, input_hash, codec.dump(replies))
        return replies

    def _fresh(self, event: Command | ButtonPressed | Answered, call: Call, tx: Transaction) -> list[Reply]:
        """Handle the event for the first time."""
        if call.member is not None:
            tx.members.saw([event.person])
            presence.note_reachable(call, tx)
            presence.note_presence(call, tx)
        try:
            with tx.savepoint():
                return self._dispatch(event, call, tx)
        except UserError as refusal:
            return [_refused(refusal, call, tx)]

    def _dispatch(self, event: Command | ButtonPressed | Answered, call: Call, tx: Transaction) -> list[Reply]:
        if isinstance(event, ButtonPressed):
            return self._press(event, call, tx)
        if isinstance(event, Answered):
            return _complete_replies(self._forms.answered(call, tx, event.text), call, Visibility.PRIVATE)
        declared = self._registry.commands.get(event.name)
        if declared is None:
            return self._unknown(event, call)
        return self._run_command(event, *declared, call, tx)

    def _run_command(
        self, event: Command, spec: CommandSpec, handler: Handler, call: Call, tx: Transaction
    ) -> list[Reply]:
        check_where(call, spec.where)
        check_role(call, spec.role)
        bound = bind(spec, event, self._config.programme.currency)
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
        close = difflib.get_close_matches(event.name, self._registry.commands, n=1, cutoff=0.6)
        if not close and not event.place.is_private:
            return []
        raise UnknownCommand(given=clean_text(event.name, 32), meant=close[0] if close else None)

    # The error boundary ---------------------------------------------------------------------------------------------

    async def _guarded(self, event: Event, work: Callable[[], Any]) -> Any:
        """Run `work`, again after an unexpected error, at most three times in all; then park the event."""
        while True:
            try:
                return await work()
            except TryLater as error:
                self._alarms.away(error)
                raise
            except Exception as error:
                error_id = new_error_id()
                log.error("unexpected", error_id=error_id, kind=type(event).__name__, **where_it_failed(error))
                reason = type(error).__name__
                answer = await self._neutral(event, error_id)
                if await self._database.write(partial(self._gave_up, event, reason, error_id, answer)):
                    return answer

    def _gave_up(self, event: Event, reason: str, error_id: str, answer: list[Reply], tx: Transaction) -> bool:
        """Count a failed try; after the last one park the event, which stays failed if it comes again."""
        key = tx.settings.keyed(event.key)
        if tx.events.count_try(key) < _MOST_TRIES:
            return False
        is_answered = tx.events.answer_to(key) is not None
        again = None if is_answered else self._kept(event, tx)
        tx.events.park(key, type(event).__name__, reason, letters.described(event), error_id, event=again)
        if isinstance(event, Command | ButtonPressed | Answered) and not is_answered:
            tx.events.remember(key, tx.settings.keyed(_input(event)), codec.dump(answer))
        return True

    def _kept(self, event: Event, tx: Transaction) -> str | None:
        try:
            with tx.savepoint():
                return letters.kept(event, self._registry, tx, self._config, self._rules)
        except Exception as error:
            # Whatever is wrong with the event may be wrong here too, and it must be parked all the same.
            log.warning("not_kept", error=type(error).__name__)
            return None

    async def _neutral(self, event: Event, error_id: str) -> list[Reply]:
        if not isinstance(event, Command | ButtonPressed | Answered):
            return []
        language: str = self._config.programme.default_language
        if event.person.language and event.person.language[:2] in self._config.programme.languages:
            language = event.person.language[:2]
        try:
            language = await self._database.read(lambda tx: resolve(event, tx, self._config, self._rules).language)
        except Exception as error:
            log.warning("language_unknown", error=type(error).__name__)
        return [Reply("unexpected", {"error_id": error_id}, visibility=Visibility.PRIVATE, language=language)]


def _input(event: Command | ButtonPressed | Answered) -> str:
    """Return what makes two deliveries of one event the same input."""
    if isinstance(event, Command):
        words = [_named(word) for word in event.words]
        options = {name: _named(value) for name, value in sorted((event.options or {}).items())}
        return json.dumps([event.name, words, options])
    if isinstance(event, ButtonPressed):
        return json.dumps([event.token, event.text])
    return event.text


def _named(value: str | int | Person) -> str:
    return str(value.identity if isinstance(value, Person) else value)


def _refused(refusal: UserError, call: Call, tx: Transaction) -> Reply:
    tx.count(REFUSAL, refusal.template)
    return Reply(refusal.template, refusal.fields, visibility=Visibility.PRIVATE, language=call.language)


def _complete_replies(result: Reply | list[Reply], call: Call, visibility: Visibility) -> list[Reply]:
    replies = result if isinstance(result, list) else [result]
    return [
        replace(reply, visibility=reply.visibility or visibility, language=reply.language or call.language)
        for reply in replies
    ]


def _with_tokens(replies: list[Reply], call: Call, tx: Transaction) -> list[Reply]:
    return [replace(reply, buttons=tx.with_tokens(reply.buttons, call.person_key)) for reply in replies]
