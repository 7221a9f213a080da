"""Who may do what where, and whose buttons are whose."""

from dataclasses import replace
from itertools import product

import pytest

from bot.events import ButtonPressed, Place, SpaceRef
from bot.replies import Reply
from handlers.forms import Forms
from handlers.table import build_app, build_registry
from tests.club import PLATFORM, SPACE, Club, config, open_club
from tests.databases import Address
from tests.handlers.looking import balances, count, member

OTHER = SpaceRef(PLATFORM, "inny", "Inny")
STRANGER, MEMBER, CASHIER, MODERATOR, ADMIN, OWNER = "zosia", "ania", "kasia", "marta", "darek", "olek"
EVERYBODY = {STRANGER, MEMBER, CASHIER, MODERATOR, ADMIN, OWNER}
JOINED = EVERYBODY - {STRANGER}
MAY: dict[str, tuple[str, set[str]]] = {
    "start": ("/start", EVERYBODY),
    "balance": ("/balance", JOINED),
    "history": ("/history", JOINED),
    "why": ("/why", JOINED),
    "rank": ("/rank", JOINED),
    "leaderboard": ("/leaderboard", JOINED),
    "thanks": ("/thanks @bartek", JOINED),
    "challenges": ("/challenges", JOINED),
    "handin": ("/handin", JOINED),
    "duel": ("/duel", JOINED),
    "tier": ("/tier", JOINED),
    "rewards": ("/rewards", JOINED),
    "redeem": ("/redeem", JOINED),
    "donate": ("/donate tree 5", JOINED),
    "gift": ("/gift @bartek 5", JOINED),
    "coupons": ("/coupons", JOINED),
    "stamps": ("/stamps", JOINED),
    "badges": ("/badges", JOINED),
    "profile": ("/profile @bartek", JOINED),
    "invite": ("/invite", JOINED),
    "card": ("/card", JOINED),
    "claim": ("/claim 2222-2222-2222", EVERYBODY),
    "checkin": ("/checkin 2222-2222-2222", EVERYBODY),
    "link": ("/link email", JOINED),
    "confirm": ("/confirm 123456 ania@example.com", {CASHIER, OWNER}),
    "rules": ("/rules", EVERYBODY),
    "language": ("/language pl", JOINED),
    "alias": ("/alias Sowa", JOINED),
    "timezone": ("/timezone", JOINED),
    "stamp": ("/stamp @bartek", {CASHIER, OWNER}),
    "purchase": ("/purchase @bartek 10", {CASHIER, OWNER}),
    "refund": ("/refund R-1", {CASHIER, OWNER}),
    "action": ("/action @bartek", {CASHIER, OWNER}),
    "use": ("/use AAAAA-AAAAA", {CASHIER, OWNER}),
    "bonus": ("/bonus @bartek 5 thanks", {MODERATOR, OWNER}),
    "badge": ("/badge give @bartek weekly-winner", {MODERATOR, OWNER}),
    "unalias": ("/unalias @bartek", {MODERATOR, OWNER}),
    "referrals": ("/referrals", {MODERATOR, OWNER}),
    "handins": ("/handins", {MODERATOR, OWNER}),
    "reward": ("/reward edit", {MODERATOR, OWNER}),
    "challenge": ("/challenge stop", {MODERATOR, OWNER}),
    "event": ("/event list", {MODERATOR, OWNER}),
    "ambassador": ("/ambassador add @bartek", {OWNER}),
    "role": ("/role @bartek cashier", {OWNER}),
    "setup": ("/setup", {ADMIN, OWNER}),
    "leave": ("/leave", JOINED),
    "cancel": ("/cancel", EVERYBODY),
    "help": ("/help", EVERYBODY),
}
ELSEWHERE = {("setup", True): "only_in_space", ("link", False): "only_in_private", ("handin", False): "only_in_private"}
"""What is said where a command has no place, by whether that is in private."""
REFUSALS = {"join_first", "not_allowed"}


