"""Retention: what was kept for a time only is dropped when the time is over."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from bot.mail import CODE_LIVES, DAY
from handlers.scheduler import Run
from storage.transaction import Transaction

_COUNTS_KEPT = timedelta(days=40)
_DUELS_KEPT = timedelta(days=400)
_UNUSED_PICTURES_KEPT = timedelta(days=1)
_AT_ONCE = 5000
_MORE = "more"


def forget(run: Run, tx: Transaction) -> str | None:
    """Drop what was kept for a time only and is old, each of the kinds below in parts of 5,000."""
    first, _, after = (run.progress or "0 ").partition(" ")
    for number in range(int(first), len(_KINDS)):
        mark = _KINDS[number](run, tx, after)
        if mark is not None:
            return f"{number} {mark}"
        after = ""
    return None


def _events(run: Run, tx: Transaction, _: str) -> str | None:
    letters_before = tx.now - timedelta(days=run.config.privacy.keep_dead_letters_days)
    return _MORE if tx.events.forget(letters_before, _AT_ONCE) else None


def _answers(run: Run, tx: Transaction, after: str) -> str | None:
    before = tx.now - timedelta(days=run.config.privacy.keep_answers_days)
    mark = tx.events.forget_answers(before, int(after or 0), _AT_ONCE)
    return None if mark is None else str(mark)


def _posts(run: Run, tx: Transaction, _: str) -> str | None:
    texts_before = tx.now - timedelta(days=run.config.privacy.keep_posts_days)
    return _MORE if tx.outbox.forget_old(texts_before, _AT_ONCE) else None


def _authors(run: Run, tx: Transaction, _: str) -> str | None:
    before = tx.now - timedelta(days=run.config.privacy.keep_message_authors_days)
    return _MORE if tx.participation.forget_authors(before, _AT_ONCE) else None


def _counts(_: Run, tx: Transaction, after: str) -> str | None:
    return tx.participation.forget_counts((tx.now - _COUNTS_KEPT).date().isoformat(), after, _AT_ONCE)


def _conversations(_run: Run, tx: Transaction, _: str) -> str | None:
    return _MORE if tx.conversations.forget(_AT_ONCE) else None


def _openings(_run: Run, tx: Transaction, _: str) -> str | None:
    return _MORE if tx.openings.forget(_AT_ONCE) else None


def _mail(_run: Run, tx: Transaction, _: str) -> str | None:
    tx.contacts.mailed.give_up(tx.now - CODE_LIVES)
    return _MORE if tx.contacts.mailed.forget(tx.now - DAY, _AT_ONCE) else None


def _orders(_run: Run, tx: Transaction, _: str) -> str | None:
    is_more = [tx.shop_orders.forget(_AT_ONCE), tx.contacts.forget(_AT_ONCE)]
    return _MORE if any(is_more) else None


def _challenge_marks(_run: Run, tx: Transaction, after: str) -> str | None:
    tally, member = (after or "0:0").split(":")
    end = tx.challenge_marks.forget(_counted_before(tx), (int(tally), int(member)), _AT_ONCE)
    return None if end is None else f"{end[0]}:{end[1]}"


def _quizzes_and_contests(_run: Run, tx: Transaction, _: str) -> str | None:
    before = _counted_before(tx)
    is_more = [store.forget(before, _AT_ONCE) for store in (tx.quizzes, tx.contests)]
    return _MORE if any(is_more) else None


def _counted_before(tx: Transaction) -> datetime:
    """Return before when nothing counts any more for a challenge or a duel."""
    begun = [one.opens_at for one in tx.challenges.open_rounds()]
    oldest = min([*begun, tx.duels.counted_since() or tx.now])
    return min(oldest, tx.now - _COUNTS_KEPT)


def _thanks(_run: Run, tx: Transaction, _: str) -> str | None:
    return _MORE if tx.thanks.forget(tx.now - _COUNTS_KEPT, _AT_ONCE) else None


def _duels(_run: Run, tx: Transaction, _: str) -> str | None:
    return _MORE if tx.duels.forget(tx.now - _DUELS_KEPT, _AT_ONCE) else None


def _meetups(_run: Run, tx: Transaction, _: str) -> str | None:
    return _MORE if tx.meetups.forget(tx.now - _COUNTS_KEPT, _AT_ONCE) else None


def _pictures(_run: Run, tx: Transaction, _: str) -> str | None:
    in_use = {reward.terms.picture for reward in tx.rewards.all()}
    tx.pictures.forget(in_use, tx.now - _UNUSED_PICTURES_KEPT)
    return None


_KINDS: Sequence[Callable[[Run, Transaction, str], str | None]] = (
    _events,
    _answers,
    _posts,
    _authors,
    _counts,
    _conversations,
    _openings,
    _orders,
    _mail,
    _challenge_marks,
    _thanks,
    _duels,
    _meetups,
    _pictures,
    _quizzes_and_contests,
)
"""Each does a part from the mark it is given and returns the next mark, None once nothing is left."""
