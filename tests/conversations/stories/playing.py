"""Playing a story to its end, and what it came to."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from storage.verify import verify
from tests.conversations.stories.cast import Stage
from tests.conversations.stories.living import Plan, never
from tests.conversations.stories.story import Change, Story
from tests.databases import Address, rows

# What goes to a cause is kept with one of those who took part.
_PAID = """
SELECT COALESCE(account.name, identity.name) AS whom, SUM(entry.points)
FROM entry JOIN identity ON identity.holder_id = entry.holder_id LEFT JOIN account ON account.id = entry.to_account
WHERE entry.reason IN ('challenge', 'duel') AND entry.unit = 'points' GROUP BY whom
"""
_LEFT = {
    "entries": "SELECT source, leg, unit, points, holder_id, reason, occurred_at FROM entry ORDER BY source, leg",
    "posts": "SELECT post_key, state FROM outbox ORDER BY post_key",
    "rounds": "SELECT challenge, opens_at, closes_at, state, paid FROM challenge_round ORDER BY challenge, opens_at",
    # Whichever job comes to a round that is over closes it.
    "runs": "SELECT job, space_id, occurrence, state FROM job_run WHERE job <> 'close_rounds' ORDER BY 1, 2, 3",
}
_COMMAND = re.compile(":cmd:.*")
# Where the process has to begin anew what is due together is done some seconds apart.
_MINUTES_US = 10 * 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Ending:
    """What each reader was shown, what the database holds, how many steps told or paid, how often the bot died."""

    shown: dict[str, list[str]]
    left: Mapping[str, list[tuple[Any, ...]]]
    telling: int
    deaths: int

    @property
    def anywhere(self) -> Mapping[str, list[tuple[Any, ...]]]:
        """Return what is left, without what has a platform's ids in it; entries and begun rounds by ten minutes."""
        rounds = sorted((opens_at - opens_at % _MINUTES_US, *row) for _, opens_at, *row in self.left["rounds"])
        entries = sorted((*row, at - at % _MINUTES_US) for _, *row, at in self.left["entries"])
        posts = sorted((_COMMAND.sub(":cmd", key), state) for key, state in self.left["posts"])
        return {**self.left, "entries": entries, "rounds": rounds, "posts": posts}


async def play(story: Story, change: Change, stage: Stage, plan: Plan = never) -> Ending:
    """Play a story. Raises AssertionError where somebody was told or paid something else, or twice."""
    name = f"{story.name} in {change.name}"
    async with stage(change, story.config(change), plan) as cast:
        for act in sorted(story.acts, key=lambda act: (act.day, act.time)):
            await cast.move_to(change.at(act.day, act.time))
            await cast.do(act.action)
        await cast.move_to(change.at(story.ends, "12:00"))
        shown = await cast.shown()
        telling, deaths = cast.bot.steps.telling, cast.bot.deaths
    problems = story.problems(shown, dict(rows(cast.where, _PAID)))
    assert not problems, f"{name}: {problems}, all that was shown: {shown}"
    assert rows(cast.where, "SELECT kind, reason FROM dead_letter") == [], name
    assert verify(cast.where).problems == [], name
    return Ending(shown, _left(cast.where), telling, deaths)


def _left(where: Address) -> Mapping[str, list[tuple[Any, ...]]]:
    return {name: rows(where, query) for name, query in _LEFT.items()}
