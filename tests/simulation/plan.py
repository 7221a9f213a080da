"""What a run of the simulation is like: the club's settings, the plan, what is counted."""

from dataclasses import dataclass
from datetime import UTC, datetime

from bot.config import Config
from tests.simulation.faults import Rates

BEGIN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OWNER = "telegram:9"
SETTINGS = Config.model_validate(
    {
        "programme": {"owner_ids": [OWNER], "timezone": "Europe/Warsaw", "points_expire_after_months": 2},
        "earning": {
            "message": {"points": 1, "daily_cap": 12, "cooldown_s": 60},
            "reaction": {"points": 1, "daily_pair_cap": 2},
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
    }
)  # fmt: skip


USUAL = Rates(dies=0.0015, away=0.002, defect=0.001)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run is like. Between two bursts of events lie `pause_s` seconds in the mean."""

    seed: int
    steps: int
    members: int = 100
    pause_s: float = 3000.0
    rates: Rates = USUAL


@dataclass(slots=True)
class Counted:
    """What happened in a run."""

    steps: int = 0
    events: int = 0
    deaths: int = 0
    recounts: int = 0
