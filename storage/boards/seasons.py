"""The seasons there are and were, with their terms and how far each is: few, so they are one setting."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any

from bot.boards.seasons import Season, SeasonState
from storage.operating.settings import Settings

_KEY = "seasons"


class Seasons:
    """Reads and keeps seasons."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def all(self) -> list[Season]:
        """Return every season, those that end last first."""
        seasons = map(_season_of, json.loads(self._settings.get(_KEY) or "[]"))
        return sorted(seasons, key=lambda season: (season.ends, season.id), reverse=True)

    def get(self, season_id: str) -> Season | None:
        """Return the season with this id."""
        return next((season for season in self.all() if season.id == season_id), None)

    def save(self, season: Season) -> None:
        """Keep how far a season is."""
        self._put([*(known for known in self.all() if known.id != season.id), season])

    def take_over(self, configured: Iterable[Season], today: date) -> None:
        """Take over what the config says: one that has begun is not dropped, one that is over stays as it was."""
        known = {season.id: season for season in self.all()}
        kept = {key: season for key, season in known.items() if season.starts <= today}
        wanted = kept | {season.id: season for season in configured if not _is_over(known.get(season.id), today)}
        if wanted != known:
            self._put(wanted.values())

    def _put(self, seasons: Iterable[Season]) -> None:
        self._settings.put(_KEY, json.dumps([asdict(season) for season in seasons], default=date.isoformat))


def _is_over(season: Season | None, today: date) -> bool:
    return season is not None and (season.state is not SeasonState.OPEN or season.ends < today)


def _season_of(stored: dict[str, Any]) -> Season:
    days = {name: date.fromisoformat(stored[name]) for name in ("starts", "ends")}
    lists = {name: tuple(stored[name]) for name in ("prize_points", "prize_status")}
    last = None if stored["last"] is None else (stored["last"][0], stored["last"][1])
    return Season(**{**stored, **days, **lists, "last": last, "state": SeasonState(stored["state"])})
