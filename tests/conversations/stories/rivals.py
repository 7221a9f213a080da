"""The stories in which it matters what others do: common goals, the best, the first.

The clocks change in the night before day 0.
"""

from tests.conversations.steps import GROUP
from tests.conversations.stories.story import Act, Story, buy, challenge, refund

_TOGETHER = Story(
    "together",
    [challenge("All of us", counts="purchases", goal=3, together=True)],
    [
        Act(-5, "12:00", buy("ania", "A1")),
        Act(-1, "23:50", buy("bartek", "B1")),
        Act(0, "01:30", refund("B1")),
        Act(0, "03:30", buy("bartek", "B2")),
        Act(0, "12:00", buy("marta", "M1")),
    ],
    told={
        GROUP: [
            "Almost over: All of us\n▰▰▰▰▰▰▱▱▱▱ 2/3 purchases\nIf we make it by",
            "Done! 3 members took part.",
        ],
        **{name: ["You did it: All of us."] for name in ("ania", "bartek", "marta")},
    },
    paid={"Ania": 30, "Bartek": 30, "Marta": 30},
)
# The trees get what was promised, once and from nobody's wallet. A refund leaves the bees with nothing.
_CAUSE = Story(
    "cause",
    [
        challenge(title, id=cause, counts="purchases", goal=goal, together=True, points=0, cause=cause, donation=500)
        for title, cause, goal in (("Plant", "trees", 3), ("Hives", "bees", 4))
    ],
    [
        Act(-5, "12:00", buy("ania", "A1")),
        Act(-1, "23:50", buy("bartek", "B1")),
        Act(0, "00:30", buy("bartek", "B2")),
        Act(0, "01:30", refund("B1")),
        Act(0, "03:30", buy("marta", "M1")),
        Act(1, "09:30", buy("marta", "M2")),
    ],
    told={
        GROUP: [
            "Done! 3 members took part. 500 points will go to Trees",
            "Common goal reached: Plant\n3 members took part, so 500 points went to Trees.",
            "Not reached this time: 3/4 purchases\n3 members took part.",
        ],
    },
    paid={"cause:trees": 500},
    settings={
        "reward": [
            {"id": cause, "kind": "donation", "cost": 10, "name": {"en": name, "pl": name}}
            for cause, name in (("trees", "Trees"), ("bees", "Bees"))
        ]
    },
)
_BEST = Story(
    "best",
    [challenge("Most coffees", counts="purchases", reward="best", best=2)],
    [
        *(Act(-1, f"23:5{number}", buy("ania", f"A{number}")) for number in range(3)),
        *(Act(0, f"03:3{number}", buy("bartek", f"B{number}")) for number in range(2)),
        *(Act(0, f"23:5{number}", buy("marta", f"M{number}")) for number in range(2)),
        Act(0, "23:58", buy("kasia", "K1")),
    ],
    told={
        GROUP: [
            "New challenge: Most coffees",
            "Challenge over: Most coffees\nThe reward goes to 3 members: Ania, Bartek, Marta.",
        ],
        "ania": [
            "Most coffees: you have 3. A reward takes at least 1 purchase and a place among the best 2.",
            "You did it: Most coffees.",
        ],
        "bartek": [
            "Most coffees: you have 2. A reward takes at least 1 purchase and a place among the best 2.",
            "You did it: Most coffees.",
        ],
        "marta": ["You did it: Most coffees."],
    },
    paid={"Ania": 30, "Bartek": 30, "Marta": 30},
)
# Bartek was the first, until he brought something back; Kasia is the third.
_FIRST = Story(
    "first",
    [challenge("Early birds", counts="purchases", goal=2, reward="first", best=2)],
    [
        Act(-2, "12:00", buy("bartek", "B1")),
        Act(-1, "23:50", buy("ania", "A1")),
        Act(-1, "23:55", buy("bartek", "B2")),
        Act(0, "00:10", buy("marta", "M1")),
        Act(0, "00:20", buy("kasia", "K1")),
        Act(0, "00:30", buy("ania", "A2")),
        Act(0, "01:30", refund("B2")),
        Act(0, "03:30", buy("marta", "M2")),
        Act(0, "03:35", buy("kasia", "K2")),
        Act(0, "03:40", buy("bartek", "B3")),
    ],
    told={
        GROUP: [
            "New challenge: Early birds",
            "Challenge over: Early birds\nThe reward goes to 2 members: Ania, Marta.",
        ],
        "bartek": ["Goal reached: Early birds! If you are one of the first 2, your reward"],
        "kasia": ["Goal reached: Early birds! If you are one of the first 2, your reward"],
        **{
            name: [
                "Goal reached: Early birds! If you are one of the first 2, your reward",
                "You did it: Early birds.",
            ]
            for name in ("ania", "marta")
        },
    },
    paid={"Ania": 30, "Marta": 30},
)
RIVALS = (_TOGETHER, _CAUSE, _BEST, _FIRST)
