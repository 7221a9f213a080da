"""Quizzes as conversations: asked, answered once, told and paid at the end; and the question of the day."""

from datetime import timedelta
from typing import Any

from bot.challenges.quizzes import Question, turn_of
from bot.events import SpaceRef
from handlers.members.erasing import erase
from tests.club import SPACE, Club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import challenge, opened
from tests.handlers.looking import balances, count, labels, member, rows

TITLE = {"en": "Coffee quiz", "pl": "Quiz o kawie"}


def question(number: int, right: int = 1) -> dict[str, Any]:
    answers = [{"en": f"Yes {number}", "pl": f"Tak {number}"}, {"en": f"No {number}", "pl": f"Nie {number}"}]
    return {"text": {"en": f"Question {number}?", "pl": f"Pytanie {number}?"}, "answers": answers, "right": right}


def quiz(*questions: dict[str, Any], **about: Any) -> dict[str, Any]:
    base = challenge(id="coffee", kind="quiz", goal=2, title=TITLE, question=list(questions))
    del base["counts"]
    return base | about


async def asked(club: Club) -> str:
    """Take the posts up to the question, whose buttons are shown then; return it."""
    posts = [post for post in await club.posts() if post.startswith("#klub: ") and "question" in post]
    return posts[-1]


async def press(club: Club, name: str, label: str) -> str:
    """Press a button of the question in the group."""
    return await club.press(name, label, SPACE, token=club.button("klub", label))


async def test_a_quiz_is_answered_once_by_members_and_told_and_paid_at_the_end(empty: Address) -> None:
    async for club in opened(empty, quiz(question(1), question(2, right=2), question(3))):
        said = await asked(club)
        assert "#klub: Coffee quiz, question 1 of 3\nQuestion 1?" in said
        assert "Reward for 2 right answers: 30 points. Answer until 30 Mar, 08:00." in said
        assert "Whoever answers gets the other questions in private." in said
        old = club.button("klub", "Yes 1")
        taken = await press(club, "ania", "Yes 1")
        assert "Your answer is taken: Yes 1. What was right is told on 30 Mar, 08:00." in taken
        assert "question 2 of 3\nQuestion 2?" in taken
        again = await press(club, "ania", "No 1")
        assert "You answered already: Yes 1. The first answer stands." in again
        assert "That is for members" in await press(club, "nobody", "Yes 1")
        # The others are answered in private, each in place of the one before.
        assert "question 3 of 3" in await club.press("ania", "No 2")
        await club.say("celina", "/language pl")
        assert "Odpowiedź przyjęta: Nie 1" in await press(club, "celina", "No 1")
        said = await club.say("ania", "/challenges")
        assert "Goal: 2 right answers. 2 of 3 questions answered." in said
        assert "question 3 of 3" in await club.press("ania", "Answer: Coffee quiz")
        said = await club.press("ania", "No 3")
        assert said.endswith("What was right is told on 30 Mar, 08:00. That was the last question.")
        assert "last question" not in await club.press("ania", "", SPACE, token=old)
        assert "Answer: Coffee quiz" not in labels(club, "ania")
        # Nobody hears before the end that they made it.
        await club.skip(days=3)
        assert not any("Goal reached" in post or "you have" in post for post in await club.posts())
        await club.press("bartek", "", SPACE, token=old)
        await club.press("bartek", "No 2")
        await club.say("bartek", "/leaderboard hide")
        await club.skip(days=4)
        posts = await club.posts()
        (told,) = [post for post in posts if "Quiz over" in post]
        assert "Question 1? Yes 1 (2 of 3 answers).\nQuestion 2? No 2 (2 of 2 answers)." in told
        assert "Question 3? Yes 3 (0 of 1 answer).\n2 members made it: Ania and 1 other. Well done!" in told
        paid = [post.partition(":")[0] for post in posts if "Your reward: 30 points" in post]
        assert sorted(paid) == ["ania", "bartek"]
        assert "nie można już odpowiedzieć" in await club.press("celina", "", SPACE, token=old)
        gone = (await member(club, "bartek")).id
        await club.database.write(lambda tx: erase(gone, tx.now, tx))  # noqa: B023
        assert await rows(club, f"SELECT number FROM quiz_answer WHERE member_id = {gone}") == []
        assert await club.database.write(lambda tx: tx.quizzes.forget(tx.now, 99)) is False
        assert await count(club, "quiz_answer") == 0


