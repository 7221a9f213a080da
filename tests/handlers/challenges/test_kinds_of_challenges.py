"""Kinds of challenges as conversations: sums, days, streaks, the best, joined, hidden and chained ones, audiences."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from bot.challenges.measures import Measure
from bot.challenges.terms import Terms
from bot.earning.versions import RuleBook
from bot.tiers.tiers import ladder_of
from storage.verify import verify
from tests.club import SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.challenges.test_challenges import SUNDAY, challenge, opened
from tests.handlers.looking import balances, member


async def test_actions_and_stamps_count_and_a_stamp_taken_back_counts_no_more(empty: Address) -> None:
    challenges = [
        challenge(id="mend", counts="actions", of="repair", goal=2, title={"en": "Mend", "pl": "Napraw"}),
        challenge(id="do", counts="actions", goal=3, title={"en": "Do", "pl": "Zrób"}),
        challenge(id="stamps", counts="stamps", goal=4, title={"en": "Sip", "pl": "Pij"}),
    ]
    actions = {name: {"title": {"en": name, "pl": name}, "points": 5, "limit": 2} for name in ("repair", "review")}
    card = {"id": "coffee", "stamps": 9, "title": {"en": "Cups", "pl": "Kubki"}, "reward": {"en": "One", "pl": "Jeden"}}
    settings = config(
        challenge=challenges, earning={"join": {"points": 0, "status": 0}, "action": actions}, stamp_card=[card]
    )
    async with open_club(empty, settings, inline=True, begin=SUNDAY) as club:
        await club.join("olek", "ania")
        await club.set_up()
        await club.skip(days=1)
        for told in ("/action @ania repair", "/action @ania review", "/purchase @ania 10 A", "/stamp @ania coffee 2"):
            await club.say("olek", told)
        said = await club.say("ania", "/challenges")
        assert [line.split()[1] for line in said.splitlines() if "▱" in line] == ["3/4", "2/3", "1/2"]
        await club.say("olek", "/refund A")
        assert "2/4 stamps" in await club.say("ania", "/challenges")
        await club.say("olek", "/action @ania repair")
        await club.skip(minutes=2)
        assert sorted(post.split("!")[0] for post in await club.posts() if "Goal reached" in post) == [
            "ania: Goal reached: Do",
            "ania: Goal reached: Mend",
        ]
    assert verify(empty).problems == []


async def test_sums_and_filters_follow_what_was_bought_and_kept(empty: Address) -> None:
    challenges = [
        challenge(id="spend", kind="sum", counts="purchases", goal=50, title={"en": "Spend", "pl": "Wydaj"}),
        challenge(id="big", counts="purchases", goal=2, minimum_amount="30", title={"en": "Big", "pl": "Duże"}),
        challenge(id="online", counts="purchases", goal=1, shop="web", title={"en": "Online", "pl": "W sieci"}),
        challenge(id="weekend", counts="purchases", goal=1, weekdays=["saturday"], title={"en": "Sat", "pl": "Sob"}),
        challenge(id="earn", kind="sum", counts="points", goal=60, title={"en": "Earn", "pl": "Zbierz"}),
    ]
    shop = {"id": "web", "kind": "generic", "secret": "long-enough"}
    async for club in opened(empty, *challenges, shop=[shop]):
        await club.say("olek", "/purchase @ania 30 A")
        await club.say("olek", "/purchase @ania 15.50 B")
        opening = "".join(await club.posts())
        assert (
            "Goal: 2 purchases. Reward: 30 points. Until 30 Mar, 08:00. Only purchases from PLN\xa030.00 count."
            in opening
        )
        said = await club.say("ania", "/challenges")
        assert "Only purchases in the shop web count." in said
        assert "Days that count: Saturday." in said
        assert "45.50/" in said
        assert "50.00 spent" in said
        assert "1/2 purchases" in said
        assert said.count("0/1 purchase") == 2
        assert "45/60 points earned" in said
        # What is nearly done stands first.
        assert said.index("Spend") < said.index("Earn") < said.index("Big") < said.index("Online")
        await club.say("bartek", "/language pl")
        assert " 0,00\xa0zł/50,00\xa0zł\n" in await club.say("bartek", "/challenges")
        await club.say("olek", "/refund A")
        said = await club.say("ania", "/challenges")
        assert "15.50" in said
        assert "0/2 purchases" in said
        assert "15/60 points earned" in said
        await club.say("olek", "/purchase @ania 40 C")
        await club.skip(minutes=2)
        posts = await club.posts()
        assert sum("Goal reached: Spend" in post for post in posts) == 1
        await club.say("olek", "/refund C")
        await club.say("olek", "/purchase @ania 45 D")
        await club.skip(minutes=2)
        assert not any("Goal reached: Spend" in post for post in await club.posts())
        await club.skip(days=7)
        assert sum("You did it: Spend. Your reward: 30 points." in post for post in await club.posts()) == 1


async def test_a_streak_is_kept_up_over_the_change_of_the_clock_and_told_of_before_it_breaks(empty: Address) -> None:
    streak = challenge(kind="streak", counts="messages", goal=7, repeat=None, starts="2026-03-23", ends="2026-04-20")
    async for club in opened(empty, streak):
        club.clock.now = datetime(2026, 3, 27, 22, 30, tzinfo=UTC)
        for _ in range(4):
            await club.chat("ania")
            await club.skip(days=1)
        # 27 to 30 March by the clock of Warsaw, which was put forward on the 29th; now it is 00:30 on the 1st.
        assert "4/7 days in a row with a message" in await club.say("ania", "/challenges")
        await club.skip(hours=20)
        assert not any("ends tonight" in post for post in await club.posts())
        await club.skip(days=1)
        assert "Your streak ends tonight" in await club.say("ania", "/challenges")
        warned = [post for post in await club.posts() if "ends tonight" in post]
        assert warned == ["ania: Say hello: your streak of 4 days ends tonight unless you go on today."]
        for _ in range(3):
            await club.chat("ania")
            await club.skip(days=1)
        assert "7/7" in await club.say("ania", "/challenges")
        await club.skip(days=20)
        assert (await balances(club, "ania")).points == 30


async def test_the_best_are_paid_and_ties_share(empty: Address) -> None:
    best = challenge(counts="purchases", goal=1, reward="best", best=2, status=3)
    async for club in opened(empty, best):
        await club.join("darek", "kasia", "marta")
        await club.say("olek", "/role @kasia cashier")
        for name, times in (("ania", 3), ("bartek", 2), ("celina", 2), ("darek", 1), ("kasia", 4)):
            for number in range(times):
                await club.say("olek", f"/purchase @{name} 10 {name}{number}")
        assert not any("Goal reached" in post for post in await club.posts())
        # Of the best one sees all one did, and not only that the least was reached.
        assert " 3 (at least 1 purchase)\n" in await club.say("ania", "/challenges")
        await club.say("celina", "/language pl")
        assert " 2 (minimum: 1 zakup)\n" in await club.say("celina", "/challenges")
        await club.say("celina", "/language en")
        await club.skip(days=8)
        paid = sorted(post.partition(":")[0] for post in await club.posts() if "Your reward: 30 points and" in post)
        assert paid == ["ania", "bartek", "celina"]


async def test_the_first_who_reach_the_goal_are_paid_by_the_time_at_which_they_did(empty: Address) -> None:
    first = challenge(counts="purchases", goal=2, reward="first", best=2, status=3)
    spend = challenge(id="spend", kind="sum", counts="purchases", goal=50, reward="first", best=1, points=7)
    async for club in opened(empty, first, spend):
        await club.join("darek", "kasia")
        await club.say("olek", "/role @kasia cashier")
        assert any("for the first 2 to reach it (with a tie, everyone in it)" in post for post in await club.posts())
        for at, (name, amount) in enumerate(
            (
                *(("kasia", 10), ("kasia", 10), ("celina", 10), ("ania", 10), ("bartek", 60), ("celina", 10)),
                *(("ania", 45), ("bartek", 10), ("darek", 10), ("darek", 50)),
            )
        ):
            await club.say("olek", f"/purchase @{name} {amount} R{at}")
            await club.skip(minutes=1)
        assert "If you are one of the first 2, your reward" in await club.say("ania", "/challenges")
        assert (
            sum("If you are one of the first" in post or "If nobody was faster" in post for post in await club.posts())
            == 7
        )
        # Celina was the first, until she brought something back.
        await club.say("olek", "/refund R2")
        await club.skip(days=8)
        paid = sorted(post for post in await club.posts() if "Your reward:" in post)
        assert paid == [
            "ania: You did it: Say hello. Your reward: 30 points and 3 status points.",
            "bartek: You did it: Say hello. Your reward: 30 points and 3 status points.",
            "bartek: You did it: Say hello. Your reward: 7 points.",
        ]


async def test_joined_hidden_and_chained_challenges(empty: Address) -> None:
    challenges = [
        challenge(id="first", goal=1, title={"en": "First", "pl": "Pierwsze"}),
        challenge(id="second", goal=1, counts="purchases", after="first", title={"en": "Second", "pl": "Drugie"}),
        challenge(id="joined", goal=1, counts="purchases", joining=True, title={"en": "Joined", "pl": "Chętni"}),
        challenge(id="secret", goal=2, counts="purchases", hidden=True, title={"en": "Secret", "pl": "Sekret"}),
        challenge(
            id="row",
            kind="streak",
            counts="messages",
            goal=5,
            hidden=True,
            title={"en": "Secret row", "pl": "Sekretny rząd"},
        ),
    ]
    async for club in opened(empty, *challenges):
        announced = [post for post in await club.posts() if "New challenge" in post]
        assert [next(word for word in ("First", "Joined") if word in post) for post in announced[-2:]] == [
            "First",
            "Joined",
        ]
        await club.say("olek", "/purchase @ania 10 A")
        said = await club.say("ania", "/challenges")
        assert "Second" not in said
        assert "Secret" not in said
        assert "Goal: 1 purchase. Not joined yet." in said
        await club.skip(minutes=1)
        assert "0/1 purchase" in await club.press("ania", "Join: Joined")
        await club.press("ania", "Let my groups hear of me")
        await club.chat("ania")
        await club.skip(minutes=2)
        posts = await club.posts()
        assert "#klub: Ania did it: First. Well done!" in posts
        assert not any("ania: Goal reached" in post for post in posts)
        assert any("ania: A new challenge for you: Second" in post for post in posts)
        await club.say("olek", "/purchase @ania 10 B")
        said = await club.say("ania", "/challenges")
        assert "Secret" in said
        assert said.count("1/1 purchase") == 2
        await club.say("olek", "/purchase @bartek 10 C")
        await club.chat("bartek")
        await club.posts()
        await club.skip(days=7)
        # Nobody is reminded of what they are not to know of.
        assert [post for post in await club.posts() if post.startswith("bartek:") and "Secret" in post] == []
        assert (await balances(club, "ania")).points == 4 * 30


async def test_audiences_and_reminders(empty: Address) -> None:
    tiers = [{"id": "gold", "name": {"en": "Gold", "pl": "Złoty"}, "threshold": 20}]
    challenges = [
        challenge(id="gold", goal=3, counts="purchases", tier="gold", title={"en": "Golden", "pl": "Złote"}),
        challenge(id="new", goal=3, counts="purchases", newcomer_days=3, title={"en": "Newcomers", "pl": "Nowi"}),
        challenge(id="here", goal=3, space="console:klub", title={"en": "Here", "pl": "Tutaj"}),
        challenge(id="else", goal=3, space="console:else", title={"en": "Elsewhere", "pl": "Gdzie indziej"}),
    ]
    async for club in opened(empty, *challenges, tier=tiers):
        await club.skip(days=7)
        await club.say("olek", "/purchase @ania 20 A")
        assert "Here" not in await club.say("bartek", "/challenges")
        await club.chat("ania")
        said = await club.say("ania", "/challenges")
        assert "Golden" in said
        assert "Only from the tier Gold up." in said
        assert "Only for members of" in said
        assert "Here" in said
        assert "Newcomers" not in said
        assert "Elsewhere" not in said
        await club.join("darek")
        said = await club.say("darek", "/challenges")
        assert "Only for newcomers, who joined at most 3 days before it began." in said
        assert "Golden" not in said
        await club.posts()
        for days, times in ((3.2, 1), (2, 0), (1, 1)):
            await club.skip(days=days)
            reminders = [post for post in await club.posts() if "you have 1 of" in post]
            assert len(reminders) == times, days
            assert all(post.startswith("ania: ") and post.count("you have 1 of") == 2 for post in reminders)


async def test_what_follows_is_told_of_as_it_opens_and_begins_after_what_opened_it(empty: Address) -> None:
    first = challenge(id="first", goal=1, counts="purchases", title={"en": "First", "pl": "Pierwsze"})
    second = challenge(id="second", goal=1, counts="purchases", after="first", title={"en": "Second", "pl": "Drugie"})
    async for club in opened(empty, first, second):
        await club.say("olek", "/purchase @ania 10 A")
        await club.skip(minutes=3)
        posts = await club.posts()
        assert sum("ania: A new challenge for you: Second" in post for post in posts) == 1
        assert "0/1 purchase" in await club.say("ania", "/challenges")
        await club.skip(days=7)
        # In the second week it begins for who did the other one in the first, and for nobody else.
        posts = await club.posts()
        opened_for = [post for post in posts if "A new challenge for you: Second\nGoal: 1 purchase" in post]
        assert [post.partition(":")[0] for post in opened_for] == ["ania"]
        await club.say("olek", "/purchase @ania 10 B")
        await club.skip(minutes=3)
        assert sum("ania: Goal reached: Second!" in post for post in await club.posts()) == 1


async def test_what_is_done_already_as_it_opens_is_told_and_opens_the_next(empty: Address) -> None:
    about = {"goal": 1, "counts": "purchases", "kind": "days"}
    names = ("First", "Second", "Third")
    chain = [
        challenge(id=name.lower(), title={"en": name, "pl": name}, after=before and before.lower(), **about)
        for name, before in zip(names, (None, *names), strict=False)
    ]
    async for club in opened(empty, *chain):
        await club.say("olek", "/purchase @ania 10 A")
        await club.skip(minutes=5)
        posts = await club.posts()
        for name in names:
            assert sum(f"ania: Goal reached: {name}!" in post for post in posts) == 1, name


async def test_what_follows_counts_only_as_long_as_the_other_one_is_done(empty: Address) -> None:
    once = {"repeat": None, "starts": date(2026, 3, 23), "ends": date(2026, 3, 27)}
    chain = [
        challenge(id="first", goal=1, counts="purchases", points=1, title={"en": "First", "pl": "Pierwsze"}, **once),
        challenge(id="second", counts="messages", goal=1, points=10, after="first"),
        challenge(id="third", counts="message_days", goal=1, points=100, after="second"),
    ]
    async for club in opened(empty, *chain):
        everybody = ("ania", "bartek", "celina")
        for name in everybody:
            await club.say("olek", f"/purchase @{name} 10 {name}")
        await club.skip(minutes=2)
        await club.chat(*everybody)
        await club.skip(minutes=2)
        await club.chat(*everybody)
        await club.skip(minutes=2)
        assert sum("Goal reached" in post for post in await club.posts()) == 9
        await club.say("olek", "/refund ania")
        await club.say("olek", "/refund bartek")
        assert (await club.say("ania", "/challenges")).count("Say hello") == 0
        await club.say("olek", "/purchase @bartek 10 again")
        assert (await club.say("bartek", "/challenges")).count("Say hello") == 2
        # What is given back after it was over takes nothing away.
        await club.skip(days=5)
        await club.say("olek", "/refund celina")
        assert (await club.say("celina", "/challenges")).count("Say hello") == 2
        await club.skip(days=3)
        assert [(await balances(club, name)).points for name in everybody] == [0, 111, 111]
        # In the next week they begin for those two alone.
        opened_for = [post for post in await club.posts() if "A new challenge for you: Say hello" in post]
        assert sorted({post.partition(":")[0] for post in opened_for[-4:]}) == ["bartek", "celina"]


async def test_who_gave_back_what_they_did_has_to_do_it_again_for_what_follows(empty: Address) -> None:
    chain = [
        challenge(id="first", goal=1, counts="purchases"),
        challenge(id="second", counts="messages", goal=1, after="first", title={"en": "Second", "pl": "Drugie"}),
    ]
    async for club in opened(empty, *chain):
        await club.say("olek", "/purchase @ania 10 A")
        await club.skip(minutes=2)
        await club.say("olek", "/refund A")
        await club.chat("ania")
        await club.skip(minutes=2)
        assert not any("Goal reached: Second" in post for post in await club.posts())
        await club.skip(days=7)
        await club.say("olek", "/purchase @ania 10 B")
        await club.skip(minutes=2)
        await club.chat("ania")
        await club.skip(minutes=2)
        assert sum("ania: Goal reached: Second" in post for post in await club.posts()) == 1


async def test_who_loses_a_tier_before_the_end_keeps_what_is_for_it_till_then(empty: Address) -> None:
    tiers = [{"id": name, "name": {"en": name, "pl": name}, "threshold": at} for name, at in (("top", 500), ("low", 1))]
    about = {"counts": "purchases", "goal": 1, "tier": "top", "repeat": "monthly"}
    alone = challenge(id="alone", title={"en": "Alone", "pl": "Osobno"}, **about)
    common = challenge(id="common", title={"en": "Common", "pl": "Razem"}, together=True, space="console:klub", **about)
    async for club in opened(empty, alone, common, tier=tiers, tiers={"warn_days_before_end": []}):
        await club.chat("ania")
        for name, tier in (("ania", "top"), ("bartek", "low")):
            await _holds_until_the_end_of_march(club, name, tier)
            await club.say("olek", f"/purchase @{name} 20 {name}")
        await club.skip(minutes=1)
        assert any("ania: Goal reached: Alone! Your reward, 30 points" in post for post in await club.posts())
        await club.skip(days=8, hours=22, minutes=30)
        posts = await club.posts()
        assert any("ania: " in post and "top has ended" in post for post in posts)
        assert (await club.say("ania", "/challenges")).count("1/1 purchase") == 2
        await club.skip(hours=2)
        posts = await club.posts()
        assert sum("ania: You did it: Alone" in post for post in posts) == 1
        assert sum("ania: You did it: Common" in post for post in posts) == 1
        assert not any("Not reached this time" in post for post in posts)
        assert [(await balances(club, name)).points for name in ("ania", "bartek")] == [60, 0]
        # The month that begins is for those alone who hold it in that one.
        assert "Alone" not in await club.say("ania", "/challenges")


async def _holds_until_the_end_of_march(club: Club, name: str, tier: str) -> None:
    member_id, held = (await member(club, name)).id, ladder_of(RuleBook.of(club.config)).get(tier)
    assert held is not None
    await club.database.write(lambda tx: tx.tiers.put(member_id, held, "2026-03"))


async def test_downtime_reminds_once_and_pays_once(empty: Address) -> None:
    async for club in opened(empty, challenge(goal=3)):
        await club.chat("ania")
        await club.skip(minutes=2)
        await club.posts()
        club.clock.now += timedelta(days=6, hours=4)
        for _ in range(2):
            await club.app.run_due()
        assert sum("you have 1 of 3 days" in post for post in await club.posts()) == 1


def test_terms_that_were_published_long_ago_are_understood() -> None:
    old: dict[str, Any] = {"title": {"en": "A"}, "counts": "message_days", "goal": 3, "points": 5, "status": 0}
    terms = Terms.of(old | {"rule_version": "v"})
    assert terms.measure == Measure.of({"counts": "message_days"})
    assert Terms.of(terms.plain()) == terms
    assert not terms.best
    assert terms.kind == "count"


async def test_marks_that_nobody_asks_about_are_forgotten(empty: Address) -> None:
    async with open_club(empty, config(challenge=[challenge(goal=1)]), inline=True) as club:
        await club.join("olek", "ania")
        await club.set_up(SPACE)
        await club.chat("ania")
        await club.skip(days=60)
        left = await club.database.read(
            lambda tx: [tx.challenge_marks.page(one, 0, 9) for one in tx.challenges.open_rounds()]
        )
        assert left == [[]]
    assert verify(empty).problems == []