async def templates(club: Club, name: str, text: str, space: SpaceRef | None) -> set[str]:
    """Say something, an admin as one; return the templates of the answers."""
    replies: list[Reply] = await club.app.handle(
        club.command(name, text, space, platform_admin=name == ADMIN and space is not None)
    )
    club.show(name, replies)
    return {reply.template for reply in replies}


def test_the_matrix_names_every_command() -> None:
    assert set(MAY) == set(build_registry(Forms(())).commands)


@pytest.mark.parametrize("command", MAY)
async def test_a_command_obeys_those_who_may_and_refuses_the_others(club: Club, command: str) -> None:
    text, allowed = MAY[command]
    for name, space in product(sorted(EVERYBODY), (None, SPACE)):
        said = await templates(club, name, text, space)
        where = f"{name} in {'the group' if space else 'private'}: {said}"
        elsewhere = ELSEWHERE.get((command, space is None))
        assert bool(said & REFUSALS) == (name not in allowed and elsewhere is None), where
        if elsewhere is not None:
            assert said == {elsewhere}, where
        elif name == STRANGER and name not in allowed and command != "setup":
            assert said == {"join_first"}, where


@pytest.mark.parametrize("command", ["purchase", "refund", "bonus", "role"])
async def test_a_refused_command_changes_nothing(club: Club, command: str) -> None:
    for name in (STRANGER, MEMBER, ADMIN):
        await templates(club, name, "/cancel", SPACE)
    before = [await count(club, table) for table in ("entry", "purchase", "role_grant", "outbox")]
    for name in (STRANGER, MEMBER, ADMIN):
        await templates(club, name, MAY[command][0], SPACE)
    assert [await count(club, table) for table in ("entry", "purchase", "role_grant", "outbox")] == before


async def test_a_role_granted_in_a_group_holds_there_alone(club: Club) -> None:
    await club.set_up(OTHER)
    await club.say(OWNER, "/role @ania moderator", SPACE)
    assert "bonus_given" in await templates(club, MEMBER, "/bonus @bartek 5 thanks", SPACE)
    assert await templates(club, MEMBER, "/bonus @bartek 5 thanks", OTHER) == {"not_allowed"}
    assert await templates(club, MEMBER, "/bonus @bartek 5 thanks", None) == {"not_allowed"}


async def test_a_role_granted_in_private_holds_everywhere(club: Club) -> None:
    await club.set_up(OTHER)
    for space in (SPACE, OTHER, None):
        assert "bonus_given" in await templates(club, MODERATOR, "/bonus @bartek 5 thanks", space)


async def test_roles_are_taken_back_where_they_were_granted(club: Club) -> None:
    await club.say(OWNER, "/role @ania moderator", SPACE)
    await club.say(OWNER, "/role @ania none")
    assert "bonus_given" in await templates(club, MEMBER, "/bonus @bartek 5 thanks", SPACE)
    await club.say(OWNER, "/role @ania none", SPACE)
    assert await templates(club, MEMBER, "/bonus @bartek 5 thanks", SPACE) == {"not_allowed"}


async def test_what_changes_nothing_is_told_to_nobody(club: Club) -> None:
    await club.say(OWNER, "/role @ania none", SPACE)
    for _ in range(2):
        await club.say(OWNER, "/role @ania cashier", SPACE)
    assert len(await club.posts()) == 1


async def test_a_role_is_told_to_its_holder(club: Club) -> None:
    await club.say(OWNER, "/role @ania cashier", SPACE)
    await club.say(OWNER, "/role @ania none", SPACE)
    assert await club.posts() == [
        "ania: You are now cashier in Klub. Say /help there to see what you can do.",
        "ania: Your roles in Klub were taken back.",
    ]


async def test_a_group_that_is_no_space_has_no_roles(club: Club) -> None:
    assert await templates(club, OWNER, "/role @ania cashier", OTHER) == {"set_up_first"}


