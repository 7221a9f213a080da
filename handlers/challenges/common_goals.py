"""Goals that all reach together: one message in the group, pinned, shows how far they are; and the cause they are for.

It is edited as that changes, and pinned no more when the goal is over.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from bot.challenges.reminders import stage
from bot.ledger.ledger import EntryDraft, Reason, Unit
from bot.members.members import Member, Space
from bot.replies import Post, ToSpace
from handlers.challenges.audience import entitled_of
from handlers.challenges.paying import giver_of
from handlers.challenges.standing import page_of
from storage.challenges.rounds import Round
from storage.transaction import Transaction

LEAST: Final = 1
"""What a member must have done to have taken part."""
NOBODY: Final = 10**18
"""More than anybody ever does: the goal was not reached, nobody is paid."""

_AT_ONCE: Final = 1000


def common_amount(of: Round, tx: Transaction) -> int:
    """Return how far all are together."""
    return max(0, total(of, tx)[0])


def total(of: Round, tx: Transaction) -> tuple[int, int]:
    """Return how far all whom a round is for are together, and how many of them took part."""
    if of.terms.counts_of_others or of.terms.is_contended:
        amounts = [amount for _, amount in _taking_part(of, -NOBODY, tx)]
        return sum(amounts), len(amounts)
    amount, members = tx.challenge_marks.total(of)
    maker_id = of.terms.maker_id
    of_maker = {} if maker_id is None else tx.challenge_marks.amounts(of, [maker_id])
    return amount - sum(of_maker.values()), members - len(of_maker)


def _taking_part(of: Round, least: int, tx: Transaction) -> Iterator[tuple[Member, int]]:
    """Yield those whom a round is for, of those who did at least so much, with how much it is."""
    up_to: int | None = 0
    while up_to is not None:
        found, up_to = page_of(of, up_to, _AT_ONCE, tx, least)
        for member_id, member in sorted(entitled_of(of, found, tx).items()):
            yield member, found[member_id].reached


def show_progress(of: Round, tx: Transaction, *, is_over: bool = False) -> bool:
    """Let the message in the space of a round, or in all of them, say how far all are, or how it ended.

    Return False where one of them is being sent this moment, and has to be changed later.
    """
    amount, members = total(of, tx)
    is_done = amount >= of.terms.goal
    fields = {
        "terms": of.terms.shown(),
        "amount": max(0, amount),
        "amount_money": of.terms.shown_amount(max(0, amount)) if of.terms.currency else None,
        "members": members,
        # One that was reached says nothing new in the end, nor on the way there.
        "is_done": is_done,
        "is_missed": is_over and not is_done,
        "closes_at": of.closes_at,
        "stage": None if is_over or is_done else stage(of.opens_at, of.closes_at, tx.now, tx.zone),
    }
    changed = []
    for space in spaces_of(of, tx):
        changed.append(tx.repost(Post(ToSpace(space.id), "challenge_together", _key(of, space), fields)))
        tx.pins.add(_key(of, space), (space.platform, space.id))
    return all(changed)


def donate(of: Round, tx: Transaction) -> None:
    """Give the cause of a round what was promised, once.

    It goes from the programme to the cause, past all wallets; the entry is kept with one of those who took part, who
    may all have left the group by now.
    """
    first = _any_who_took_part(of, tx)
    tx.ledger.post(
        EntryDraft(
            unit=Unit.POINTS,
            points=of.terms.donation,
            reason=Reason.CHALLENGE,
            source=f"challenge:{of.id}:cause",
            holder_id=first.holder_id,
            member_id=first.id,
            actor_id=giver_of(of, tx),
            from_programme=f"issued:challenge:{of.challenge}",
            to_programme=f"cause:{of.terms.cause}",
            occurred_at=tx.now,
            rule_version=of.terms.rule_version,
        )
    )


def _any_who_took_part(of: Round, tx: Transaction) -> Member:
    for member, _ in _taking_part(of, LEAST, tx):
        return member
    found, _ = page_of(of, 0, 1, tx, LEAST)
    return tx.members.by_ids(found)[min(found)]


def unpin(of: Round, tx: Transaction) -> None:
    """Let the messages of a round that is over be pinned no more."""
    for space in spaces_of(of, tx):
        tx.pins.take_off(_key(of, space))


def spaces_of(of: Round, tx: Transaction) -> Iterable[Space]:
    """Return the groups that a round is about."""
    return [space for space in tx.spaces.active() if of.terms.measure.space_id in (None, space.id)]


def _key(of: Round, space: Space) -> str:
    return f"challenge_together:{of.id}:{space.id}"
