"""What members hand in by saying it to the bot in private: it is checked, counts at once, and is kept nowhere."""

from collections.abc import Sequence
from typing import Any

from bot.commands import Where
from bot.members.members import Member
from bot.members.roles import Role
from bot.replies import Reply, reply
from handlers.call import Call
from handlers.challenges.showing import ChallengeOver
from handlers.challenges.standing import NOTHING, standings
from handlers.challenges.tasks import count, may_hand_in
from handlers.forms import Answers, Choice, Form, Forms, Step
from handlers.pages import in_language
from handlers.registry import Handler, command
from storage.challenges.rounds import Round
from storage.transaction import Transaction


def handin_command(forms: Forms) -> Handler:
    """Return the command that asks for what is to be handed in."""

    @command("handin", where=Where.PRIVATE)
    def handin(call: Call, tx: Transaction) -> Reply:
        """Ask for which challenge it is, where there are several, and for what is handed in."""
        tasks = [[one.id, dict(one.terms.title)] for one in _open_for(call.actor, tx)]
        return forms.begin(HANDIN.name, call, tx, {"tasks": tasks}) if tasks else reply("handin_nothing")

    return handin


def _open_for(member: Member, tx: Transaction) -> list[Round]:
    return [
        one
        for one in tx.challenges.open_rounds()
        if one.terms.task is not None
        and not one.terms.task.review
        and one.closes_at > tx.now
        and may_hand_in(one, member, tx)
    ]


def _titles(call: Call, answers: Answers) -> Sequence[Sequence[Choice]]:
    return [
        [Choice("as_is", round_id, {"text": in_language(title, call.language)})] for round_id, title in answers["tasks"]
    ]


def _chosen(tx: Transaction, answers: Answers) -> Round:
    return tx.challenges.by_id(answers.get("task") or answers["tasks"][0][0])


def _asked(_: Call, tx: Transaction, answers: Answers) -> dict[str, Any]:
    return {"terms": _chosen(tx, answers).terms.shown()}


def _finish(call: Call, tx: Transaction, answers: Answers) -> Reply:
    """Count what passes the check. What was typed is nowhere kept: it is the answer to the last question."""
    of, member_id = _chosen(tx, answers), call.actor.id
    task = of.terms.task
    if task is None or of.id not in [one.id for one in _open_for(call.actor, tx)]:
        raise ChallengeOver(title=dict(of.terms.title))
    task.check(answers["given"])
    count(of, member_id, call.now, call.source, tx)
    amount = standings(of, [member_id], tx).get(member_id, NOTHING).now
    return reply("handin_counted", terms=of.terms.shown(), amount=amount)


HANDIN = Form(
    "handin",
    Role.MEMBER,
    (
        Step("task", "handin_which", _titles, applies=lambda _call, answers: len(answers["tasks"]) > 1),
        Step(
            *("given", "handin_what", lambda _call, _answers: [], str.strip),
            asks="handin_question",
            types="type_it",
            shows=_asked,
        ),
    ),
    _finish,
)
