"""What moderators do about challenges, by buttons: make one, also from a template, end one, judge a contest."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from bot.commands import ChoiceParam
from bot.events import Command
from bot.members.roles import Role
from bot.replies import Button, ButtonStyle, Reply, Rows, Visibility, reply
from handlers.call import Call
from handlers.challenges.grouping import known
from handlers.challenges.judging import entries, is_theirs
from handlers.challenges.making import MAKING
from handlers.challenges.presets import answers_of, offered
from handlers.challenges.showing import ChallengeOver
from handlers.challenges.ties import known_ties
from handlers.forms import Forms
from handlers.pages import in_language, page_turns
from handlers.quizzes.making import QUIZ, QuizInPrivate
from handlers.registry import Handler, button, command
from handlers.resolve import check_role, where_asked
from storage.challenges.rounds import Round
from storage.transaction import Transaction

_ROLE: Final = Role.MODERATOR
_ACTIONS: Final = ("new", "quiz", "stop", "disqualify")
_IN_A_ROW, _ON_A_PAGE, _STOPPED_ON_A_PAGE = 2, 6, 4


def challenge_handlers(forms: Forms) -> list[Handler]:
    """Return the /challenge command over the forms it is one of, and the buttons under it."""

    def begin(form: str, call: Call, tx: Transaction) -> Reply:
        if form == MAKING.name:
            return forms.begin(form, call, tx, known_ties(call, tx))
        if not call.event.place.is_private:
            raise QuizInPrivate()
        return forms.begin(form, call, tx, known(call, tx))

    @command("challenge", params=[ChoiceParam("action", required=False, choices=_ACTIONS)], role=_ROLE)
    def challenge(call: Call, tx: Transaction) -> Reply:
        """Do one of these, or offer what can be done."""
        match call.args.action:
            case "new":
                return begin(MAKING.name, call, tx)
            case "quiz":
                return begin(QUIZ.name, call, tx)
            case "stop":
                return _to_stop(call, tx, 0)
            case "disqualify":
                return entries(call, tx, _replied_to(call, tx))
        return _menu(call, tx, 0)

    @button("challenge.begin", role=_ROLE)
    def begun(call: Call, tx: Transaction) -> Reply:
        """Ask the first question of a form in place of the menu."""
        return replace(begin(call.data["form"], call, tx), edit=True)

    @button("challenge.preset", role=_ROLE)
    def preset(call: Call, tx: Transaction) -> Reply:
        """Show what a template makes before it is published; all of it can still be changed."""
        answers = known_ties(call, tx) | answers_of(call.data["name"], call)
        return replace(forms.begin(MAKING.name, call, tx, answers, at_end=True), edit=True)

    return [challenge, begun, preset, menu, templates, one, show_entries, to_stop, stop]


def _replied_to(call: Call, tx: Transaction) -> int | None:
    """Return the member whose message the command answers, where it answers one."""
    person = call.event.reply_to if isinstance(call.event, Command) else None
    member = None if person is None else tx.members.by_identity(person.identity)
    return None if member is None else member.id


def _theirs(call: Call, tx: Transaction) -> list[Round]:
    """Return the rounds that are on and theirs to end, the one that ends first at the front."""
    return [one for one in tx.challenges.open_rounds() if is_theirs(one, call) and one.closes_at > tx.now]


def _rows(buttons: Sequence[Button]) -> Rows:
    return tuple(tuple(buttons[at : at + _IN_A_ROW]) for at in range(0, len(buttons), _IN_A_ROW))


# The menu -----------------------------------------------------------------------------------------------------------


def _menu(call: Call, tx: Transaction, page: int) -> Reply:
    """Offer to make one, and a page of those that are on. It stays in the group it is about, where what is hidden is
    left out."""
    is_private = call.event.place.is_private
    on = [one for one in _theirs(call, tx) if is_private or not one.terms.is_hidden]
    page = min(page, max(0, len(on) - 1) // _ON_A_PAGE)
    shown = on[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    making = [
        Button("challenge_new", "challenge.begin", {"form": MAKING.name}),
        Button("challenge_templates", "challenge.templates"),
    ]
    if is_private:
        making.append(Button("challenge_quiz", "challenge.begin", {"form": QUIZ.name}))
    titles = [
        Button("as_is", "challenge.one", {"round": one.id, "page": page}, {"text": _title(one, call)}) for one in shown
    ]
    turns = page_turns("challenge.menu", page, has_more=len(on) > (page + 1) * _ON_A_PAGE)
    said = [{"title": dict(one.terms.title), "closes_at": one.closes_at} for one in shown]
    rows = (tuple(making), *_rows(titles), *turns)
    return reply("challenge_menu", buttons=rows, visibility=Visibility.PUBLIC, rounds=said, of_group=not is_private)


@button("challenge.menu", role=_ROLE)
def menu(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of the menu, or back to it."""
    return replace(_menu(call, tx, call.data["page"]), edit=True)


