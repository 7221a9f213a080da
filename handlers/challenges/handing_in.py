"""What members hand in by saying it to the bot in private: it is checked, counts at once, and is kept nowhere."""

from collections.abc import Iterable, Sequence
from typing import Any

from bot.commands import TextParam, Where
from bot.errors import UserError
from bot.keys import meant
from bot.members.roles import Role
from bot.replies import Reply, reply
from handlers.call import Call
from handlers.challenges.showing import ChallengeOver
from handlers.challenges.standing import NOTHING, standings
from handlers.challenges.tasks import count, is_open_task, open_tasks, tasks_done
from handlers.forms import Answers, Choice, Form, Forms, Step
from handlers.pages import in_language
from handlers.registry import Handler, button, command
from handlers.resolve import OnlyInPrivate
from storage.challenges.rounds import Round
from storage.transaction import Transaction


class HandinDone(UserError):
    """All was handed in already that a challenge asks for."""

    template = "handin_done"


def handin_handlers(forms: Forms) -> list[Handler]:
    """Return the command that asks for what is to be handed in, and the button that does so for one challenge."""

    @command("handin", params=[TextParam("task", required=False, completes=True)], where=Where.PRIVATE)
    def handin(call: Call, tx: Transaction) -> Reply:
        """Ask for which challenge it is, where that is not clear, and for what is handed in.

        What is typed is never said back: it may be what somebody meant to hand in, which is kept nowhere.
        """
        tasks, word = open_tasks(call.actor, tx), call.args.task
        named = None if word is None else meant(word, tasks, _called)
        if named is not None:
            return _begin([named], call, tx)
        done = None if word is None else meant(word, tasks_done(call.actor, tx), _called)
        if done is not None:
            raise HandinDone(title=dict(done.terms.title))
        return _begin(tasks, call, tx, is_asked=word is not None) if tasks else reply("handin_nothing")

    @button("handin.begin")
    def handin_pressed(call: Call, tx: Transaction) -> Reply:
        """Ask for what is handed in for the challenge of the button, in private."""
        if not call.event.place.is_private:
            raise OnlyInPrivate()
        of = tx.challenges.by_id(call.data["round"])
        if not is_open_task(of, call.actor, tx):
            raise ChallengeOver(title=dict(of.terms.title))
        return _begin([of], call, tx)

    def _begin(tasks: Sequence[Round], call: Call, tx: Transaction, *, is_asked: bool = False) -> Reply:
        """Ask for what is handed in, and before that for which of the tasks, also of one where `is_asked`."""
        offered = [[one.id, dict(one.terms.title)] for one in tasks]
        return forms.begin(HANDIN.name, call, tx, {"tasks": offered, "is_asked": is_asked or len(offered) > 1})

    return [handin, handin_pressed]


def _called(task: Round) -> tuple[str, Iterable[str]]:
    """Return the key of a challenge, and what it is called."""
    return task.challenge, dict(task.terms.title).values()


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
    if task is None or not is_open_task(of, call.actor, tx):
        raise ChallengeOver(title=dict(of.terms.title))
    task.check(answers["given"])
    count(of, member_id, call.now, call.source, tx)
    amount = standings(of, [member_id], tx).get(member_id, NOTHING).now
    return reply("handin_counted", terms=of.terms.shown(), amount=amount)


HANDIN = Form(
    "handin",
    Role.MEMBER,
    (
        Step("task", "handin_which", _titles, applies=lambda _call, answers: bool(answers.get("is_asked"))),
        Step(
            *("given", "handin_what", lambda _call, _answers: [], str.strip),
            asks="handin_question",
            types="type_it",
            shows=_asked,
        ),
    ),
    _finish,
)
