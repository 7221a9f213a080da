"""The stories in which somebody accepts, answers, comes, votes or judges.

The clocks change in the night before day 0.
"""

from collections.abc import Sequence
from typing import Any

from tests.conversations.steps import GROUP, Answer, Chat, Found, Press, React, Say, Where
from tests.conversations.stories.story import Act, Story, buy, challenge, refund

# What is bought before it begins or after it ends does not count, what is refunded in the morning after neither.
_DUEL = Story(
    "duel",
    [],
    [
        Act(-2, "12:00", Say("ania", "duel", {"member": "bartek", "what": "purchases"})),
        Act(-2, "12:10", Press("bartek", "Accept")),
        Act(-2, "13:00", Say("marta", "duel", {"member": "kasia", "what": "messages"})),
        Act(-2, "13:10", Press("kasia", "Accept")),
        Act(-2, "23:30", buy("ania", "A0")),
        Act(-1, "00:30", Chat("marta")),
        Act(-1, "00:30", buy("ania", "A1")),
        Act(0, "01:30", buy("bartek", "B1")),
        Act(0, "03:30", buy("bartek", "B2")),
        Act(1, "23:30", buy("ania", "A2")),
        Act(1, "23:40", Chat("kasia")),
        Act(2, "00:30", buy("bartek", "B3")),
        Act(2, "09:30", refund("B2")),
    ],
    told={
        "ania": [
            "Your duel with Bartek is on: who makes more purchases?",
            "Your duel with Bartek: you have 1 purchase, they have 2.",
            "Your duel with Bartek: you have 1 purchase, they have 2.",
            "You won the duel with Bartek: 2 purchases to 1. Your prize: 30 points.",
        ],
        "bartek": [
            "Your duel with Ania: you have 2 purchases, they have 1.",
            "Your duel with Ania: you have 2 purchases, they have 1.",
            "Ania won your duel: 2 purchases to 1.",
        ],
        "kasia": ["Your duel with Marta is a tie: 1 message each. Nobody gets a prize."],
        "marta": ["Your duel with Kasia is a tie: 1 message each. Nobody gets a prize."],
    },
    paid={"Ania": 30},
    settings={"duels": {"counts": ["purchases", "messages"], "days": 3, "points": 30, "status": 0}},
)


def _question(number: int) -> dict[str, Any]:
    """Return a question whose first answer is right."""
    words = (f"Question {number}?", f"Yes {number}", f"No {number}")
    text, *answers = ({"en": word, "pl": word} for word in words)
    return {"text": text, "answers": answers, "right": 1}


def _answered(day: int, time: str, who: str, *labels: str) -> list[Act]:
    return [Act(day, time, Press(who, label, Where.GROUP)) for label in labels]


# Asked at a time that clocks leave out in spring and show twice in autumn. Of two answers the first one stands.
_QUIZ = Story(
    "quiz",
    [
        {
            **{"id": "coffee", "kind": "quiz", "goal": 2, "points": 30, "daily": True, "time": "02:30"},
            **{"starts": -1, "ends": 2, "title": {"en": "Coffee quiz", "pl": "Quiz o kawie"}},
            "question": [_question(number) for number in (1, 2, 3)],
        }
    ],
    [
        *_answered(-1, "03:30", "ania", "Yes 1"),
        *_answered(-1, "03:40", "bartek", "No 1", "Yes 1"),
        *_answered(-1, "03:50", "marta", "Yes 1"),
        *_answered(0, "03:30", "ania", "No 2"),
        *_answered(0, "03:40", "bartek", "Yes 2"),
        *_answered(1, "01:30", "marta", "No 2", "Yes 2"),
        *_answered(1, "03:30", "ania", "Yes 3"),
        *_answered(1, "03:40", "bartek", "No 3", "Yes 3"),
    ],
    told={
        GROUP: [
            "Coffee quiz, question 1 of 3\nQuestion 1?",
            "The question before: Question 1?\nYes 1 was right. 2 of 3 answers were.",
            "Coffee quiz, question 2 of 3\nQuestion 2?",
            "The question before: Question 2?\nYes 2 was right. 1 of 3 answers were.",
            "Coffee quiz, question 3 of 3\nQuestion 3?",
            "Question 3? Yes 3 (1 of 2 answers).\n1 member made it: Ania. Well done!",
        ],
        "ania": ["You did it: Coffee quiz. Your reward: 30 points."],
    },
    paid={"Ania": 30},
)


