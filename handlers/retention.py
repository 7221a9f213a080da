"""Retention: what was kept for a time only is dropped when the time is over."""

from datetime import timedelta

from handlers.scheduler import Run
from storage.transaction import Transaction

_COUNTS_KEPT = timedelta(days=40)


def forget(run: Run, tx: Transaction) -> None:
    """Drop old answers, posts, message authors, counts, dead letters, buttons and forms."""
    privacy = run.config.privacy
    answers_before = tx.now - timedelta(days=privacy.keep_answers_days)
    tx.events.forget(answers_before, tx.now - timedelta(days=privacy.keep_dead_letters_days))
    tx.outbox.forget_texts(tx.now - timedelta(days=privacy.keep_posts_days))
    authors_before = tx.now - timedelta(days=privacy.keep_message_authors_days)
    tx.participation.forget((tx.now - _COUNTS_KEPT).date().isoformat(), authors_before)
    tx.conversations.forget()
