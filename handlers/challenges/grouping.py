"""For which group a challenge or a quiz is: where it is made, or the one that is chosen in private."""

from collections.abc import Sequence
from typing import Any

from bot.errors import UserError
from bot.members.members import Space
from handlers.call import Call
from handlers.forms import Answers, Choice, Step, in_rows
from storage.transaction import Transaction

_ALL = 0
"""Stands for the whole club: no group has this id."""


class GroupGone(UserError):
    """The group that was chosen is not set up any more."""

    template = "challenge_group_gone"


def known(call: Call, tx: Transaction) -> dict[str, Any]:
    """Return what a form knows from its beginning: the groups to choose from. In a group it is for that one."""
    spaces = [] if call.space is not None else tx.spaces.active()
    return {"groups": [[space.id, space.title] for space in spaces]}


def space_of(call: Call, tx: Transaction, answers: Answers) -> Space | None:
    """Return the group that is meant, None for the whole club. Raises GroupGone."""
    wanted = meant(call, answers)
    if call.space is not None or wanted is None:
        return call.space
    found = tx.spaces.by_id(wanted)
    if found.retired_at is not None:
        raise GroupGone()
    return found


def meant(call: Call, answers: Answers) -> int | None:
    """Return the id of the group that is meant, also of one that is set up no more; None for the whole club."""
    return call.space.id if call.space is not None else answers.get("group") or None


def _groups(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    groups = [Choice("as_is", space_id, {"text": title}) for space_id, title in answers["groups"]]
    return in_rows([Choice("challenge_whole_club", _ALL), *groups])


GROUP = Step("group", "challenge_group", _groups, applies=lambda _call, answers: bool(answers.get("groups")))