async def test_nobody_can_be_made_an_owner(club: Club) -> None:
    assert await templates(club, OWNER, "/role @ania owner", None) == {"bad_choice"}


async def test_an_owner_in_the_config_who_has_not_joined_may_set_up_but_not_give_points(empty: Address) -> None:
    async with open_club(empty, inline=True) as club:
        await club.join("ania")
        assert await templates(club, OWNER, "/bonus @ania 5 x", None) == {"join_first"}
        assert await templates(club, OWNER, "/setup", SPACE) == {"setup_where"}


async def test_platform_admins_are_moderators_only_if_the_config_says_so(empty: Address) -> None:
    settings = config(roles={"platform_admins_are_moderators": True})
    async with open_club(empty, settings, inline=True) as club:
        await club.join(OWNER, ADMIN, "bartek")
        await club.set_up()
        assert "bonus_given" in await templates(club, ADMIN, "/bonus @bartek 5 x", SPACE)
        assert await templates(club, ADMIN, "/bonus @bartek 5 x", None) == {"not_allowed"}
        assert await templates(club, ADMIN, "/purchase @bartek 5", SPACE) == {"not_allowed"}
        assert await templates(club, ADMIN, "/role @bartek cashier", SPACE) == {"not_allowed"}


def pressed(club: Club, name: str, token: str) -> ButtonPressed:
    """Return a press in private."""
    about = "p", club.true, club.place(name, None), club.person(name)
    return ButtonPressed(event_id=about[0], at=about[1], place=about[2], person=about[3], token=token)


async def test_an_admin_of_a_group_may_press_in_private_what_was_asked_there_while_they_are_one(empty: Address) -> None:
    settings = config(roles={"platform_admins_are_moderators": True})
    async with open_club(empty, settings, inline=True) as club:
        await club.join(OWNER, ADMIN)
        await club.set_up()
        await club.say(OWNER, "/event new", SPACE)
        await club.answer(OWNER, "Tasting", SPACE)
        for label in ("Now", "2 hours", "Once"):
            await club.press(OWNER, label, SPACE)
        await club.say(ADMIN, "/event list", SPACE, platform_admin=True)
        show = club.button(ADMIN, "Show: Tasting")
        assert "moderator" in await club.press(ADMIN, "", token=show)
        assert "Tasting" in await club.press(ADMIN, "", token=show, platform_admin=True)
        # What is said in private is about no group that they could be an admin of.
        assert "moderator" in await club.say(ADMIN, "/event list", platform_admin=True)
        press = pressed(club, ADMIN, show)
        assert await club.app.asked_in(press) == SPACE.space_id
        assert await club.app.asked_in(replace(press, token="x")) is None
        assert await club.app.asked_in(replace(press, place=Place("telegram", "1"))) is None
        deaf = build_app(club.database, config())
        assert await deaf.asked_in(press) is None
        await club.database.write(lambda tx: tx.spaces.retire(1))
        assert await club.app.asked_in(press) is None
        assert "moderator" in await club.press(ADMIN, "", token=show, platform_admin=True)


async def test_one_who_left_has_no_rights_until_they_come_back(club: Club) -> None:
    await club.say(MODERATOR, "/leave")
    await club.press(MODERATOR, "Yes, leave")
    assert await templates(club, MODERATOR, "/bonus @bartek 5 x", None) == {"join_first"}


async def test_help_lists_what_the_one_who_asks_may_do(club: Club) -> None:
    assert "/bonus" not in await club.say(MEMBER, "/help")
    assert "/bonus" in await club.say(MODERATOR, "/help")
    assert "/purchase" not in await club.say(MODERATOR, "/help")
    assert "/balance" not in await club.say(STRANGER, "/help")
    everything = await club.say(OWNER, "/help")
    # Gifts are off, until an owner switches them on; nor is there any action, tier or cause.
    assert all(f"/{name} " in everything for name in MAY.keys() - {"gift", "action", "tier", "donate"})


