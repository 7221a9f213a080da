"""Instants as integer microseconds since 1970-01-01 UTC and back."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(instant: datetime) -> int:
    """Return an aware instant as whole microseconds."""
    return (instant - _EPOCH) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """Return the aware UTC instant."""
    return _EPOCH + timedelta(microseconds=microseconds)


def maybe_from_us(microseconds: int | None) -> datetime | None:
    """Return the aware UTC instant, None for None."""
    return None if microseconds is None else from_us(microseconds)


def maybe_to_us(instant: datetime | None) -> int | None:
    """Return an aware instant as whole microseconds, None for None."""
    return None if instant is None else to_us(instant)
