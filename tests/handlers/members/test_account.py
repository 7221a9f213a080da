"""What members see of their own."""

from datetime import timedelta
from itertools import pairwise

from tests.club import SPACE, Club
from tests.handlers.looking import count, labels, member


async def test_a_new_members_balance(club: Club) -> None:
    assert await club.say("ania", "/balance") == "Ania\nPoints: 0 points\nStatus: 0\nPlace this week: none yet"


async def test_a_balance_shows_what_is_there_what_is_pending_and_the_place(club: Club) -> None:
    await club.chat("ania")
    await club.say("marta", "/bonus @ania 50 x")
    assert await club.say("ania", "/balance") == (
        "Ania\nPoints: 50 points\nPending: 20 points\nExpire after 31 March 2027: 50 points\n"
        "Status: 5 (+20 pending)\nPlace this week: 1"
    )


async def test_what_expires_later_is_summed_so_that_a_balance_adds_up(club: Club) -> None:
    for month in range(5):
        await club.say("marta", f"/bonus @ania {10 + month} x")
        if month == 2:
            assert "Later" not in await club.say("ania", "/balance")
        await club.doze(days=31)
    assert (await club.say("ania", "/balance")).splitlines()[1:-2] == [
        "Points: 60 points",
        "Expire after 31 March 2027: 10 points",
        "Expire after 30 April 2027: 11 points",
        "Expire after 31 May 2027: 12 points",
        "Later: 27 points",
    ]
    await club.say("ania", "/language pl")
    assert "31 maja 2027: 12 punktów\nPóźniej: 27 punktów\nStatus" in await club.say("ania", "/balance")


async def test_a_balance_is_private_also_in_the_group(club: Club) -> None:
    replies = await club.app.handle(club.command("ania", "/balance", SPACE))
    assert [reply.visibility for reply in replies] == ["private"]


async def test_asking_again_changes_nothing(club: Club) -> None:
    await club.say("ania", "/balance", SPACE)
    await club.chat("ania")
    before = [await count(club, table) for table in ("handled", "entry", "presence")]
    for text in ("/balance", "/history", "/rank", "/card", "/challenges", "/help", "/rules"):
        await club.say("ania", text, SPACE)
    assert [await count(club, table) for table in ("handled", "entry", "presence")] == before


async def test_a_question_in_the_group_shows_that_one_is_there(club: Club) -> None:
    assert await count(club, "presence") == 1
    await club.say("ania", "/balance", SPACE)
    assert await count(club, "presence") == 2
    assert "Pending: 20 points" in await club.say("ania", "/balance", SPACE)


async def test_the_card_shows_the_member_number_in_groups(club: Club) -> None:
    card = (await member(club, "ania")).card_number
    assert await club.say("ania", "/card") == f"Ania\nCard number: {card[:3]} {card[3:6]} {card[6:]}"


async def test_a_language_is_chosen_by_word_or_button(club: Club) -> None:
    assert await club.say("ania", "/language pl") == "Od teraz mówię do Ciebie po polsku."
    assert "Punkty: 0 punktów" in await club.say("ania", "/balance")
    await club.say("ania", "/language")
    assert labels(club, "ania") == ["English", "Polski"]
    await club.press("ania", "English")
    assert "Points: 0 points" in await club.say("ania", "/balance")
    assert "en" in await club.say("ania", "/language de")


async def test_a_choice_is_understood_in_polish_too(club: Club) -> None:
    assert await club.say("ania", "/language polski") == "Od teraz mówię do Ciebie po polsku."
    for word in ("tydzień", "tydzien", "TYDZIEŃ"):
        assert await club.say("ania", f"/leaderboard {word}") == await club.say("ania", "/leaderboard week")
    hidden = await club.say("ania", "/leaderboard ukryj")
    assert "/leaderboard show" in hidden
    assert "week" in await club.say("ania", "/leaderboard ten")
    await club.say("olek", "/role @bartek kasjer")
    # A word that names no role takes none.
    assert "cashier" in await club.say("olek", "/role @bartek role")
    assert "Write it like this: /refund" in await club.say("bartek", "/refund")
    assert await club.say("ania", "/badges prywatne") == await club.say("ania", "/badges private")


async def test_posts_to_a_member_speak_their_language(club: Club) -> None:
    await club.say("ania", "/language pl")
    await club.say("marta", "/bonus @ania 2 x")
    assert await club.posts() == ["ania: Dostajesz 2 punkty premii. Przyznaje: Marta. Powód: x"]


async def test_an_empty_history_says_what_to_do(club: Club) -> None:
    assert "Nothing yet." in await club.say("ania", "/history")


