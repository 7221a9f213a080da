"""Goals that all reach together: one message in the group shows how far they are, and is edited as that changes."""

from typing import Final

from bot.replies import Post, ToSpace
from storage.rounds import Round
from storage.transaction import Transaction

LEAST: Final = 1
"""What a member must have done to have taken part."""
NOBODY: Final = 10**18
"""More than anybody ever does: the goal was not reached, nobody is paid."""


def common_amount(of: Round, tx: Transaction) -> int:
    """Return how far all members together are."""
    return max(0, tx.challenge_marks.total(of)[0])


def show_progress(of: Round, tx: Transaction) -> bool:
    """Let the message in the space of a round, or in all of them, say how far all are.

    Return False where one of them is being sent this moment, and has to be changed later.
    """
    amount, members = tx.challenge_marks.total(of)
    fields = {
        "terms": of.terms.shown(),
        "amount": max(0, amount),
        "amount_money": of.terms.shown_amount(max(0, amount)) if of.terms.currency else None,
        "members": members,
        "is_done": amount >= of.terms.goal,
        "closes_at": of.closes_at,
    }
    posts = [
        Post(ToSpace(space.id), "challenge_together", f"challenge_together:{of.id}:{space.id}", fields)
        for space in tx.spaces.active()
        if of.terms.measure.space_id in (None, space.id)
    ]
    changed = [tx.repost(post) for post in posts]
    return all(changed)