async def test_help_explains_one_command_with_an_example(club: Club) -> None:
    said = await club.say(MEMBER, "/help /Purchase")
    assert "/purchase @ania 49.90 R-1024" in said
    assert "(optional)" in said
    assert "\nFor cashiers.\n" in said
    assert "For cashiers" not in await club.say(CASHIER, "/help purchase")
    assert "\nFor members.\n" in await club.say(STRANGER, "/help balance")
    assert await club.say(MEMBER, "/help nonsense") == "I do not know /nonsense. /help lists what I know."


# Buttons --------------------------------------------------------------------------------------------------------------


async def test_another_persons_button_is_refused_and_stays_usable(club: Club) -> None:
    await club.say("ania", "/leave")
    assert await club.press("bartek", "Yes, leave", of="ania") == "This button is for someone else."
    assert (await member(club, "bartek")).is_active
    assert "You have left" in await club.press("ania", "Yes, leave")


async def test_a_strangers_offer_to_join_is_theirs_alone(club: Club) -> None:
    await club.say("zosia", "/start")
    assert await club.press("zenek", "Accept and join", of="zosia") == "This button is for someone else."
    await club.press("zosia", "Accept and join")


async def test_a_button_for_everybody_shows_everybody_their_own(club: Club) -> None:
    await club.chat("ania")
    await club.say("ania", "/leaderboard", SPACE)
    token = club.button("ania", "My place")
    assert "place 1" in await club.press("ania", "", SPACE, token=token)
    assert "no status" in await club.press("bartek", "", SPACE, token=token)
    assert "That is for members" in await club.press("zosia", "", SPACE, token=token)


async def test_a_button_lives_ninety_days(club: Club) -> None:
    await club.say("ania", "/language")
    polish = club.button("ania", "Polski")
    club.clock.now = club.clock.now.replace(month=6, day=13)
    assert "po polsku" in await club.press("ania", "", token=polish)
    club.clock.now = club.clock.now.replace(month=6, day=15)
    assert "za stary" in await club.press("ania", "", token=polish)


async def test_a_right_lost_after_the_question_is_missed_at_the_answer(club: Club) -> None:
    await club.say(CASHIER, "/purchase @ania 10")
    await club.say(CASHIER, "/purchase @ania 10")
    await club.say(OWNER, "/role @kasia none")
    assert "Only a cashier can do that" in await club.press(CASHIER, "Yes, a second purchase")
    assert await count(club, "purchase") == 1


async def test_a_refused_press_does_not_use_the_button_up(club: Club) -> None:
    await club.say(CASHIER, "/purchase @ania 10")
    await club.say(CASHIER, "/purchase @ania 10")
    await club.say(OWNER, "/role @kasia none")
    yes = club.button(CASHIER, "Yes, a second purchase")
    await club.press(CASHIER, "", token=yes)
    await club.say(OWNER, "/role @kasia cashier")
    assert "+10 points" in await club.press(CASHIER, "", token=yes)


async def test_twenty_presses_at_once_act_once(empty_club: Club) -> None:
    import asyncio

    club = empty_club
    await club.join(OWNER, "ania")
    await club.say(OWNER, "/purchase @ania 10")
    await club.say(OWNER, "/purchase @ania 10")
    token = club.button(OWNER, "Yes, a second purchase")
    await asyncio.gather(*[club.press(OWNER, "", token=token) for _ in range(20)])
    assert (await balances(club, "ania")).pending == 20


async def test_a_replayed_press_gets_its_first_answer(club: Club) -> None:
    await club.say("ania", "/leave")
    token = club.button("ania", "Yes, leave")
    first = await club.press("ania", "", token=token, event_id="c1")
    assert await club.press("ania", "", token=token, event_id="c1") == first
