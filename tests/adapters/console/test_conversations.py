"""Conversations through a pipe, over the real app."""

from pathlib import Path

from adapters.console.club import PEOPLE
from adapters.console.guide import BANNER
from storage.verify import verify
from tests.adapters.console.conftest import Talk
from tests.adapters.console.room import transcript
from tests.platforms.pictures import png


async def test_the_examples_of_the_banner_work(talk: Talk) -> None:
    examples = [line.strip() for line in BANNER if line.startswith("  ")]
    written = await talk(*examples)
    assert len(examples) == 3
    assert written[0] == "bot -> ania: Ania"
    assert all(line.startswith("  ") for line in written[1:5])
    assert any(line.startswith("bot -> kasia: Purchase") for line in written)
    assert any(line.startswith("bot -> ania: Thank you for your purchase") for line in written)
    assert not any(line.startswith("!") for line in written)


async def test_who_speaks_is_said_once(talk: Talk) -> None:
    written = await talk("/balance", "nowy: /start", "[1]", "/balance", "bartek: /balance", "/zone")
    assert written[0].startswith("! say who speaks")
    assert "bot -> nowy: Nowy" in "\n".join(written)
    assert [line for line in written if line.startswith("bot -> ")][-1].startswith("bot -> bartek: ")


async def test_a_club_with_a_past_is_there_from_the_start(talk: Talk) -> None:
    written = "\n".join(await talk("ania: /history", "bartek: /history", "ania: /challenges"))
    for part in (
        "purchase, +38 points",
        "challenge, +15 points",
        "for carrying the chairs, +30 points",
        "reaction",
        "0/3",
    ):
        assert part in written


async def test_actions_causes_gifts_and_codes_can_be_tried(talk: Talk) -> None:
    written = "\n".join(
        await talk(
            *("kasia: /action @bartek cup", "bartek: /donate tree 20", "bartek: [1]", "bartek: /gift @ania 5"),
            *("bartek: [1]", "ania: /claim CAFE-BAKE-AAAH", "ania: /claim kawa-kawa-aaa7", "ania: /claim KAWAKAWAAAA7"),
            "kasia: /help",
        )
    )
    for part in (
        "Your own cup brought along: +2 points",
        "A tree for the park",
        "Bartek gave you 5 points",
        "purchase of PLN\N{NO-BREAK SPACE}18.00",
        "Ten coffees and one free",
        "You have claimed this code already",
        *("/action ", "/donate ", "/gift ", "/claim "),
    ):
        assert part in written, (part, written)


async def test_someone_new_joins_by_a_button(talk: Talk) -> None:
    written = await talk("nowy: /balance", "!who", "nowy: /start", "nowy: [1]", "!who")
    assert "  [1] Accept and join" in written
    listed = [line.split() for line in written if line.partition(" ")[0] in PEOPLE]
    assert ["nowy", "has", "not", "joined"] in listed
    assert ["nowy", "member"] in listed
    assert ["marta", "moderator"] in listed
    assert ["kasia", "cashier"] in listed
    assert ["olek", "owner"] in listed


async def test_a_button_that_opens_a_chat_goes_on_in_private(talk: Talk) -> None:
    written = await talk("!skip 8d", "nowy#klub: Is anybody here?", "nowy#klub: [1]", "nowy: [1]")
    invitation = written.index("  [1] Join")
    assert written[invitation - 1].startswith("bot -> #klub:")
    assert written[invitation + 1].startswith("bot -> nowy: Welcome")
    assert any(line.startswith("bot -> nowy: You are in") for line in written)


async def test_a_private_answer_to_a_word_in_the_group_is_shown_as_private(talk: Talk) -> None:
    written = await talk("ania#klub: /balance", "marta#klub: /bonus @ania 5 for the cake")
    assert written[0] == "bot -> ania: Ania"
    assert "bot -> #klub: Ania gets 5 points from Marta: for the cake" in written
    assert "bot -> ania: Marta gave you 5 points: for the cake" in written


