"""The stories, one for each kind of challenge: here those in which people do as ever.

The clocks change in the night before day 0, a Sunday.
"""

from tests.conversations.steps import GROUP, Chat, Press, Say
from tests.conversations.stories.answering import ANSWERED
from tests.conversations.stories.in_threads import IN_THREADS
from tests.conversations.stories.rivals import RIVALS
from tests.conversations.stories.story import Act, Story, buy, challenge, refund

_COUNT = Story(
    "count",
    [challenge("Coffees", counts="purchases", goal=2)],
    [
        Act(-6, "12:00", buy("ania", "A1")),
        Act(-6, "12:10", buy("bartek", "B1")),
        Act(-1, "23:50", buy("ania", "A2")),
        Act(-1, "23:55", buy("bartek", "B2")),
        Act(0, "01:30", refund("B2")),
        Act(0, "22:00", buy("marta", "M1")),
    ],
    told={
        GROUP: ["New challenge: Coffees", "Challenge over: Coffees\n1 member made it: Ania."],
        "ania": ["Coffees: you have 1 of 2 purchases", "Goal reached: Coffees!", "You did it: Coffees."],
        "bartek": ["Coffees: you have 1 of 2 purchases"] * 2 + ["Goal reached: Coffees!"],
    },
    paid={"Ania": 30},
)
_SUM = Story(
    "sum",
    [challenge("Spend", kind="sum", counts="purchases", goal=50)],
    [
        Act(-4, "12:00", buy("marta", "M1", "30")),
        Act(-4, "12:10", buy("kasia", "K1", "49.99")),
        Act(0, "03:30", buy("marta", "M2", "20.50")),
    ],
    told={
        GROUP: ["New challenge: Spend", "Challenge over: Spend\n1 member made it: Marta."],
        "marta": ["Spend: you have PLN 30.00 of", "Goal reached: Spend!", "You did it: Spend."],
        "kasia": ["Spend: you have PLN 49.99 of"] * 2,
    },
    paid={"Marta": 30},
)
# In UTC Bartek's messages are on three days, Ania's on three as well, but not on the same.
_DAYS = Story(
    "days",
    [challenge("Three days", kind="days", counts="messages", goal=3)],
    [
        Act(-1, "00:30", Chat("bartek")),
        Act(-1, "23:30", Chat("bartek")),
        Act(-1, "23:40", Chat("ania")),
        Act(0, "00:30", Chat("ania")),
        Act(0, "23:30", Chat("ania")),
        Act(0, "23:45", Chat("bartek")),
        Act(1, "00:30", Chat("ania")),
    ],
    told={
        GROUP: ["New challenge: Three days", "Challenge over: Three days\n1 member made it: Ania."],
        "ania": [
            "Three days: you have 2 of 3 days with a message",
            "Goal reached: Three days!",
            "You did it: Three days.",
        ],
        "bartek": ["Three days: you have 1 of 3 days with a message"],
    },
    paid={"Ania": 30},
)
# Bartek misses the Saturday, which is forgiven, and is warned on the Sunday; Marta lets hers break the day before, and
# on the last two days hears no more of what takes six.
_STREAK = Story(
    "streak",
    [challenge("In a row", kind="streak", counts="messages", goal=6, ends=4)],
    [
        *(Act(day, "23:30", Chat("bartek")) for day in (-4, -3, -2)),
        *(Act(day, "23:20", Chat("marta")) for day in (-4, -3)),
        *(Act(day, "00:10", Chat("ania")) for day in (-2, -1, 0, 1)),
        *(Act(day, "23:30", Chat("bartek")) for day in (0, 1, 2)),
        Act(3, "23:30", Chat("ania")),
    ],
    told={
        GROUP: ["New challenge: In a row", "Challenge over: In a row\n1 member made it: Bartek."],
        "ania": [
            "In a row: you have 2 of 6 days in a row",
            "In a row: you have 4 of 6 days in a row",
            "In a row: your streak of 4 days ends tonight",
        ],
        "bartek": [
            "In a row: you have 3 of 6 days in a row",
            "In a row: your streak of 3 days ends tonight",
            "Goal reached: In a row!",
            "You did it: In a row.",
        ],
        "marta": [
            "In a row: you have 2 of 6 days in a row",
            "In a row: your streak of 2 days ends tonight",
        ],
    },
    paid={"Bartek": 30},
    ends=4,
)
# The Sunday of the change ends a week: who is not done with it is warned that evening. Bartek is too late by minutes
# and, with two weeks left of three, hears no more of it, Kasia lets hers break the week after. Marta moves on the last
# evening, and her Sunday goes on in New York.
_WEEKS = Story(
    "weeks",
    [challenge("Every week", kind="streak", every="week", counts="messages", goal=3, starts=-13, ends=8)],
    [
        Act(-7, "12:00", Chat("kasia")),
        Act(-7, "12:10", Chat("marta")),
        Act(-7, "23:30", Chat("ania")),
        Act(-7, "23:40", Chat("bartek")),
        Act(-6, "00:30", Chat("kasia")),
        Act(0, "23:30", Chat("ania")),
        Act(0, "23:50", Chat("marta")),
        Act(1, "00:10", Chat("ania")),
        Act(1, "00:20", Chat("bartek")),
        Act(7, "20:30", Say("marta", "timezone", {"zone": "New York"})),
        Act(7, "23:30", Chat("bartek")),
        Act(8, "04:30", Chat("marta")),
    ],
    told={
        GROUP: ["New challenge: Every week", "Challenge over: Every week\n2 members made it: Ania, Marta."],
        "ania": [
            "Every week: you have 1 of 3 weeks in a row",
            "Every week: your streak of 1 week ends tonight",
            "Goal reached: Every week!",
            "You did it: Every week.",
        ],
        "bartek": [
            "Every week: you have 1 of 3 weeks in a row",
            "Every week: your streak of 1 week ends tonight",
        ],
        "marta": [
            "Every week: you have 1 of 3 weeks in a row",
            "Every week: your streak of 1 week ends tonight",
            "Every week: you have 2 of 3 weeks in a row",
            "Every week: your streak of 2 weeks ends tonight",
            "Goal reached: Every week!",
            "You did it: Every week.",
        ],
        "kasia": [
            *["Every week: you have 2 of 3 weeks in a row"] * 2,
            "Every week: your streak of 2 weeks ends tonight",
        ],
    },
    paid={"Ania": 30, "Marta": 30},
    ends=8,
)
_CHAIN = Story(
    "chain",
    [
        challenge("First", counts="messages"),
        challenge("Second", counts="purchases", after="first"),
        challenge("Secret", counts="purchases", goal=2, hidden=True),
    ],
    [
        Act(-3, "12:00", buy("bartek", "B1")),
        Act(0, "01:30", Chat("ania")),
        Act(0, "03:30", Chat("bartek")),
        Act(0, "12:00", buy("ania", "A1")),
        Act(0, "23:30", buy("ania", "A2")),
    ],
    told={
        GROUP: [
            "New challenge: First",
            "Challenge over: First\n2 members made it: Ania, Bartek.",
            "Challenge over: Second\n1 member made it: Ania.",
            "Challenge over: Secret\n1 member made it: Ania.",
        ],
        "ania": [
            *("Goal reached: First!", "A new challenge for you: Second", "Goal reached: Second!"),
            *("Goal reached: Secret!", "You did it: First.", "You did it: Second.", "You did it: Secret."),
        ],
        "bartek": ["Goal reached: First!", "A new challenge for you: Second", "You did it: First."],
    },
    paid={"Ania": 90, "Bartek": 30},
)
# It begins at a time that clocks leave out in spring and show twice in autumn.
_JOINED = Story(
    "joined",
    [challenge("Volunteers", counts="purchases", joining=True, starts=0, ends=2, time="02:30")],
    [
        Act(0, "09:00", buy("ania", "A1")),
        *(
            act
            for name in ("ania", "marta")
            for act in (
                Act(0, "12:00", Say(name, "challenges")),
                Act(0, "12:00", Press(name, "Join: Volunteers")),
            )
        ),
        Act(0, "23:30", buy("bartek", "B1")),
        Act(1, "12:00", buy("ania", "A2")),
    ],
    told={
        GROUP: ["New challenge: Volunteers", "Challenge over: Volunteers\n1 member made it: Ania."],
        "ania": ["Volunteers: you have 0 of 1 purchase", "Goal reached: Volunteers!", "You did it: Volunteers."],
        "marta": ["Volunteers: you have 0 of 1 purchase"],
    },
    paid={"Ania": 30},
)
_WEEKLY = Story(
    "weekly",
    [challenge("Say hello", counts="message_days", repeat="weekly")],
    [
        Act(0, "23:30", Chat("ania")),
        Act(0, "23:40", Chat("bartek")),
        Act(1, "09:10", Chat("ania")),
    ],
    told={
        GROUP: [
            *["New challenge: Say hello"] * 3,
            "Challenge over: Say hello\n2 members made it: Ania, Bartek.",
            "Challenge over: Say hello\n1 member made it: Ania.",
        ],
        "ania": ["Goal reached: Say hello!", "You did it: Say hello."] * 2,
        "bartek": ["Goal reached: Say hello!", "You did it: Say hello."],
    },
    paid={"Ania": 60, "Bartek": 30},
    ends=8,
)
# A round is a day long, or an hour less or more as the clocks change; nobody touches that of day 1.
_DAILY = Story(
    "daily",
    [challenge("Coffee of the day", counts="purchases", repeat="daily", starts=-1)],
    [
        Act(-1, "23:50", buy("ania", "A1")),
        Act(0, "07:30", buy("ania", "A2")),
        Act(0, "12:00", buy("ania", "A3")),
        Act(1, "07:30", buy("bartek", "B1")),
    ],
    told={
        GROUP: [
            *["New challenge: Coffee of the day"] * 4,
            "Challenge over: Coffee of the day\n1 member made it: Ania.",
            "Challenge over: Coffee of the day\n2 members made it: Ania, Bartek.",
        ],
        "ania": ["Goal reached: Coffee of the day!", "You did it: Coffee of the day."] * 2,
        "bartek": ["Goal reached: Coffee of the day!", "You did it: Coffee of the day."],
    },
    paid={"Ania": 60, "Bartek": 30},
)
# Bartek brings back what he bought. Nobody touches the other one, of which nothing is said in the end.
_MISSED = Story(
    "missed",
    [challenge("Too many", counts="purchases", goal=5), challenge("Too quiet", counts="messages", goal=5)],
    [
        Act(-1, "23:50", buy("ania", "A1")),
        Act(-1, "23:55", buy("bartek", "B1")),
        Act(0, "00:10", buy("marta", "M1")),
        Act(0, "01:30", refund("B1")),
    ],
    told={
        GROUP: [
            "New challenge: Too many",
            "New challenge: Too quiet",
            "Challenge over: Too many\nNobody reached the goal this time; 2 members took part.",
        ],
        "ania": ["Too many: you have 1 of 5 purchases"],
        "marta": ["Too many: you have 1 of 5 purchases"],
    },
    paid={},
)
STORIES = (
    _COUNT,
    _SUM,
    _DAYS,
    _STREAK,
    _WEEKS,
    _CHAIN,
    _JOINED,
    _DAILY,
    _WEEKLY,
    _MISSED,
    *RIVALS,
    *ANSWERED,
    *IN_THREADS,
)
