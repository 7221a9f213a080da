"""Keeping in step: the role or tag of a member's tier, in every space that they are in."""

from bot.tiers import Ladder, Tier
from storage.transaction import Transaction


def keep_in_step(
    member_id: int, tier: Tier | None, ladder: Ladder, tx: Transaction, *, retries: bool = False, again: bool = False
) -> None:
    """Let a member be marked as who holds a tier, or none, is: queued where that is news.

    With `retries` also where it has not come about, with `again` everywhere, whatever the platform shows there. What
    was given when tiers still had marks is taken back by the daily job, which `retries`.
    """
    if not ladder.marks and not retries:
        return
    for place in tx.marks.places(member_id):
        mark = tier.mark_in(place.space, place.language) if tier is not None and place.is_present else None
        wanted = () if mark is None else (mark,)
        is_news = wanted != (place.wanted or ())
        if is_news or (place.wanted is not None and (again or (retries and place.given != wanted))):
            tx.marks.want(place, wanted, ladder.marks_in(place.space, place.language))
