"""Reactions end the same whatever the order in which their changes are heard."""

import random
from collections.abc import Callable
from itertools import permutations

import pytest

from bot.earning.reactions import Reactions

Change = Callable[[Reactions], Reactions]


def changed(at: int, added: str = "", removed: str = "") -> Change:
    return lambda before: before.changed((100, at), added, removed)


def replaced(at: int, emojis: str = "") -> Change:
    return lambda before: before.replaced((100, at), frozenset(emojis))


@pytest.mark.parametrize(
    ("changes", "standing"),
    [
        ([changed(1, "a"), changed(2, removed="a")], ""),
        ([changed(1, "a"), changed(2, "b"), changed(3, removed="a"), changed(4, "a"), changed(5, removed="b")], "a"),
        ([changed(1, "a"), changed(2, "b", "a"), changed(3, "c", "b"), changed(4, removed="c")], ""),
        ([replaced(1, "a"), replaced(2), replaced(3, "b"), replaced(4, "ab"), replaced(5, "a")], "a"),
        ([changed(1, "ab"), replaced(2), changed(3, "b"), changed(4, removed="a"), replaced(5, "c")], "c"),
        ([changed(1, "ab"), replaced(2), changed(3, "b"), changed(4, removed="a"), changed(5, "c")], "bc"),
    ],
)
def test_every_order_and_repetition_ends_the_same(changes: list[Change], standing: str) -> None:
    rng = random.Random(len(changes))
    ends = set()
    for order in permutations(changes):
        state = Reactions()
        for change in [*order, *rng.choices(order, k=3)]:
            state = change(state)
        ends.add((state.emojis, frozenset(state.newest)))
    assert {emojis for emojis, _ in ends} == {frozenset(standing)}
    assert len(ends) == 1


def test_what_the_platform_cannot_tell_apart_counts_as_it_is_heard() -> None:
    nothing = Reactions()
    assert nothing.changed((0, 0), "a", "").changed((0, 0), "", "a").emojis == frozenset()
    assert nothing.changed((0, 0), "", "a").changed((0, 0), "a", "").emojis == {"a"}
    assert nothing.changed((0, 0), "a", "a").emojis == {"a"}
    assert nothing.replaced((0, 0), frozenset("a")).replaced((0, 0), frozenset("b")).emojis == {"b"}


def test_a_whole_account_mends_what_was_never_heard() -> None:
    assert Reactions().changed((1, 0), "a", "").replaced((3, 0), frozenset("b")).emojis == {"b"}
