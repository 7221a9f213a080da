"""The error boundary: what fails unexpectedly is tried again, then parked, and its person gets a neutral answer."""

from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from bot import codec
from bot.config.config import Config
from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.events import Event
from bot.ledger.ledger import SourceReused
from bot.replies import Reply, Visibility
from handlers.answering import Said, input_of
from handlers.failures import new_error_id, where_it_failed
from handlers.operating import letters
from handlers.operating.alerts import Alarms
from handlers.registry import Registry
from handlers.resolve import resolve
from storage.engine.database import Database
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.app")
_MOST_TRIES = 3


class Boundary:
    """Runs work for an event, and keeps what goes wrong with it from stopping anything else."""

    def __init__(self, database: Database, registry: Registry, config: Config, rules: RuleBook, alarms: Alarms) -> None:
        self._database = database
        self._registry = registry
        self._config = config
        self._rules = rules
        self._alarms = alarms

    async def guarded(self, event: Event, work: Callable[[], Any]) -> Any:
        """Run `work`, again after an unexpected error, at most three times in all; then park the event.

        What bears the id of another event is parked at once.
        """
        while True:
            try:
                return await work()
            except TryLater as error:
                self._alarms.away(error)
                raise
            except Exception as error:
                error_id = new_error_id()
                # What bears the id of something else says so again, however often it is tried.
                is_hopeless = isinstance(error, SourceReused)
                what = "source_reused" if is_hopeless else "unexpected"
                log.error(what, error_id=error_id, kind=type(event).__name__, **where_it_failed(error))
                answer = await self._neutral(event, error_id)
                if await self._database.write(partial(self._gave_up, event, error, error_id, answer, is_hopeless)):
                    return answer

    def _gave_up(
        self, event: Event, error: Exception, error_id: str, answer: list[Reply], is_hopeless: bool, tx: Transaction
    ) -> bool:
        """Count a failed try; after the last one park the event, which stays failed if it comes again."""
        key = tx.settings.keyed(event.key)
        if not is_hopeless and tx.events.count_try(key) < _MOST_TRIES:
            return False
        is_answered = tx.events.answer_to(key) is not None
        again = None if is_answered else self._kept(event, tx)
        about = letters.described(event, self._registry)
        tx.events.park(key, type(event).__name__, type(error).__name__, about, error_id, event=again)
        if isinstance(event, Said) and not is_answered:
            tx.events.remember(key, tx.settings.keyed(input_of(event)), codec.dump(answer))
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
        if not isinstance(event, Said):
            return []
        language: str = self._config.programme.default_language
        if event.person.language and event.person.language[:2] in self._config.programme.languages:
            language = event.person.language[:2]
        try:
            language = await self._database.read(lambda tx: resolve(event, tx, self._config, self._rules).language)
        except Exception as error:
            log.warning("language_unknown", error=type(error).__name__)
        return [Reply("unexpected", {"error_id": error_id}, visibility=Visibility.PRIVATE, language=language)]
