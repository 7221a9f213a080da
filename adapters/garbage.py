"""Python's garbage collector, set for a process that serves: what was loaded at the start is never looked through."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

# A batch of updates makes thousands of objects that all go with it: a look in the middle of it finds no garbage.
_THRESHOLDS = 20_000, 20, 50


@contextmanager
def settled() -> Iterator[None]:
    """Spare what lives already, and look seldom for what goes in circles; after it all is as before.

    Where something was spared before, what lives now stays spared, too: the two cannot be told apart.
    """
    before, was_spared = gc.get_threshold(), gc.get_freeze_count() > 0
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        if not was_spared:
            gc.unfreeze()
