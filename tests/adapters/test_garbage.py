"""The garbage collector is set for a process that serves, and set back."""

import gc
from collections.abc import Iterator

import pytest

from adapters.garbage import settled


@pytest.fixture
def frozen() -> Iterator[None]:
    """As all tests are: what was loaded before them is spared."""
    assert gc.get_freeze_count() > 0
    yield
    gc.freeze()


def test_what_lives_is_spared_while_it_serves(frozen: None) -> None:
    gc.unfreeze()
    before = gc.get_threshold()
    with settled():
        assert gc.get_freeze_count() > 0
        assert gc.get_threshold() > before
    assert (gc.get_freeze_count(), gc.get_threshold()) == (0, before)


def test_what_was_spared_before_stays_spared(frozen: None) -> None:
    spared = gc.get_freeze_count()
    with settled():
        pass
    assert gc.get_freeze_count() >= spared
