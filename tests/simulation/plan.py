"""What a run of the simulation is like: the club's settings, the plan, what is counted."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from bot.config.config import Config
from tests.simulation.faults import Rates

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OWNER = "telegram:9"
SETTINGS = Config.model_validate(
    {
        "programme": {"owner_ids": [OWNER], "timezone": "Europe/Warsaw", "points_expire_after_months": 2},
        "earning": {
            "message": {"points": 1, "daily_cap": 12, "cooldown_s": 60},
            "reaction": {
                "points": 1, "daily_pair_cap": 2, "daily_cap": 4, "given_status": 2, "given_daily_cap": 3,
            },
            "purchase": {"daily_cap_count": 3, "daily_cap_amount": "150.00", "minimum_amount": "1.00"},
        },
        "challenge": [
            {"id": "talk", "counts": "message_days", "goal": 3, "points": 7, "status": 3, "repeat": "weekly",
             "title": {"en": "Talk", "pl": "Mów"}},
            {"id": "shop", "counts": "purchases", "goal": 3, "points": 11, "repeat": "monthly",
             "title": {"en": "Shop", "pl": "Kup"}},
            {"id": "liked", "counts": "reactions_received", "goal": 5, "status": 9, "repeat": "weekly",
             "title": {"en": "Liked", "pl": "Lubiani"}},
        ],
        "reward": [
            {"id": "tea", "cost": 5, "valid_days": 3, "on_expiry": "forfeit", "limit_count": 1,
             "limit_period": "week", "name": {"en": "Tea", "pl": "Herbata"}},
            {"id": "mug", "cost": 20, "stock": 6, "valid_days": 6, "name": {"en": "Mug", "pl": "Kubek"}},
            # Some of the points behind it expire while it can still be used.
            {"id": "lamp", "cost": 60, "stock": 4, "valid_days": 45, "name": {"en": "Lamp", "pl": "Lampa"}},
            {"id": "trip", "cost": 200, "valid_days": 0, "limit_count": 1, "limit_period": "month",
             "name": {"en": "Trip", "pl": "Wycieczka"}},
        ],
        "tier": [
            {"id": name, "threshold": threshold, "name": {"en": name, "pl": name}}
            for name, threshold in (("silver", 60), ("gold", 300), ("platinum", 900))
        ],
    }
)  # fmt: skip


USUAL = Rates(dies=0.0015, away=0.002, defect=0.001)
# What a long run adds is the calendar and the length of the ledger: there a process dies about every two weeks.
LONG_RUN = Rates(dies=0.0008, away=0.002, defect=0.001)
_DAY_S = 86_400
_BURSTS_A_DAY = 12


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is like. Between two bursts of at most `burst` events lie `pause_s` seconds in the mean.

    After a burst, posts are sent with the likelihood `sends`.
    """

    seed: int
    steps: int
    members: int = 100
    pause_s: float = 3000.0
    burst: int = 19
    sends: float = 0.2
    rates: Rates = USUAL
    days: int | None = None

    @classmethod
    def of_days(cls, seed: int, days: int, members: int) -> "Plan":
        """Return a long run: as many events a day as usual, in a longer burst every two hours."""
        pause_s = _DAY_S / _BURSTS_A_DAY
        return cls(seed, days * _BURSTS_A_DAY, members, pause_s, burst=47, sends=0.5, rates=LONG_RUN, days=days)

    @property
    def again(self) -> str:
        """The command that replays it."""
        length = f"STEPS={self.steps} PAUSE={self.pause_s:g}" if self.days is None else f"DAYS={self.days}"
        return f"make simulate SEED={self.seed} PEOPLE={self.members} {length}"


@dataclass(slots=True)
class Counted:
    """What happened in a run. `happened` counts the acts and the faults, each by its kind; `deadly_steps` are those in
    which the process died, be it twice.
    """

    steps: int = 0
    events: int = 0
    deaths: int = 0
    deadly_steps: int = 0
    recounts: int = 0
    happened: Counter[str] = field(default_factory=Counter)