async def test_a_question_of_the_day_brings_the_result_of_the_one_before(empty: Address) -> None:
    pool = [question(number) for number in range(1, 10)]
    async for club in opened(empty, quiz(*pool, daily=True, goal=3, reward="best", best=1, space="console:klub")):
        assert await rows(club, "SELECT COUNT(*) FROM challenge_round") == [(1,)]
        await club.chat("ania", "bartek", "celina")
        # Of the week in which the bot was installed too few days were left.
        said = await asked(club)
        assert "question 1 of 7\nQuestion 1?" in said
        assert "Reward for the best one with at least 3 right answers (with a tie, everyone in it): 30 points." in said
        assert "Answer until 24 Mar, 08:00, the quiz runs until 30 Mar, 08:00." in said
        old = club.button("klub", "Yes 1")
        for name, label in (("ania", "Yes 1"), ("bartek", "Yes 1"), ("celina", "No 1")):
            assert "is told on 24 Mar, 08:00" in await press(club, name, label)
        await club.skip(days=1)
        said = await asked(club)
        assert "The question before: Question 1?\nYes 1 was right. 2 of 3 answers were." in said
        assert "question 2 of 7\nQuestion 2?" in said
        for name in ("ania", "celina"):
            assert "cannot be answered any more" in await club.press(name, "", SPACE, token=old)
        # Two days of downtime: one question is asked now, and the next one tomorrow at its time.
        club.clock.now += timedelta(days=2, hours=3)
        for _ in range(2):
            await club.app.run_due()
        assert "question 3 of 7" in await asked(club)
        for number in (3, 4, 5):
            await press(club, "ania", f"Yes {number}")
            await press(club, "bartek", f"{'No' if number == 5 else 'Yes'} {number}")
            await club.skip(days=1)
            if number < 5:
                assert f"Question {number + 1}?" in await asked(club)
        await club.skip(days=1)
        posts = await club.posts()
        (told,) = [post for post in posts if "Quiz over" in post]
        assert "Question 6? Yes 6.\nThe reward goes to 1 member: Ania." in told
        assert (await balances(club, "ania")).points == 30
        assert (await balances(club, "bartek")).points == 0
        # A new week goes on with the questions that were not asked.
        assert any("question 1 of 7\nQuestion 7?" in post for post in posts)


def test_questions_go_round() -> None:
    many = [Question.of(question(number) | {"right": 0}) for number in range(4)]
    assert turn_of(many, 3, 3) == (many[3], many[0], many[1])
    assert turn_of(many, 8, 7) == tuple(many)


async def test_a_moderator_asks_a_question_in_chat(club: Club) -> None:
    # In the group everybody would read which answer is right.
    assert "A quiz is made in private" in await club.say("marta", "/challenge quiz", SPACE)
    await club.answer("marta", "Where does coffee come from?", SPACE)
    assert await count(club, "form") == 0
    assert "What is the question in English?" in await club.say("marta", "/challenge quiz")
    # The question is the title too, and none promises a draw; it stays open.
    asked = club.shown["marta"]
    assert "lottery, which needs a permit" in await club.answer("marta", "Losowanie: kto wygra?")
    club.shown["marta"] = asked
    await club.answer("marta", "Where does coffee come from?")
    assert "with a slash between" in await club.answer("marta", "Skąd jest kawa?")
    for wrong in ("Ethiopia", "Ethiopia / ethiopia", "Ethiopia / ", "a/b/c/d/e/f"):
        assert "2 to 5 different answers" in await club.answer("marta", wrong)
    await club.answer("marta", "Ethiopia / Brazil")
    await club.press("marta", "1")
    preview = await club.press("marta", "25")
    assert "Ethiopia is right, Brazil wrong." in preview
    assert "Published: Where does coffee come from?" in await club.press("marta", "Publish")
    assert "#klub: Where does coffee come from?\n\nThe first answer stands." in await asked_by_marta(club)
    await club.chat("ania", "bartek")
    await club.say("bartek", "/challenges")
    said = await club.press("bartek", "Answer: Where does coffee come from?")
    assert said.startswith("Where does coffee come from?\n\nThe first answer stands. Answer until ")
    for name, label in (("ania", "Ethiopia"), ("bartek", "Brazil")):
        assert "is taken" in await press(club, name, label)
    # Who knows what is right has no part in it.
    assert "cannot be answered" in await press(club, "marta", "Ethiopia")
    await club.skip(days=2)
    posts = await club.posts()
    assert [post.partition(":")[0] for post in posts if "Your reward: 25 points" in post] == ["ania"]
    assert sum("Ethiopia (1 of 2 answers)" in post for post in posts) == 1


async def test_a_question_is_for_the_group_that_is_chosen(club: Club) -> None:
    """With one group there is nothing to choose; one that is gone by the end is not asked in."""
    other = SpaceRef("console", "drugi", "Drugi")
    await club.set_up(other)

    async def asked(group: str) -> str:
        await club.say("marta", "/challenge quiz")
        for text in ("Where does coffee come from?", "Skąd jest kawa?", "Ethiopia / Brazil"):
            await club.answer("marta", text)
        for label in ("1", "25"):
            said = await club.press("marta", label)
        assert "For which group is it?" in said
        return await club.press("marta", group)

    assert "For members of Drugi." in await asked("Drugi")
    await club.press("marta", "Publish")
    said = [post for post in await club.posts() if "The first answer stands." in post]
    assert [post.partition(":")[0] for post in said] == ["#drugi"]
    assert "cannot be answered" in await press(club, "ania", "Ethiopia")
    await club.chat("darek", space=other)
    assert "is taken" in await press(club, "darek", "Ethiopia")
    assert "For the whole club." in await asked("The whole club")
    await asked("Drugi")
    gone = (await rows(club, "SELECT id FROM space WHERE title = 'Drugi'"))[0][0]
    await club.database.write(lambda tx: tx.spaces.retire(gone))
    assert "not set up any more" in await club.press("marta", "Publish")


async def asked_by_marta(club: Club) -> str:
    return next(post for post in await club.posts() if "coffee" in post)