@button("challenge.templates", role=_ROLE)
def templates(call: Call, tx: Transaction) -> Reply:
    """Offer what can be made with one press."""
    buttons = [Button("as_is", "challenge.preset", {"name": name}, {"text": title}) for name, title in offered(call)]
    back = (Button("back", "challenge.menu", {"page": 0}),)
    return reply("challenge_templates", buttons=(*_rows(buttons), back), edit=True)


@button("challenge.one", role=_ROLE)
def one(call: Call, tx: Transaction) -> Reply:
    """Show one that is on, and what can be done about it."""
    of = tx.challenges.by_id(call.data["round"])
    _check_on(of, call, tx)
    doing = [Button("challenge_end", "challenge.stop", {"round": of.id, "space": None}, style=ButtonStyle.DANGER)]
    if of.terms.contest is not None:
        doing.insert(0, Button("contest_entries", "contest.entries"))
    rows = (tuple(doing), (Button("back", "challenge.menu", {"page": call.data["page"]}),))
    return reply("challenge_one", buttons=rows, edit=True, terms=of.terms.shown(), closes_at=of.closes_at)


@button("contest.entries", role=_ROLE)
def show_entries(call: Call, tx: Transaction) -> Reply:
    """Show a moderator, and nobody else, what takes part in the contests here."""
    return entries(call, tx)


# Ending one ---------------------------------------------------------------------------------------------------------


def _to_stop(call: Call, tx: Transaction, page: int) -> Reply:
    about, on = {"space": call.space and call.space.id}, _theirs(call, tx)
    page = min(page, max(0, len(on) - 1) // _STOPPED_ON_A_PAGE)
    end = (page + 1) * _STOPPED_ON_A_PAGE
    rows: Rows = tuple(
        (Button("as_is", "challenge.stop", {"round": one.id, **about}, {"text": _title(one, call)}),)
        for one in on[end - _STOPPED_ON_A_PAGE : end]
    )
    rows += page_turns("challenge.to_stop", page, about, has_more=end < len(on))
    return reply("challenge_which", buttons=rows, is_empty=not rows)


@button("challenge.to_stop")
def to_stop(call: Call, tx: Transaction) -> Reply:
    """Turn to another page of those that can be ended."""
    call = where_asked(call, tx)
    check_role(call, _ROLE)
    return replace(_to_stop(call, tx, call.data["page"]), edit=True)


@button("challenge.stop")
def stop(call: Call, tx: Transaction) -> Reply:
    """End a challenge now: who reached its goal by now is paid as at any end."""
    call = where_asked(call, tx)
    check_role(call, _ROLE)
    of = tx.challenges.by_id(call.data["round"])
    _check_on(of, call, tx)
    tx.challenges.end_now(of)
    return reply("challenge_stopped", edit=True, title=dict(of.terms.title), repeated=of.terms.repeat is not None)


def _check_on(of: Round, call: Call, tx: Transaction) -> None:
    """Raise ChallengeOver for one that is over, or of another group."""
    if not of.is_open or of.closes_at <= tx.now or not is_theirs(of, call):
        raise ChallengeOver(title=dict(of.terms.title))


def _title(one: Round, call: Call) -> str:
    return in_language(one.terms.title, call.language)
