"""What the templates of tasks are rendered with."""

from datetime import UTC, datetime
from typing import Any, get_args

from bot.challenges.tasks import Reason
from bot.replies import MemberName

_TITLE = {"en": "Best shelf", "pl": "Najlepsza półka"}
_BOUNDS: tuple[tuple[str, int | None, int | None], ...] = (
    *(("photo", None, None), ("link", None, None), ("text", None, None), ("text", 1, None), ("text", 22, None)),
    *(("number", None, None), ("number", 1, 5), ("number", -5, None), ("number", None, 5)),
)
_TASKS: list[dict[str, Any]] = [
    {"hands_in": hands_in, "review": False, "least": least, "most": most} for hands_in, least, most in _BOUNDS
]
TASK: dict[str, Any] = {"counted": "hand_ins", "counts": "hand_ins"}
KINDS_OF_TASKS: list[dict[str, Any]] = [
    *(TASK | {"task": task | {"review": True}, "space": "Book club"} for task in _TASKS),
    *(TASK | {"task": task} for task in _TASKS),
    *(TASK | {"counted": "days", "task": _TASKS[0] | {"review": True}}, TASK | {"goal": 5, "task": _TASKS[1]}),
]
_TERMS = {"title": _TITLE, "goal": 2, "goal_money": None, **TASK}
_WAITS = {"name": MemberName("Ania"), "title": _TITLE, "at": datetime(2026, 3, 16, 7, 0, tzinfo=UTC), "link": None}
TASK_CASES: dict[str, list[dict[str, Any]]] = {
    "handin_accepted": [{"title": _TITLE}],
    "handin_counted": [{"terms": _TERMS | {"task": _TASKS[0]}, "amount": 1}],
    "handin_decided": [{}],
    "handin_done": [{"title": _TITLE}],
    "handin_nothing": [{}],
    "handin_own": [{}],
    "handin_refused": [{"title": _TITLE, "why": why} for why in get_args(Reason)],
    "handin_thing": [{"task": task} for task in _TASKS],
    "handin_waits": [{"title": _TITLE}],
    "handin_waits_on": [{"terms": _TERMS | {"task": _TASKS[0]}}],
    "handin_what": [{"terms": _TERMS | {"task": task}} for task in _TASKS],
    "handin_which": [{}],
    "handin_why": [{}],
    "handin_wrong": [
        {"task": _TASKS[place], "why": why, "length": 5} for place, why in ((4, "short"), (1, "link"), (6, "number"))
    ],
    "handins": [
        {"hand_ins": [], "has_more": False},
        {
            "hand_ins": [
                *(_WAITS | {"task": task} for task in _TASKS),
                _WAITS | {"task": _TASKS[0], "link": "https://t.me/c/1/5"},
            ],
            "has_more": True,
        },
    ],
}
