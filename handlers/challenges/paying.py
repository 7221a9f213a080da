"""Paying rounds: many members in one transaction, each once, and each is told."""

from collections.abc import Iterable, Mapping
from typing import Any

from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.members.members import Member
from bot.replies import Sending
from handlers.challenges.audience import entitled_of
from handlers.challenges.standing import standings
from storage.challenges.rounds import CLOSED, Round
from storage.transaction import Transaction


def pay(finished: Round, members: Mapping[int, Member], tx: Transaction) -> set[int]:
    """Give members the reward of a round, once, and tell them; return who had not been given it before."""
    terms = finished.terms
    amounts = [(unit, amount) for unit, amount in ((Unit.POINTS, terms.points), (Unit.STATUS, terms.status)) if amount]
    sources = {source_of(finished, member_id): member_id for member_id in members}
    unpaid = {sources[source] for source in tx.ledger.unknown(sources)}
    programme = f"issued:challenge:{finished.challenge}"
    giver_id = giver_of(finished, tx)
    tx.ledger.post_new(
        [
            EntryDraft(
                unit=unit,
                points=amount,
                reason=Reason.CHALLENGE,
                source=source_of(finished, member_id),
                leg=0 if unit is Unit.POINTS else 1,
                holder_id=member.holder_id,
                member_id=member_id,
                actor_id=giver_id,
                from_programme=programme,
                to_account=wallet(member.holder_id),
                occurred_at=tx.now,
                rule_version=terms.rule_version,
            )
            for member_id, member in members.items()
            if member_id in unpaid
            for unit, amount in amounts
        ]
    )
    tell({one: members[one] for one in members if one in unpaid}, "challenge_paid", finished, {}, tx)
    return unpaid


def giver_of(of: Round, tx: Transaction) -> int | None:
    """Return the holder who made a round in chat, None for one of the config."""
    maker = None if of.terms.maker_id is None else tx.members.by_id(of.terms.maker_id)
    return None if maker is None else maker.holder_id


def source_of(finished: Round, member_id: int) -> str:
    """Return the source of the entries that pay a member for a round."""
    return f"challenge:{finished.id}:{member_id}"


def tell(
    members: Mapping[int, Member], template: str, of: Round, fields: Mapping[str, Any], tx: Transaction, key: str = ""
) -> None:
    """Tell members the same of a round in private, each once for every key."""
    said = {"terms": of.terms.shown(), **fields}
    tx.post_to_each(members.values(), template, f"{template}:{of.id}:{key}", said, Sending.AT_MOST_ONCE)


def pay_late(finished: Round, member_ids: Iterable[int], tx: Transaction) -> None:
    """Pay those of the members who reached the goal before the close by what is heard of after it.

    While the round is being paid, who comes after those that were looked at is paid with the others.
    """
    if finished.terms.donation:
        return
    reached = _paid_of(finished, [one for one in member_ids if _was_looked_at(finished, one)], tx)
    if reached:
        paid = pay(finished, entitled_of(finished, sorted(reached), tx), tx)
        tx.challenges.paid(finished.id, finished.paid_up_to, len(paid))


def _paid_of(finished: Round, member_ids: Iterable[int], tx: Transaction) -> list[int]:
    """Return those of the members whom a round that is over pays, as far as it counts."""
    if finished.terms.first and finished.pays_from is not None:
        reached = tx.challenge_firsts.of_members(finished, member_ids)
        return [member_id for member_id, at in reached if at <= finished.pays_from]
    least = finished.terms.goal if finished.pays_from is None else finished.pays_from
    found = standings(finished, member_ids, tx)
    return [member_id for member_id, standing in found.items() if standing.reached >= least]


def _was_looked_at(finished: Round, member_id: int) -> bool:
    return finished.state == CLOSED or member_id <= finished.paid_up_to