def _in_private(day: int, time: str, who: str, *labels: str) -> list[Act]:
    return [Act(day, time, Press(who, label)) for label in labels]


# Whoever answers the question in the group gets the others in private, each once. Marta comes back to hers later.
_QUIZ_AT_ONCE = Story(
    "quiz at once",
    [
        {
            **{"id": "tea", "kind": "quiz", "goal": 2, "points": 30, "starts": -1, "ends": 1},
            **{"title": {"en": "Tea quiz", "pl": "Quiz o herbacie"}},
            "question": [_question(number) for number in (1, 2, 3)],
        }
    ],
    [
        *_answered(-1, "08:30", "ania", "Yes 1"),
        *_in_private(-1, "08:30", "ania", "Yes 2", "No 3"),
        *_answered(-1, "08:40", "bartek", "No 1", "Yes 1"),
        *_in_private(-1, "08:40", "bartek", "Yes 2", "No 3"),
        *_answered(-1, "08:50", "marta", "Yes 1"),
        Act(0, "03:30", Say("marta", "challenges")),
        *_in_private(0, "03:30", "marta", "Answer: Tea quiz", "No 2", "Yes 3"),
    ],
    told={
        GROUP: [
            "Tea quiz, question 1 of 3\nQuestion 1?",
            "Almost over: Tea quiz\nQuestion 1?\n3 answers so far.",
            "Quiz over: Tea quiz\nQuestion 1? Yes 1 (2 of 3 answers).\nQuestion 2? Yes 2 (2 of 3 answers).",
            "Question 3? Yes 3 (1 of 3 answers).\n2 members made it: Ania, Marta. Well done!",
        ],
        **{name: ["You did it: Tea quiz. Your reward: 30 points."] for name in ("ania", "marta")},
    },
    paid={"Ania": 30, "Marta": 30},
)


def _event(day: int, time: str, name: str, lasts: str, often: str) -> list[Act]:
    begun = [Act(day, time, Say("olek", "event", {"action": "new"})), Act(day, time, Answer("olek", name))]
    return begun + [Act(day, time, Press("olek", label)) for label in ("Now", lasts, often)]


def _come(day: int, time: str, event: str, *names: str) -> list[Act]:
    code = Found("olek", rf"{event}\nCode: ([A-Z0-9]{{4}}-[A-Z0-9]{{4}}-[A-Z0-9]{{4}})")
    return [Act(day, time, Say(name, "checkin", {"code": code})) for name in names]


# The meeting counts once a day, and is over eight hours after it began, however late it is by then.
_CHECK_IN = Story(
    "check-in",
    [challenge("Come", counts="check_ins", goal=3)],
    [
        *_event(-5, "18:00", "Repair café", "2 hours", "Once"),
        *_come(-5, "19:30", "Repair café", "ania", "bartek", "bartek"),
        *_come(-5, "20:30", "Repair café", "marta"),
        *_event(-1, "20:00", "Board games", "8 hours", "Once a day"),
        *_come(-1, "23:30", "Board games", "ania", "bartek", "marta", "bartek"),
        *_come(0, "00:30", "Board games", "marta"),
        *_come(0, "01:30", "Board games", "ania", "ania"),
        *_come(0, "05:30", "Board games", "bartek"),
    ],
    told={
        GROUP: ["New challenge: Come", "Challenge over: Come\n1 member made it: Ania."],
        "ania": ["Come: you have 1 of 3 check-ins at events", "Goal reached: Come!", "You did it: Come."],
        "bartek": ["Come: you have 1 of 3 check-ins at events", "Come: you have 2 of 3 check-ins at events"],
        "marta": ["Come: you have 2 of 3 check-ins at events"],
    },
    paid={"Ania": 30},
)

