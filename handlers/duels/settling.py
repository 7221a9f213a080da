"""Duels in the course of time: unanswered invitations lapse, both are reminded, the winner is paid, each once."""

from collections.abc import Iterable
from datetime import datetime, time

from bot.calendar import Daily, Hourly, Occurrence, local_date, occurrences, span_around
from bot.challenges.duels import Outcome, winner_of
from bot.challenges.reminders import next_reminder
from bot.config.config import Config
from bot.ledger.ledger import EntryDraft, Reason, Unit, wallet
from bot.members.members import Member, Space
from bot.replies import Post, Sending, ToSpace
from handlers.challenges.audience import competes
from handlers.duels.challenging import amounts_of
from handlers.duels.ending import call_off, tell
from handlers.scheduler import CatchUp, Due, Job, Run
from storage.challenges.duels import Duel
from storage.transaction import Transaction

_MORNING = time(10, 0)
_AT_ONCE = 100
_MORE = "more"
_PROGRAMME = "issued:duel"


def duel_jobs(config: Config) -> list[Job]:
    """Return the jobs of duels. What ended at midnight is settled and told in the morning."""

    def on(schedule: Hourly | Daily) -> Due:
        def due(after: datetime, until: datetime, _: Space | None) -> Iterable[Occurrence]:
            return occurrences(schedule, config.programme.zone, after, until)

        return due

    return [
        Job(
            *("settle_duels", on(Daily(_MORNING)), settle_duels, CatchUp.LATEST),
            needed_from=lambda tx: tx.duels.next_morning(),
        ),
        Job(
            *("lapse_duels", on(Hourly(0)), lapse_duels, CatchUp.LATEST),
            needed_from=lambda tx: tx.duels.next_lapse(),
        ),
    ]


def lapse_duels(_: Run, tx: Transaction) -> str | None:
    """End a part of the invitations that nobody answered in time; who made them is told."""
    lapsed = tx.duels.lapsed(_AT_ONCE)
    for one in lapsed:
        call_off(one, Outcome.LAPSED, one.challenged_id, tx)
    return _MORE if len(lapsed) == _AT_ONCE else None


def settle_duels(run: Run, tx: Transaction) -> str | None:
    """Settle a part of the duels whose time is over, then remind of a part of the others."""
    over = tx.duels.over(_AT_ONCE)
    for one in over:
        _settle(one, run.config, tx)
    if len(over) == _AT_ONCE:
        return _MORE
    reminding = tx.duels.to_remind(_AT_ONCE)
    for one in reminding:
        _remind(one, tx)
    return _MORE if len(reminding) == _AT_ONCE else None


def _remind(one: Duel, tx: Transaction) -> None:
    amounts, span = amounts_of(one, tx), one.counted
    assert one.remind_at is not None
    for member_id in one.members:
        tell(
            *(one, member_id, "duel_reminder", tx),
            key=f":{one.remind_at.isoformat()}",
            mine=amounts[member_id],
            theirs=amounts[one.other(member_id)],
            closes_at=span.closes_at,
        )
    tx.duels.remind(one.id, next_reminder(span.opens_at, span.closes_at, tx.now, tx.zone))


def _settle(one: Duel, config: Config, tx: Transaction) -> None:
    """End a duel that was played: the winner is paid within the limits, both are told, unless they have left."""
    members = tx.members.by_ids(one.members)
    amounts = amounts_of(one, tx)
    winner_id = winner_of(amounts)
    most = config.duels.prizes_per_week
    is_paid = winner_id is not None and _has_a_prize(one, members[winner_id], most, tx)
    tx.duels.end(one.id, Outcome.TIED if winner_id is None else Outcome.WON, winner_id, is_paid=is_paid)
    if winner_id is not None and is_paid:
        _pay(one, members[winner_id], tx)
    for member_id in (member_id for member_id in one.members if members[member_id].is_active):
        tell(
            *(one, member_id, "duel_result", tx),
            result="tied" if winner_id is None else "won" if winner_id == member_id else "lost",
            mine=amounts[member_id],
            theirs=amounts[one.other(member_id)],
            is_paid=is_paid,
            most=most,
        )
    _tell_group(one, list(members.values()), amounts, winner_id, tx)


def _has_a_prize(one: Duel, winner: Member, most: int, tx: Transaction) -> bool:
    """Whether a winner is paid: they may have had their prizes of this week, or have become staff."""
    if not (one.terms.points or one.terms.status) or not competes(winner, tx):
        return False
    monday, _ = span_around("week", local_date(tx.now, tx.zone), tx.zone)
    assert monday is not None
    return tx.duels.prizes_since(winner.id, monday) < most


def _pay(one: Duel, winner: Member, tx: Transaction) -> None:
    amounts = ((Unit.POINTS, one.terms.points), (Unit.STATUS, one.terms.status))
    tx.ledger.post_many(
        [
            EntryDraft(
                unit=unit,
                points=amount,
                reason=Reason.DUEL,
                source=f"duel:{one.id}",
                leg=0 if unit is Unit.POINTS else 1,
                holder_id=winner.holder_id,
                member_id=winner.id,
                from_programme=_PROGRAMME,
                to_account=wallet(winner.holder_id),
                occurred_at=tx.now,
                rule_version=one.terms.rule_version,
            )
            for unit, amount in amounts
            if amount
        ]
    )


def _tell_group(
    one: Duel, members: list[Member], amounts: dict[int, int], winner_id: int | None, tx: Transaction
) -> None:
    """Tell the group in which it began, else one that both are in, if both chose so and neither is hidden."""
    if not all(member.shares_news and member.is_listed for member in members):
        return
    spaces = sorted(tx.spaces.active(), key=lambda space: space.id != one.space_id)
    both = [space for space in spaces if all(tx.spaces.is_present(member.holder_id, space.id) for member in members)]
    if not both:
        return
    first, second = sorted(members, key=lambda member: member.id != winner_id)
    fields = {
        "terms": one.terms.shown(),
        "first": first.in_news,
        "second": second.in_news,
        "amounts": [amounts[first.id], amounts[second.id]],
        "is_tie": winner_id is None,
    }
    key = f"duel_result_in_group:{one.id}"
    tx.post(Post(ToSpace(both[0].id), "duel_result_in_group", key, fields, sending=Sending.AT_MOST_ONCE))