async def test_ten_lines_fill_one_page(club: Club) -> None:
    for number in range(10):
        await club.say("marta", f"/bonus @ania {number + 1} x")
    await club.say("ania", "/history")
    assert labels(club, "ania") == ["Where from?"]
    await club.say("marta", "/bonus @ania 11 x")
    await club.say("ania", "/history")
    assert labels(club, "ania") == ["Where from?", "Older"]
    assert "(page 2)" in await club.press("ania", "Older")
    assert club.shown["ania"].text.count("bonus") == 1


async def test_what_is_new_does_not_shift_older_pages(club: Club) -> None:
    for number in range(21):
        await club.say("marta", f"/bonus @ania {number + 1} x")
    await club.say("ania", "/history")
    older = club.button("ania", "Older")
    before = await club.press("ania", "", token=older)
    await club.say("marta", "/bonus @ania 100 x")
    assert await club.press("ania", "", token=older) == before


async def test_a_history_shows_what_was_taken_back(club: Club) -> None:
    message = club.message("ania")
    await club.app.take_part([message, club.reaction("bartek", message, added=frozenset("👍"))])
    club.clock.now += timedelta(hours=1)
    await club.app.take_part([club.reaction("bartek", message, removed=frozenset("👍"))])
    said = await club.say("ania", "/history")
    assert "reaction to your message, +1 status" in said
    assert "taken back, −1 status" in said
    assert "joining a group, +20 points (pending), +20 status points (pending)" in said


async def test_lines_of_another_year_say_which(club: Club) -> None:
    await club.say("marta", "/bonus @ania 5 x")
    await club.doze(days=382)
    for asked in ("/history", "/why"):
        said = await club.say("ania", asked)
        assert "Thu 1 Apr: expired (bonus of 16 March 2026), −5 points" in said
        assert "Mon 16 Mar 2026: bonus" in said


async def test_what_became_ones_own_is_one_line_that_says_of_what(club: Club) -> None:
    await club.chat("ania")
    await club.say("kasia", "/purchase @ania 30 R1")
    await club.doze(days=31)
    lines = (await club.say("ania", "/history")).splitlines()[1:]
    assert [line.partition(": ")[2] for line in lines] == [
        "yours now, for a purchase: 30 points",
        "yours now, for joining a group: 20 points, 20 status points",
        "purchase, +30 points, +30 status points",
        "message, +5 status points",
        "joining a group, +20 points, +20 status points",
    ]
    number = lines[1].split()[0]
    why = await club.say("ania", f"/why {number}")
    assert why.startswith(f"Entry {number}\n")
    assert "points that became yours, +20 points, +20 status points\n" in why
    assert why.count("Taken from") == 1
    await club.say("ania", "/language pl")
    said = await club.say("ania", "/history")
    assert "już Twoje, za dołączenie do grupy: 20 punktów, 20 punktów statusu" in said
    assert "już Twoje, za zakupy: 30 punktów" in said


async def test_what_expired_says_of_what(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 30 R1")
    await club.doze(days=382)
    assert "expired (purchase of 16 March 2026), −30 points" in await club.say("ania", "/history")
    await club.say("ania", "/language pl")
    assert "wygaśnięcie (zakupy z 16 marca 2026), −30 punktów" in await club.say("ania", "/history")


async def test_nobody_reads_anothers_history_by_its_button(club: Club) -> None:
    for number in range(11):
        await club.say("marta", f"/bonus @ania {number + 1} x")
    await club.say("ania", "/history")
    assert await club.press("bartek", "Older", of="ania") == "This button is for someone else."


async def test_history_shows_a_purchase_its_refund_and_its_ripening(club: Club) -> None:
    await club.say("kasia", "/purchase @ania 49.90 R-1")
    await club.skip(days=15)
    await club.say("kasia", "/refund R-1 20")
    lines = (await club.say("ania", "/history")).splitlines()
    assert "refund, −20 points, −20 status points" in lines[-3]
    assert "yours now, for a purchase: 49 points" in lines[-2]
    assert "purchase, +49 points, +49 status points" in lines[-1]
    assert "pending" not in lines[-1]


async def test_history_comes_ten_lines_a_page_in_order(club: Club) -> None:
    for number in range(23):
        await club.say("kasia", f"/purchase @ania {number + 1}.00 R-{number}")
        await club.skip(days=1)
    await club.say("ania", "/history")
    pages = [club.shown["ania"].text]
    while "Older" in labels(club, "ania"):
        pages.append(await club.press("ania", "Older"))
    lines = [line for page in pages for line in page.splitlines() if ": " in line]
    assert [len([line for line in page.splitlines() if ": " in line]) for page in pages[:-1]] == [10] * (len(pages) - 1)
    bought = [int(line.split("+")[1].split()[0]) for line in lines if ": purchase" in line]
    assert bought == list(range(23, 0, -1))
    while "Newer" in labels(club, "ania"):
        back = await club.press("ania", "Newer")
    assert back == pages[0]
    assert all(earlier != later for earlier, later in pairwise(pages))
