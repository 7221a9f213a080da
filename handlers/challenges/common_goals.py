"""Goals that all reach together: one message in the group, pinned, shows how far they are; and the cause they are for.

It is edited as that changes, and pinned no more when the goal is over.
"""

from collections.abc import Iterable
from typing import Final

from bot.ledger import EntryDraft, Reason, Unit
from bot.members import Space
from bot.replies import Post, ToSpace
from handlers.challenges.standing import page_of
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
    changed = []
    for space in _spaces_of(of, tx):
        changed.append(tx.repost(Post(ToSpace(space.id), "challenge_together", _key(of, space), fields)))
        tx.pins.add(_key(of, space), (space.platform, space.id))
    return all(changed)


def donate(of: Round, tx: Transaction) -> None:
    """Give the cause of a round what was promised, once.

    It goes from the programme to the cause, past all wallets; the entry is kept with one of those who took part.
    """
    page, _ = page_of(of, 0, 1, tx, LEAST)
    first = tx.members.by_ids(page)[min(page)]
    tx.ledger.post(
        EntryDraft(
            unit=Unit.POINTS,
            points=of.terms.donation,
            reason=Reason.CHALLENGE,
            source=f"challenge:{of.id}:cause",
            holder_id=first.holder_id,
            member_id=first.id,
            from_programme=f"issued:challenge:{of.challenge}",
            to_programme=f"cause:{of.terms.cause}",
            occurred_at=tx.now,
            rule_version=of.terms.rule_version,
        )
    )


def unpin(of: Round, tx: Transaction) -> None:
    """Let the messages of a round that is over be pinned no more."""
    for space in _spaces_of(of, tx):
        tx.pins.take_off(_key(of, space))


def _spaces_of(of: Round, tx: Transaction) -> Iterable[Space]:
    return [space for space in tx.spaces.active() if of.terms.measure.space_id in (None, space.id)]


def _key(of: Round, space: Space) -> str:
    return f"challenge_together:{of.id}:{space.id}"
