"""Why: a member picks an entry of the history and reads where it came from and what became of it."""

import re

from tests.club import SPACE, Club
from tests.handlers.looking import labels
from tests.handlers.points.test_spending import capture, hold, release


async def pick(club: Club, number: int) -> str:
    """Pick an entry of ania's history, the newest is 1."""
    await club.say("ania", "/why")
    return await club.press("ania", labels(club, "ania")[number - 1])


async def test_a_purchase_says_rule_receipt_cashier_and_when_it_ripens(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R1", SPACE)
    said = await pick(club, 1)
    assert "16 March 2026, 08:00: purchase, +49 points, +49 status points" in said
    assert "Purchase R1 of 16 March 2026: PLN\xa049.90" in said
    assert "Recorded by Kasia\nIn Klub\nRule since 16 March 2026 (version " in said
    assert "): 1 point and 1 status point for each whole unit of money\n" in said
    assert "Pending until 30 March 2026, then yours to the end of 31 March 2027" in said
    await club.skip(days=15)
    ripened = await pick(club, 2)
    assert "Yours since 30 March 2026\nLeft: 49 points, until the end of 31 March 2027" in ripened
    assert "Pending until" not in ripened


async def test_a_bonus_says_who_gave_it_and_what_it_was_spent_on(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 well done")
    await hold(club, "ania", 30, "mug")
    await capture(club, "mug")
    bonus = await pick(club, 3)
    assert "bonus from Marta: well done, +50 points" in bonus
    assert re.search(r"^Rule since 16 March 2026 \(version [0-9a-f]{6}\)$", bonus, re.MULTILINE)
    assert "Left: 20 points, until the end of 31 March 2027" in bonus
    assert "reserved for A mug (30 points)" in bonus
    assert "Taken from" in await pick(club, 2)
    assert ": bonus (30 points)" in await pick(club, 1)


async def test_what_was_given_back_is_not_shown_as_spent(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await hold(club, "ania", 30, "mug")
    await release(club, "mug")
    assert "Went into" not in await pick(club, 3)
    assert "Taken back by" in await pick(club, 2)
    assert "Takes back" in await pick(club, 1)


async def test_a_debt_is_explained_from_both_sides(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 30 R1")
    await club.skip(days=15)
    await hold(club, "ania", 20, "mug")
    await club.say("kasia", "/refund R1")
    refund = await pick(club, 1)
    assert "refund, −30 points, −30 status points" in refund
    assert "Not covered, so it is owed: 20 points" in refund
    await club.say("marta", "/bonus @ania 25 x")
    bonus = await pick(club, 1)
    assert "Paid back what was owed: 20 points\nLeft: 5 points" in bonus


async def test_what_was_given_back_into_a_debt_is_explained_from_every_side(club: Club) -> None:
    await club.say("marta", "/bonus @ania 10 x")
    await club.say("kasia", "/purchase @ania 30 R1")
    await club.skip(days=15)
    await hold(club, "ania", 40, "mug")
    await club.say("kasia", "/refund R1")
    await release(club, "mug")
    # The newest are the return, the refund, what was held, what ripened, the purchase, the bonus.
    assert "given back: A mug, +40 points\nPaid back what was owed: 30 points\nTaken from" in await pick(club, 1)
    assert "Not covered, so it is owed: 30 points" in await pick(club, 2)
    assert "Paid back" not in await pick(club, 3)
    purchase, bonus = await pick(club, 5), await pick(club, 6)
    assert "Paid back what was owed: 20 points\nLeft: 10 points" in purchase
    assert "\nPaid back what was owed: 10 points" in bonus
    assert "Went into" not in purchase + bonus
    await club.say("marta", "/bonus @ania 5 y")
    assert "Paid back" not in await pick(club, 1)


async def test_a_reaction_taken_back_names_what_it_undoes(club: Club) -> None:
    message = club.message("ania")
    await club.app.take_part([message])
    await club.app.take_part([club.reaction("bartek", message, added=frozenset("👍"))])
    await club.app.take_part([club.reaction("bartek", message, removed=frozenset("👍"))])
    assert "Takes back #" in await pick(club, 1)
    assert "Taken back by #" in await pick(club, 2)


async def test_of_a_join_taken_back_while_it_was_pending_only_points_are_counted(club: Club) -> None:
    await club.app.handle(club.presence("ania", is_present=True))
    await club.skip(days=1)
    await club.app.handle(club.presence("ania", is_present=False))
    taken_back, joined = await pick(club, 1), await pick(club, 2)
    assert "taken back, −20 points, −20 status points" in taken_back
    assert "joining a group, +20 points, +20 status points" in joined
    assert [line for line in joined.splitlines() if line.startswith("Went into")] == [
        f"Went into {taken_back.split()[1]} of 17 March 2026: taken back (20 points)"
    ]


async def test_the_history_leads_to_it_and_back(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.say("ania", "/history")
    assert labels(club, "ania") == ["Where from?"]
    assert " Mon 16 Mar: bonus" in await club.press("ania", "Where from?")
    await club.press("ania", labels(club, "ania")[0])
    assert labels(club, "ania") == ["Another entry"]
    assert "Which entry?" in await club.press("ania", "Another entry")


async def test_a_line_bears_the_number_that_why_understands(club: Club) -> None:
    await club.chat("ania", "bartek")
    await club.say("marta", "/bonus @ania 50 x")
    await club.say("marta", "/bonus @ania 20 y")
    listed = (await club.say("ania", "/history")).splitlines()
    picked = (await club.say("ania", "/why")).splitlines()
    assert listed[1:] == picked[1:]
    numbers = [line.split()[0] for line in picked[1:]]
    assert labels(club, "ania") == numbers
    for number in numbers:
        explained = await club.say("ania", f"/why {number}")
        assert explained.startswith(f"Entry {number}\n")
        await club.say("ania", "/why")
        assert await club.press("ania", number) == explained


async def test_older_lines_can_be_picked_too(club: Club) -> None:
    for number in range(12):
        await club.say("marta", f"/bonus @ania {number + 1} x")
    await club.say("ania", "/why")
    newest = labels(club, "ania")
    assert newest[-1] == "Older"
    await club.press("ania", "Older")
    _, oldest, newer = labels(club, "ania")
    assert newer == "Newer"
    assert "+1 point\n" in await club.press("ania", oldest)
    assert f"{oldest} " in await club.press("ania", "Another entry")
    await club.press("ania", "Newer")
    assert labels(club, "ania") == newest


async def test_from_an_older_page_of_the_history_newer_entries_can_be_picked(club: Club) -> None:
    for number in range(12):
        await club.say("marta", f"/bonus @ania {number + 1} x")
    await club.say("ania", "/history")
    await club.press("ania", "Older")
    assert "+2 points" in await club.press("ania", "Where from?")
    assert "+12 points" in await club.press("ania", "Newer")


async def test_every_rule_is_told_with_its_numbers(club: Club) -> None:
    message = club.message("ania")
    await club.app.take_part([message])
    await club.app.take_part([club.reaction("bartek", message, added=frozenset("👍"))])
    told = [await pick(club, number) for number in (1, 2, 3)]
    assert "1 status point for a reaction of another member, at most 3 a day from the same one" in told[0]
    assert "5 status points for a message, once in 60 s and at most 40 times a day" in told[1]
    assert "20 points and 20 status points for joining a group" in told[2]


async def test_an_entry_is_asked_for_by_its_number_and_only_by_its_owner(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    number = (await pick(club, 1)).split("#")[1].split()[0]
    assert "bonus from Marta" in await club.say("ania", f"/why {number}")
    assert "bonus from Marta" in await club.say("ania", f"/why #{number}")
    assert await club.say("bartek", f"/why {number}") == (
        f"Your history has no entry #{number}. /why without a number lets you pick one."
    )
    assert "has no entry #99999999999999999" in await club.say("ania", "/why 99999999999999999")
    for given in ("x", "-1", "٣", "#"):
        assert await club.say("ania", f"/why {given}") == (
            f"{given} is not the number of an entry. Write one that /history shows, such as /why 1024,"
            " or only /why to pick one."
        )


async def test_entries_are_suggested_while_typing_but_only_ones_own(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    number = (await pick(club, 1)).split("#")[1].split()[0]
    suggested = await club.app.complete("why", "entry", "", club.person("ania").identity)
    assert (number, number) in suggested
    assert (number, number) not in await club.app.complete("why", "entry", "", club.person("bartek").identity)
    assert await club.app.complete("why", "entry", "", club.person("stranger").identity) == []


async def test_polish(club: Club) -> None:
    await club.say("marta", "/bonus @ania 50 x")
    await club.say("ania", "/language pl")
    assert " pon. 16 marca: premia (Marta): x, +50 punktów" in await club.say("ania", "/why")
    assert await club.say("ania", "/why abc") == (
        "abc to nie numer pozycji. Wpisz taki, jaki pokazuje /history, na przykład /why 1024,"
        " albo samo /why, by wybrać z listy."
    )
    said = await pick(club, 1)
    assert "premia (Marta): x, +50 punktów" in said
    assert "Zostało: 50 punktów, do końca dnia 31 marca 2027" in said
