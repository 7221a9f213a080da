"""Erasing a member for good, and doing it again in a copy of the club that does not know of it."""

from collections.abc import Iterable
from datetime import datetime

from handlers.call import person_key
from handlers.duels.ending import call_off_all
from storage.members.erasures import Erasure
from storage.transaction import Transaction


def erase(member_id: int, at: datetime, tx: Transaction) -> None:
    """Drop what says who a member is, and what waits for them. Entries, balances and sums stay as they are."""
    tx.leaderboards.relist(member_id, is_listed=False)
    tx.members.set_listed(member_id, is_listed=False)
    call_off_all(member_id, tx)
    person = tx.erasures.person(member_id)
    for identity in person.identities:
        tx.conversations.forget_person(person_key(identity, tx.settings.keyed))
    tx.erasures.erase(person, at)


def erase_again(erasures: Iterable[Erasure], tx: Transaction) -> int:
    """Erase whom this database still knows, as they were erased once; return how many they are."""
    done = 0
    for erasure in erasures:
        member_id = tx.erasures.to_be_erased(erasure)
        if member_id is not None:
            erase(member_id, erasure.erased_at, tx)
            done += 1
    return done
