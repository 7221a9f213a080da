"""One conversation, run unchanged on every platform."""
