"""What groups hear of a round that is over: who made it, or that nobody did although some took part."""

from bot.members.members import Member
from bot.members.names import distinguish
from bot.replies import MemberName
from handlers.challenges.audience import entitled_of
from handlers.challenges.common_goals import total
from handlers.challenges.contests import best_entrants
from handlers.challenges.publishing import announce
from handlers.challenges.standing import from_the_best, to_be_paid
from handlers.quizzes import asking
from storage.challenges.rounds import Round
from storage.transaction import Transaction

_NAMES_SHOWN, _WINNERS_SHOWN = 10, 20
_LOOKED_AT = 50
_AT_ONCE = 1000


def announce_end(finished: Round, reached: int, tx: Transaction) -> None:
    """Tell the spaces how a round went that so many were paid for.

    Silence where nobody took part, but of a contest; and of a hidden one that nobody reached, which stays hidden. Of a
    common goal that was missed its own message says so.
    """
    terms = finished.terms
    results = asking.results_of(finished, tx)
    if terms.contest is not None:
        _announce_contest(finished, reached, tx)
    elif reached or results:
        fields = {"reached": reached, "names": _names(finished, tx)}
        if terms.questions:
            announce(finished.id, terms, "quiz_closed", fields | {"results": results}, tx)
        else:
            announce(finished.id, terms, "challenge_closed", fields, tx)
    elif not (terms.together or terms.is_hidden):
        members = _took_part(finished, tx)
        if members:
            announce(finished.id, terms, "challenge_missed", {"members": members}, tx)


def _announce_contest(finished: Round, reached: int, tx: Transaction) -> None:
    winners = _paid(finished, tx)
    is_tie = not reached and any(entitled_of(finished, [one], tx) for one, _ in from_the_best(finished, tx))
    named = best_entrants(finished, winners, tx)
    fields = {"winners": named[:_WINNERS_SHOWN], "reached": reached, "is_tie": is_tie}
    fields |= {"has_more": len(named) > _WINNERS_SHOWN}
    announce(finished.id, finished.terms, "contest_closed", fields, tx)


def _paid(finished: Round, tx: Transaction) -> dict[int, Member]:
    """Return all who are paid for a contest: the best, and those who share the last of their places."""
    winners: dict[int, Member] = {}
    after: int | None = 0
    while after is not None:
        page, after = to_be_paid(finished, after, _AT_ONCE, tx)
        winners.update(entitled_of(finished, page, tx))
    return winners


def _names(finished: Round, tx: Transaction) -> list[MemberName]:
    page, _ = to_be_paid(finished, 0, _LOOKED_AT, tx)
    winners = entitled_of(finished, page, tx)
    listed = [winners[member_id] for member_id in sorted(winners) if winners[member_id].is_listed][:_NAMES_SHOWN]
    told_apart = distinguish([(member.name, member.card_number) for member in listed])
    return [MemberName(name, (), member.id) for name, member in zip(told_apart, listed, strict=True)]


def _took_part(finished: Round, tx: Transaction) -> int:
    """Return how many took part of those whom a round is for: who joined, where one has to, else who did anything."""
    if not finished.terms.joins:
        return total(finished, tx)[1]
    found, after, is_more = 0, 0, True
    while is_more:
        joined = tx.challenges.in_part(finished.id, after, _AT_ONCE)
        found += len(entitled_of(finished, joined, tx))
        after, is_more = max(joined, default=after), len(joined) == _AT_ONCE
    return found
