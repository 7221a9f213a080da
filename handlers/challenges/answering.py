"""Answering newcomers: who replies to somebody who joined lately, counted once a day for each of them."""

from collections.abc import Sequence
from datetime import timedelta

from bot.calendar import local_date
from bot.challenges.measures import Counts, Happened
from bot.earning.message import Said
from bot.events import Identity
from handlers.challenges.progress import Progress
from storage.transaction import Transaction

_NEW_FOR = timedelta(days=30)


def count_answers(answers: Sequence[tuple[Said, Identity]], minimum_length: int, tx: Transaction) -> None:
    """Count what members answered to a person's message, if that is a member who joined in the last 30 days."""
    progress = Progress(tx)
    if not answers or not progress.counts(Counts.NEWCOMERS_ANSWERED):
        return
    newcomers = {identity: tx.members.by_identity(identity) for _, identity in answers}
    happened = []
    for (_, member_id, space_id, at, _, length), identity in answers:
        newcomer = newcomers[identity]
        if newcomer is None or not newcomer.is_active or newcomer.id == member_id:
            continue
        if (
            (length is None or length >= minimum_length)
            and newcomer.had_joined(at)
            and at - newcomer.joined_at < _NEW_FOR
        ):
            happened.append(
                Happened(
                    counts=Counts.NEWCOMERS_ANSWERED,
                    member_id=member_id,
                    at=at,
                    mark=f"{newcomer.id}:{local_date(at, tx.zone).isoformat()}",
                    space_id=space_id,
                )
            )
    progress.add_first(happened)