async def test_a_question_in_the_group_takes_a_typed_answer(talk: Talk) -> None:
    presses = [f"olek#klub: [{number}]" for number in (1, 1, 1, 9)]
    written = await talk("olek#klub: /setup", *presses, "olek#klub: nine", "olek#klub: 9:30", "olek#klub: [1]")
    assert "  Leaderboard: Monday, 09:30" in written
    assert any("every Monday at 09:30" in line for line in written)


async def test_chat_that_answers_no_question_is_left_alone(talk: Talk) -> None:
    assert await talk("olek#klub: 9:30", "ania#klub: Good morning, everybody!") == []
    assert await talk("ania: Good morning!") == ["bot -> ania: I understand commands. /help lists them."]


async def test_a_reaction_counts_for_whoever_wrote_last_and_can_be_taken_back(talk: Talk) -> None:
    given = ["bartek#klub: Good morning, everybody!", "ania#klub: Good morning, Bartek", "ania#klub: +👍"]
    written = await talk(*given, "bartek: /history", "ania#klub: -👍", "bartek: /history", "ania#klub: -👍")
    histories = "\n".join(written).split("bot -> bartek:")
    assert "reaction to your message, +1 status" in histories[1]
    assert "-1 status" not in histories[1]
    assert "-1 status" in histories[2].replace("−", "-")
    assert written[-1] == "! ania has not reacted with 👍 in #klub"


async def test_a_photo_takes_part_in_a_contest_of_photos(talk: Talk) -> None:
    made = ["/challenge new", "[14]", "[1]", "[1]", "[1]", "[1]", "Best cup", "[1]", "Najlepszy kubek", "[1]"]
    posted = ["bartek#klub: What a nice cup", "ania#klub: [photo] my cup", "bartek#klub: +❤", "celina#klub: [photo]"]
    written = await talk(*(f"marta#klub: {line}" for line in made), *posted, "marta: /challenge disqualify")
    assert any("Post a photo here; your first one takes part." in line for line in written)
    assert written[-4:-1] == [
        "bot -> marta: Best cup",
        "  1. Ania, 16 Mar, 08:00: 1 reaction",
        "  2. Celina, 16 Mar, 08:00: 0 reactions",
    ]


async def test_mistakes_are_told_in_one_line_and_end_nothing(talk: Talk) -> None:
    mistakes = [
        "zosia: hello",
        "ania#pub: hello",
        "ania: [7]",
        "ania#klub: [1]",
        "ania#klub: +👍",
        "!jump",
        "!at 2026-03-15 08:00",
        "!at 2036-03-15 08:00",
        "what now?",
    ]
    written = await talk(*mistakes, "ania: /card")
    refusals, answer = written[: len(mistakes)], written[len(mistakes)]
    assert all(line.startswith("! ") for line in refusals)
    assert all(name in refusals[0] for name in PEOPLE)
    assert "#klub" in refusals[1]
    assert "only goes forward" in refusals[6]
    assert refusals[7] == "! at most 366d at once: !skip 366d, then the rest"
    assert answer == "bot -> ania: Ania"


async def test_a_message_that_is_edited_says_so(talk: Talk) -> None:
    publish = ("marta: /challenge", "marta: [2]", "marta: [6]", "marta: [1]")
    written = await talk(*publish, "kasia: /purchase @ania 20 R1", "!skip 2m")
    goals = [
        number for number, line in enumerate(written) if line == "bot -> #klub: All together: Fifty purchases together"
    ]
    assert len(goals) == 2
    assert "  [edited]" not in written[: goals[1]]
    assert written[goals[1] + 1].endswith(" 1/50 purchases")
    assert written[goals[1] + 3] == "  [edited]"


async def test_a_number_without_a_button_names_the_numbers_there_are(talk: Talk) -> None:
    written = await talk("nowy: /start", "nowy: [2]", "nowy: [0]")
    assert written[-2:] == ["! the last message to nowy has the buttons 1 to 1"] * 2


async def test_pressed_in_the_group_a_private_button_is_pointed_to(talk: Talk) -> None:
    written = await talk("nowy: /start", "nowy#klub: [1]")
    assert written[-1] == '! no message to #klub has buttons; the last one to nowy has: "nowy: [1]"'