# One of them is there in each club. Discord gives its server an id of its own.
_SPACES: Sequence[str] = ("console:klub", "telegram:-1001234567890", "discord:700000000000000001")
_ONE_VOTE: dict[str, Any] = {"counts": "votes", "reward": "best", "best": 1, "votes": 1}
_CONTEST = Story(
    "contest",
    [challenge("Stories", id=f"stories-{number}", space=space, **_ONE_VOTE) for number, space in enumerate(_SPACES)],
    [
        Act(0, "00:10", Chat("ania")),
        Act(0, "00:20", React("bartek")),
        Act(0, "00:30", Chat("bartek")),
        Act(0, "01:30", React("ania")),
        Act(0, "01:40", React("marta")),
        Act(0, "03:30", React("kasia")),
        Act(0, "03:40", React("ania", is_added=False)),
        Act(0, "03:50", React("marta", is_added=False)),
        Act(0, "05:30", React("ania")),
    ],
    told={
        GROUP: [
            "Contest: Stories",
            "Almost over: Stories\n2 entries so far.",
            "The contest is over: Stories\nBartek: 2 votes\nWell done!",
        ],
        "bartek": ["You did it: Stories."],
    },
    paid={"Bartek": 30},
)
# What is no photo takes no part. Kasia, who leads, is taken out: then what her voters liked next has their votes.
_PHOTOS = Story(
    "photos",
    [
        challenge("Best cup", id=f"cups-{number}", photos=True, space=space, **_ONE_VOTE)
        for number, space in enumerate(_SPACES)
    ],
    [
        Act(-1, "23:30", Chat("ania")),
        Act(-1, "23:35", React("bartek")),
        Act(-1, "23:40", Chat("kasia", has_photo=True)),
        Act(-1, "23:50", React("marta")),
        Act(0, "00:10", React("bartek")),
        Act(0, "00:20", React("olek")),
        Act(0, "00:30", Chat("ania", has_photo=True)),
        Act(0, "00:40", React("kasia")),
        Act(0, "01:30", React("marta")),
        Act(0, "03:30", Chat("bartek", has_photo=True)),
        Act(0, "03:40", React("ania")),
        Act(0, "12:00", Say("olek", "challenge", {"action": "disqualify"})),
        Act(0, "12:00", Press("olek", "✗ 1")),
    ],
    told={
        GROUP: [
            "Contest: Best cup\nPost a photo here; your first one takes part.",
            "The contest is over: Best cup\nAnia: 2 votes\nWell done!",
        ],
        "ania": ["You did it: Best cup."],
        "kasia": ["A moderator took your entry out of Best cup."],
    },
    paid={"Ania": 30},
)


def _decide(day: int, time: str, *labels: str) -> list[Act]:
    return [Act(day, time, Say("olek", "handins")), *(Act(day, time, Press("olek", label)) for label in labels)]


_ASKED: dict[str, Any] = {"counts": "hand_ins", "hands_in": "photo", "review": True}
# What is not accepted may be tried again, and what waits at the end is paid once it is accepted.
_HAND_INS = Story(
    "hand-ins",
    [challenge("Best shelf", id=f"shelf-{number}", space=space, **_ASKED) for number, space in enumerate(_SPACES)],
    [
        Act(-1, "23:20", Chat("ania")),
        Act(-1, "23:30", Chat("ania", has_photo=True)),
        *_decide(-1, "23:40", "✗ 1", "Not clear enough"),
        Act(0, "01:30", Chat("bartek", has_photo=True)),
        *_decide(0, "01:40", "✓ 1"),
        Act(0, "03:30", Chat("ania", has_photo=True)),
        *_decide(1, "11:00", "✓ 1"),
    ],
    told={
        GROUP: ["New challenge: Best shelf", "Challenge over: Best shelf\n1 member made it: Bartek."],
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
    paid={"Ania": 30, "Bartek": 30},
)


def _send(day: int, time: str, who: str, text: str) -> list[Act]:
    return [Act(day, time, Say(who, "handin")), Act(day, time, Answer(who, text))]


# Of days one counts a day, of a text that is too short nothing.
_SENT = Story(
    "sent to the bot",
    [challenge("A haiku", counts="hand_ins", kind="days", hands_in="text", least=10, goal=2)],
    [
        *_send(-1, "23:30", "ania", "An old silent pond"),
        *_send(0, "00:30", "bartek", "Plop"),
        Act(0, "00:40", Answer("bartek", "A frog jumps in")),
        *_send(0, "01:30", "bartek", "Splash, and silence again"),
        *_send(0, "03:30", "ania", "A frog jumps into the pond"),
    ],
    told={
        GROUP: ["New challenge: A haiku", "Challenge over: A haiku\n1 member made it: Ania."],
        "ania": ["Goal reached: A haiku!", "You did it: A haiku."],
        "bartek": ["A haiku: you have 1 of 2 days with something handed in."],
    },
    paid={"Ania": 30},
)
ANSWERED = (_DUEL, _QUIZ, _CHECK_IN, _CONTEST, _PHOTOS, _HAND_INS, _SENT, _QUIZ_AT_ONCE)
