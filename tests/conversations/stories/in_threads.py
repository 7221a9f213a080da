"""The stories of what a moderator makes by buttons in a topic or thread of the group, and what takes place there.

The clocks change in the night before day 0.
"""

from tests.conversations.steps import THREAD, Answer, Chat, OpenThread, Press, React, Say, Where
from tests.conversations.stories.story import Act, Story

_HERE = Where.THREAD


def _made(day: int, time: str, *answers: str | tuple[str, str]) -> list[Act]:
    """Answer the questions for a new challenge in a thread, some of them typed after a button, and publish it."""
    asked = [
        Press("olek", one, _HERE) if isinstance(one, str) else Answer("olek", one[1], one[0], _HERE) for one in answers
    ]
    asking = OpenThread("Photos"), Say("olek", "challenge", {"action": "new"}, _HERE)
    return [Act(day, time, action) for action in (*asking, *asked, Press("olek", "Publish", _HERE))]


def _named(english: str, polish: str) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("Type it", english), ("Type it", polish)


# Kasia, who leads, is taken out: then what her voters liked next has their votes.
_CONTEST = Story(
    "contest in a thread",
    [],
    [
        *_made(-1, "12:00", "Photo contest", ("Another number", "2"), "25", "1", *_named("Best cup", "Kubek")),
        Act(-1, "23:30", Chat("ania", where=_HERE)),
        Act(-1, "23:35", React("bartek")),
        Act(-1, "23:40", Chat("kasia", has_photo=True, where=_HERE)),
        Act(-1, "23:50", React("marta")),
        Act(0, "00:10", React("bartek")),
        Act(0, "00:30", Chat("ania", has_photo=True, where=_HERE)),
        Act(0, "00:40", React("kasia")),
        Act(0, "01:30", React("marta")),
        Act(0, "03:30", Chat("bartek", has_photo=True, where=_HERE)),
        Act(0, "03:40", React("ania")),
        Act(0, "12:00", Say("olek", "challenge", {"action": "disqualify"}, _HERE)),
        Act(0, "12:00", Press("olek", "✗ 1")),
    ],
    told={
        THREAD: [
            "Contest: Best cup\nPost a photo here; your first one takes part.",
            "The contest is over: Best cup\nAnia: 2 votes\nWell done!",
        ],
        "ania": ["You did it: Best cup."],
        "kasia": ["A moderator took your entry out of Best cup."],
    },
    paid={"Ania": 25},
)
# What is not accepted may be tried again, and what waits at the end is paid once it is accepted.
_HAND_INS = Story(
    "hand-ins in a thread",
    [],
    [
        *_made(
            *(-1, "12:00", "Photos you accept", ("Another number", "1"), ("Another number", "2"), "25"),
            *("Everyone who reaches it", *_named("Best shelf", "Półka")),
        ),
        Act(-1, "23:20", Chat("ania", where=_HERE)),
        Act(-1, "23:30", Chat("ania", has_photo=True, where=_HERE)),
        Act(0, "01:30", Chat("bartek", has_photo=True, where=_HERE)),
        Act(0, "01:40", Say("olek", "handins")),
        Act(0, "01:40", Press("olek", "✗ 1")),
        Act(0, "01:40", Press("olek", "Not clear enough")),
        Act(0, "01:50", Say("olek", "handins")),
        Act(0, "01:50", Press("olek", "✓ 1")),
        Act(0, "03:30", Chat("ania", has_photo=True, where=_HERE)),
        Act(1, "15:00", Say("olek", "handins")),
        Act(1, "15:00", Press("olek", "✓ 1")),
    ],
    told={
        THREAD: ["New challenge: Best shelf", "Challenge over: Best shelf\n1 member made it: Bartek."],
        "ania": [
            "What you posted for Best shelf waits for a moderator.",
            "A moderator did not accept what you posted for Best shelf: it is not clear enough to tell.",
            "What you posted for Best shelf waits for a moderator.",
            "Best shelf is over, and a moderator has yet to look at what you posted.",
            "A moderator accepted what you posted for Best shelf.",
            "You did it: Best shelf.",
        ],
        "bartek": [
            "What you posted for Best shelf waits for a moderator.",
            "A moderator accepted what you posted for Best shelf.",
            "Goal reached: Best shelf!",
            "You did it: Best shelf.",
        ],
    },
    paid={"Ania": 25, "Bartek": 25},
)
IN_THREADS = (_CONTEST, _HAND_INS)
