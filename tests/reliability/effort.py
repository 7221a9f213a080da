"""How much a proof is repeated: a little in every run of the tests, as much as was promised in `make reliability`."""

import os

VARIABLE = "LONG_PROOFS"
IS_LONG = bool(os.environ.get(VARIABLE))


def rounds(short: int, long: int) -> int:
    """Return how often to repeat something."""
    return long if IS_LONG else short
