"""The characters of one-time codes: what is right, and that no slip of the finger makes another right one."""

import itertools

import pytest

from bot.purchases.one_time_codes import ALPHABET, LENGTH, CodeMalformed, format_code, new_code, parse_code


def test_a_code_is_read_as_it_is_shown_however_it_is_typed() -> None:
    for code in {new_code() for _ in range(50)}:
        shown = format_code(code)
        assert (len(shown), shown.count("-")) == (LENGTH + 2, 2)
        misread = shown.replace("5", "S").replace("V", "u")
        for typed in (shown, code.lower(), shown.replace("-", " "), f"  {shown.replace('-', '–')}\n", misread):
            assert parse_code(typed) == code


def test_every_wrong_character_and_every_swap_is_noticed() -> None:
    code = new_code()
    wrong = {code[:at] + sign + code[at + 1 :] for at in range(LENGTH) for sign in ALPHABET} - {code}
    for a, b in itertools.combinations(range(LENGTH), 2):
        swapped = list(code)
        swapped[a], swapped[b] = code[b], code[a]
        wrong.add("".join(swapped))
    for text in wrong - {code} | {"", "-", code[:-1], code + "2", code[:-1] + "0", code[:-1] + "Ż"}:
        with pytest.raises(CodeMalformed):
            parse_code(text)
