"""Keeping in step: the role or tag of a member's tier, in every space that they are in."""

from collections.abc import Sequence

from bot.rewards.rewards import Access
from bot.tiers.tiers import Ladder, Tier
from storage.spaces.marks import MarkedPlace
from storage.transaction import Transaction


def keep_in_step(
    member_id: int,
    tier: Tier | None,
    accesses: Sequence[Access],
    ladder: Ladder,
    tx: Transaction,
    *,
    retries: bool = False,
    again: bool = False,
) -> None:
    """Let a member be marked as who holds a tier, or none, and has these accesses is: queued where that is news.

    With `retries` also where it has not come about, with `again` everywhere, whatever the platform shows there. What
    was given when tiers still had marks is taken back by the daily job, which `retries`.
    """
    if not ladder.marks and not accesses and not retries:
        return
    for place in tx.marks.places(member_id):
        wanted = _wanted(place, tier, accesses) if place.is_present else ()
        is_news = wanted != (place.wanted or ())
        if is_news or (place.wanted is not None and (again or (retries and place.given != wanted))):
            tx.marks.want(place, wanted, ladder.marks_in(place.space, place.language))


def _wanted(place: MarkedPlace, tier: Tier | None, accesses: Sequence[Access]) -> tuple[str, ...]:
    """Return the role or tag of the tier, and the roles that rewards gave."""
    mark = None if tier is None else tier.mark_in(place.space, place.language)
    roles = {role for access in accesses if (role := access.role_in(place.space)) is not None}
    return (() if mark is None else (mark,)) + tuple(sorted(roles - {mark}))
