"""The app: dispatch, replay look-up and the error boundary around every event."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import structlog

from bot import codec
from bot.clock import WELL, ClockState
from bot.commands import CommandSpec
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.events import (
    AppEvent,
    BotPresenceChanged,
    ButtonPressed,
    Command,
    Event,
    Identity,
    JoinRequested,
    MessageDeleted,
    MessagePosted,
    Participation,
    PictureSent,
    PresenceChanged,
    ReachabilityChanged,
    ReactionChanged,
    ReactionsCleared,
    SpaceMigrated,
    VoicePresent,
)
from bot.observing import NOBODY, Observer
from bot.replies import Post, Reply, ToMember
from bot.tracing import about
from handlers import completion, scheduler
from handlers.answering import Answering, Said, with_tokens
from handlers.boards.seasons import note_seasons
from handlers.boundary import Boundary
from handlers.call import Call
from handlers.failures import new_error_id, where_it_failed
from handlers.forms import Forms
from handlers.gathering import Gathering
from handlers.listing import relist, relist_staff
from handlers.operating import letters
from handlers.operating.alerts import Alarms, Disk, alert
from handlers.operating.letters import Outcome, Retried
from handlers.points import participation, voice
from handlers.registry import Registry
from handlers.resolve import resolve
from handlers.rewards.ladder import fill_catalogue
from handlers.scheduler import Job
from handlers.spaces import presence
from handlers.tiers.admission import join_requested
from handlers.tiers.climbing import Climbing
from handlers.tiers.holding import note_ladder
from storage.engine.database import Database
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.app")


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
        self._jobs = tuple(jobs)
        self._config = config
        self._rules = RuleBook.of(config)
        self._observer = observer
        self._alarms = Alarms(disk, observer)
        self._looked_at: datetime | None = None
        self._taking_part = Gathering(self._take_all)
        self._climbing = Climbing(database, self._rules)
        self._answering = Answering(registry, forms, config, self._rules)
        self._boundary = Boundary(database, registry, config, self._rules, self._alarms)

    @property
    def commands(self) -> Sequence[CommandSpec]:
        """Every command, in the order of the menus."""
        return self._registry.specs

    async def start(self) -> None:
        """Store the rule versions in force, fill the catalogue, bring owners and listings in line with the config."""
        await self._database.write(self._start)

    def _start(self, tx: Transaction) -> None:
        for version in self._rules.all():
            tx.rules.remember(version.id, version.rule, version.content)
        for member_id in tx.roles.sync_owners(self._config.programme.owners):
            relist(member_id, tx, self._config)
        relist_staff(tx, self._config)
        note_ladder(tx, self._rules)
        note_seasons(self._config, self._rules, tx)
        fill_catalogue(self._config, tx)

    async def handle(self, event: AppEvent) -> list[Reply]:
        """Handle one event; a replay gets the first answer again. Raises TryLater if nothing was done."""
        replies: list[Reply] = []
        with about(event.key):
            if isinstance(event, Said):
                replies = await self._boundary.guarded(event, lambda: self._answer(event)) or []
            else:
                await self._boundary.guarded(event, partial(self._database.write, partial(self._note, event)))
        self._observer.heard(event.place.platform, {type(event).__name__: 1})
        return replies

    async def wants_picture(self, event: PictureSent) -> bool:
        """Whether a question that is open to this person there waits for a picture. Raises TryLater."""
        return await self._database.read(lambda tx: self._answering.wants_picture(event, tx))

    async def asked_in(self, event: ButtonPressed) -> str | None:
        """Return the space whose admins may do more by a button that is pressed in private. Raises TryLater."""
        if not self._config.roles.platform_admins_are_moderators:
            return None
        return await self._database.read(lambda tx: self._answering.asked_in(event, tx))

    async def _answer(self, event: Said) -> list[Reply]:
        if isinstance(event, PictureSent) and event.picture is None:
            return await self._database.read(lambda tx: self._answering.again(event, tx))
        if not (isinstance(event, Command) and self._answering.is_read_only(event)):
            return await self._database.write(lambda tx: self._answering.once(event, tx))

        def read(tx: Transaction) -> tuple[Call, list[Reply], bool]:
            return *self._answering.read(event, tx), tx.leaderboards.was_behind

        call, replies, was_behind = await self._database.read(read)
        if was_behind:
            await self._database.write(lambda tx: tx.leaderboards.catch_up())
            call, replies, _ = await self._database.read(read)
        if call.is_first_sight:
            await self._database.write(lambda tx: presence.note_presence(call, tx))
        if presence.is_reachable_again(call):
            await self._database.write(lambda tx: presence.note_reachable(call, tx))
        if any(button.action for reply in replies for row in reply.buttons for button in row):
            replies = await self._database.write(lambda tx: with_tokens(replies, call, tx))
        return replies

    def _note(self, event: Event, tx: Transaction) -> None:
        """Handle an event that nobody waits to have answered."""
        match event:
            case PresenceChanged():
                presence.person(event, tx, self._config, self._rules)
            case JoinRequested():
                join_requested(event, tx, self._rules)
            case BotPresenceChanged():
                presence.bot(event, tx)
            case MessageDeleted():
                participation.deleted(event, tx)
            case VoicePresent():
                voice.present(event, tx, self._config, self._rules)
            case SpaceMigrated():
                presence.migrated(event, tx)
            case ReachabilityChanged():
                presence.reachability(event, tx)
            case MessagePosted() | ReactionChanged() | ReactionsCleared():
                participation.take_part([event], tx, self._config, self._rules)

    async def take_part(self, batch: Sequence[Participation]) -> None:
        """Take messages and reactions into account, in bulk; a bad one is set apart. Raises TryLater.

        What comes from several callers at once is taken together.
        """
        if batch:
            await self._taking_part.add(batch)
            self._observer.heard(batch[0].place.platform, Counter(type(event).__name__ for event in batch))

    async def _take_all(self, batch: Sequence[Participation]) -> None:
        if len(batch) > 1:
            try:
                await self._take(batch)
                return
            except TryLater as error:
                self._alarms.away(error)
                raise
            except Exception as error:
                log.warning("batch_split", error=type(error).__name__, size=len(batch))
        for event in batch:
            with about(event.key):
                await self._boundary.guarded(event, partial(self._take, [event]))

    async def _take(self, batch: Sequence[Participation]) -> None:
        def take(tx: Transaction) -> set[int]:
            participation.take_part(batch, tx, self._config, self._rules)
            return tx.status_months.chatted

        self._climbing.note(await self._database.write(take))

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
                refusal = await self._database.write(lambda tx: self._again(event, letter_id, tx))
                if refusal is not None:
                    return Retried(Outcome.REFUSED, refusal)
        except TryLater:
            raise
        except Exception as error:
            reason, error_id = type(error).__name__, new_error_id()
            log.error("retry_failed", error_id=error_id, kind=letter.kind, **where_it_failed(error))
            await self._database.write(lambda tx: tx.events.failed_again(letter_id, reason, error_id))
            return Retried(Outcome.FAILED, reason, error_id)
        return Retried(Outcome.DONE)

    def _again(self, event: Event, letter_id: int, tx: Transaction) -> str | None:
        """Do an event that was given up, under its own source, and drop the letter: both or neither.

        Return the template of the answer if it was refused.
        """
        if not tx.events.drop([letter_id]):
            return None
        if not isinstance(event, Command | ButtonPressed):
            self._note(event, tx)
            return None
        call = resolve(event, tx, self._config, self._rules)
        replies, refusal = self._answering.fresh(event, call, tx)
        key = tx.settings.keyed(event.key)
        tx.events.change_answer(key, codec.dump([reply.kept() for reply in with_tokens(replies, call, tx)]))
        if call.member is not None:
            for number, reply in enumerate(replies):
                to = ToMember(call.member.id)
                tx.post(Post(to, reply.template, f"retry:{key}:{number}", reply.fields, reply.buttons))
        return refusal

    async def run_due(self, clock: ClockState = WELL) -> None:
        """Do the scheduled work that is due, each occurrence once, and tell the owners of trouble.

        While the clock is doubted, nothing is done by it.
        """
        await self.run_soon()
        self._alarms.clock(clock)
        try:
            if not clock.is_doubted:
                self._looked_at = await scheduler.run_due(
                    self._database, self._jobs, self._config, self._rules, self._alarms.ran, self._looked_at
                )
            await alert(self._database, self._alarms)
        except TryLater as error:
            self._alarms.away(error)
            raise

    async def run_soon(self) -> None:
        """Do what follows within seconds upon what was taken into account; costs nothing where that is nothing."""
        try:
            await self._climbing.see_to()
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
        spec, names = declared[0], tuple(spec.name for spec in self._registry.specs)
        values = await self._database.read(
            lambda tx: completion.complete(spec, param, typed, identity, names, tx, self._config)
        )
        return [(value, value) for value in values]
