"""Who climbs by chatting: looked at some seconds later and together, so that nothing is done beside a message."""

from collections.abc import Iterable

import structlog

from bot.earning.versions import RuleBook
from bot.errors import TryLater
from bot.tiers.tiers import ladder_of
from handlers.failures import where_it_failed
from handlers.tiers.holding import climb_all, reached
from handlers.tiers.levels import levels_of, risen, tell_levels
from storage.engine.database import Database
from storage.transaction import Transaction

log = structlog.get_logger("bywalec.app")


class Climbing:
    """Remembers whom chat gave status in this process, until they are seen to.

    Who is forgotten, because the process ends or something fails, climbs with the next job `climb`.
    """

    def __init__(self, database: Database, rules: RuleBook) -> None:
        self._database = database
        self._rules = rules
        self._is_wanted = bool(ladder_of(rules)) or levels_of(rules) is not None
        self._gained: set[int] = set()

    def note(self, member_ids: Iterable[int]) -> None:
        """Note members whom chat gave status."""
        if self._is_wanted:
            self._gained.update(member_ids)

    async def see_to(self) -> None:
        """Let those climb who reached a tier or a level. Nothing is written where nobody did. Raises TryLater."""
        if not self._gained:
            return
        gained, self._gained = self._gained, set()
        try:
            climbs = await self._database.read(lambda tx: self._climbs(gained, tx))
            if climbs:
                await self._database.write(lambda tx: self._climb(climbs, tx))
        except TryLater:
            self._gained |= gained
            raise
        except Exception as error:
            log.error("climbing_failed", **where_it_failed(error))

    def _climbs(self, gained: set[int], tx: Transaction) -> set[int]:
        return {*reached(gained, tx, self._rules), *risen(gained, tx, self._rules)}

    def _climb(self, climbs: set[int], tx: Transaction) -> None:
        climb_all(climbs, tx, self._rules)
        tell_levels(climbs, tx, self._rules)
