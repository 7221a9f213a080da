"""Whatever a reply may carry survives being stored."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot import codec
from bot.boards.leaderboards import Board, Row
from bot.events import Identity
from bot.ledger.ledger import HistoryLine, Reason
from bot.purchases.money import Money
from bot.replies import Audience, Button, ButtonStyle, MemberName, Reply, Visibility

TEXT = st.text(max_size=20)
IDENTITIES = st.builds(Identity, TEXT, TEXT)
MEMBER_NAMES = st.builds(MemberName, TEXT, st.lists(IDENTITIES, max_size=2).map(tuple))
WHOLE = st.integers(-(10**15), 10**15)
INSTANTS = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))
ROWS = st.builds(Row, WHOLE, WHOLE, MEMBER_NAMES, WHOLE, st.none() | WHOLE)
SINGLE = st.one_of(
    st.none(), st.booleans(), WHOLE, TEXT, INSTANTS, st.dates(), IDENTITIES, MEMBER_NAMES, ROWS,
    st.builds(Money, st.integers(-(10**12), 10**12), st.sampled_from(("PLN", "EUR", "JPY"))),
    st.builds(Board, TEXT, st.lists(ROWS, max_size=3).map(tuple), WHOLE),
    st.builds(HistoryLine, WHOLE, st.sampled_from(Reason), INSTANTS, WHOLE, WHOLE, note=st.none() | TEXT),
)  # fmt: skip
KEYS = TEXT.filter(lambda key: key != "$")
VALUES = st.recursive(
    SINGLE,
    lambda inner: st.lists(inner, max_size=3).map(tuple) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
FIELDS = st.dictionaries(st.sampled_from(("name", "reason", "style", "audience", "visibility", "points")), VALUES)
BUTTONS = st.builds(
    Button, TEXT, TEXT, FIELDS, FIELDS, st.sampled_from(Audience), st.booleans(), st.sampled_from(ButtonStyle),
    st.none() | TEXT, st.none() | TEXT, TEXT,
)  # fmt: skip
REPLIES = st.builds(
    Reply, TEXT, FIELDS, st.lists(st.lists(BUTTONS, max_size=2).map(tuple), max_size=2).map(tuple),
    st.none() | st.sampled_from(Visibility), st.booleans(), st.booleans(), st.booleans(), TEXT,
)  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(REPLIES)
def test_a_reply_comes_back_as_it_was(reply: Reply) -> None:
    assert codec.load(codec.dump(reply)) == reply


@settings(max_examples=25, deadline=None)
@given(st.lists(REPLIES, max_size=2))
def test_several_replies_come_back_in_order(replies: list[Reply]) -> None:
    assert list(codec.load(codec.dump(replies))) == replies


@given(VALUES)
def test_a_value_comes_back_as_it_was(value: Any) -> None:
    assert codec.load(codec.dump(value)) == value


def test_kinds_come_back_as_kinds() -> None:
    button = Button("x", audience=Audience.ANYONE, style=ButtonStyle.DANGER)
    loaded = codec.load(codec.dump(Reply("x", buttons=((button,),), visibility=Visibility.PUBLIC)))
    assert isinstance(loaded.visibility, Visibility)
    assert isinstance(loaded.buttons[0][0].audience, Audience)
    assert isinstance(codec.load(codec.dump(HistoryLine(1, Reason.BONUS, datetime.now(UTC)))).reason, Reason)


def test_a_field_that_is_called_like_a_kind_stays_text() -> None:
    assert codec.load(codec.dump(Reply("x", {"reason": "zero", "style": "loud"}))).fields == {
        "reason": "zero", "style": "loud",
    }  # fmt: skip


@pytest.mark.parametrize("value", [1.5, {1, 2}, object(), b"x", date, {"deep": [1.0]}])
def test_what_no_reply_may_carry_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        codec.dump(value)