async def test_quit_ends_the_session_before_the_input_does(talk: Talk) -> None:
    assert await talk("!quit", "ania: /balance") == []


async def test_everybody_can_be_made_to_speak_polish(talk: Talk) -> None:
    written = await talk("!language pl", "ania: /balance", "nowy: /start")
    assert written[0].startswith("Everybody speaks Polish")
    assert "  Punkty: 35 punktów" in written
    assert "bot -> nowy: Witaj w programie Bywalec!" in written


async def test_a_polish_club_speaks_polish_in_the_group_too(tmp_path: Path) -> None:
    written = await transcript(tmp_path / "demo.db", ["!skip 2h", "bartek: /balance"], language="pl")
    assert any(line.startswith("bot -> #klub: Ranking") for line in written)
    assert "  Punkty: 65 punktów" in written


async def test_a_second_session_goes_on_with_the_same_club(tmp_path: Path) -> None:
    path = tmp_path / "demo.db"
    before = await transcript(path, ["ania#klub: One more message from me", "ania: /card", "ania: /balance"])
    after = await transcript(path, ["ania: /card", "ania: /balance"])
    begun, gone_on = (
        [line for line in written[len(BANNER) :] if "[picture: " not in line] for written in (before, after)
    )
    assert gone_on == begun
    assert verify(path).is_clean


async def test_a_button_that_copies_is_left_out(talk: Talk) -> None:
    shown, number, picture, refused = await talk("ania: /card", "ania: [1]")
    assert picture.startswith("  [picture: ")
    assert shown == "bot -> ania: Ania"
    assert number.startswith("  Card number")
    assert refused.startswith("! no message to ania has buttons")


async def test_a_card_is_a_picture_whose_number_is_scanned_at_the_till(tmp_path: Path) -> None:
    club = tmp_path / "club.db"
    _, told, line, *_ = (await transcript(club, ["ania: /card"]))[len(BANNER) :]
    assert _is_png(line.removeprefix("  [picture: ").removesuffix("]"))
    card = told.split("number: ")[1]
    scan = f"/start card_{card.replace(' ', '')}"
    lines = [f"ania: {scan}", f"kasia: {scan}", "kasia: [1]", "kasia: [7]", "kasia: [13]"]
    refused, *written = (await transcript(club, lines))[len(BANNER) :]
    assert refused.startswith("bot -> ania: This code is for the till")
    assert written[:2] == [f"bot -> kasia: Ania, card {card}. What is it today?", "  [1] Purchase"]
    assert any(line.startswith("bot -> kasia: Purchase #") and "+7 points" in line for line in written)


async def test_a_picture_is_sent_as_a_file_of_this_machine(tmp_path: Path) -> None:
    club, mug, note = tmp_path / "club.db", tmp_path / "mug.png", tmp_path / "note.txt"
    mug.write_bytes(png(300, 300))
    note.write_text("no picture")
    edit = ["marta: /reward edit coffee", "marta: [3]"]
    lines = [*edit, f"marta: [photo: {note}]", f"marta: [photo: {tmp_path}]", f"marta: [photo: {mug}]"]
    written = (await transcript(club, lines))[len(BANNER) :]
    assert any("Send me a photo of it" in line for line in written)
    assert any("no picture I can show" in line for line in written)
    assert any("I could not fetch that picture" in line for line in written)
    (shown,) = [line for line in written if "[picture: " in line]
    assert _is_png(shown.removeprefix("  [picture: ").removesuffix("]"))
    lines = ["marta: [photo: ~nobody/x.png]", f"ania: [photo: {mug}]", f"ania#klub: [photo: {mug}]"]
    lines = [f"marta: [photo: {tmp_path / 'gone.png'}]", *lines, "nobody: [photo: x]"]
    missing, *rest = (await transcript(club, lines))[len(BANNER) :]
    assert missing.startswith("! there is no file ")
    assert [line[:18] for line in rest] == ["! there is no file", "! nobody here is c"]


def _is_png(path: str) -> bool:
    return Path(path).read_bytes().startswith(b"\x89PNG")
