"""What a member sees of their own: balance, history, card, language."""

from typing import get_args

from bot.arguments import BadChoice
from bot.calendar import week_of
from bot.commands import ChoiceParam
from bot.config.types import Language
from bot.members.cards import format_card_number
from bot.members.roles import Role
from bot.replies import Button, Picture, Reply, Rows, reply
from handlers.call import Call
from handlers.registry import button, command
from handlers.tiers.holding import tier_of
from handlers.tiers.levels import shown_level
from storage.schema import CLUB
from storage.transaction import Transaction

_LINES_A_PAGE = 10
_EXPIRIES = 3


@command("balance", read_only=True)
def balance(call: Call, tx: Transaction) -> Reply:
    """Show points, status, what is pending, held or owed, what expires next, and the place this week."""
    space_id = call.space.id if call.space else CLUB
    week = week_of(call.now, call.zone)
    standing = tx.leaderboards.standing_now(space_id, week, call.actor.id)
    expiries = tx.lots.coming_expiries(call.actor.id)
    tier, has = tier_of(call.actor.id, tx, call.rules), tx.accounts.of(call.actor.id)
    return reply(
        "balance",
        name=call.actor.display,
        available=has.available,
        owed=has.owed,
        status=has.status,
        pending=has.pending,
        pending_status=has.pending_status,
        held=has.held,
        expiries=expiries[:_EXPIRIES],
        later=sum(points for _, points in expiries[_EXPIRIES:]),
        place=standing.place if standing else None,
        tier=None if tier is None else tier.shown(),
        level=shown_level(has.status, call.rules),
    )


@command("history", read_only=True)
def history(call: Call, tx: Transaction) -> Reply:
    """Show the newest lines."""
    return _page(call, tx, ())


@button("history.page")
def history_page(call: Call, tx: Transaction) -> Reply:
    """Turn to an older or newer page. `trail` is where each page after the first begins."""
    return _page(call, tx, tuple(call.data["trail"]), edit=True)


def _page(call: Call, tx: Transaction, trail: tuple[int, ...], *, edit: bool = False) -> Reply:
    before = trail[-1] if trail else None
    lines = tx.accounts.history(call.actor.id, before, _LINES_A_PAGE + 1)
    shown = lines[:_LINES_A_PAGE]
    turns = [Button("why_which", "why.pick", {"trail": trail})] if shown else []
    if trail:
        turns.append(Button("newer", "history.page", {"trail": trail[:-1]}))
    if len(lines) > _LINES_A_PAGE:
        turns.append(Button("older", "history.page", {"trail": (*trail, shown[-1].entry_id)}))
    rows: Rows = (tuple(turns),) if turns else ()
    return reply("history", buttons=rows, edit=edit, lines=shown, page=len(trail) + 1, now=call.now)


@command("card", read_only=True)
def card(call: Call, tx: Transaction) -> Reply:
    """Show the member's card: its number, and as a picture with the code that the till scans."""
    number, name = format_card_number(call.actor.card_number), call.actor.display
    fields = {"name": name, "card": number, "number": call.actor.card_number}
    copy = Button("copy_card", copies=number)
    return reply("card", buttons=((copy,),), picture=Picture("card", fields, "picture_card"), card=number, name=name)


@command("language", params=[ChoiceParam("language", required=False, choices=get_args(Language))])
def language(call: Call, tx: Transaction) -> Reply:
    """Set the member's own language, or offer the languages."""
    spoken = call.config.programme.languages
    if call.args.language is not None:
        if call.args.language not in spoken:
            raise BadChoice(given=call.args.language, choices=spoken)
        return _speak(call, tx, call.args.language)
    choices = tuple(
        Button(f"language_{code}", "language.choose", {"language": code}) for code in call.config.programme.languages
    )
    return reply("language", buttons=(choices,))


@button("language.choose")
def language_chosen(call: Call, tx: Transaction) -> Reply:
    """Set the language that was pressed."""
    return _speak(call, tx, call.data["language"], edit=True)


def _speak(call: Call, tx: Transaction, code: str, *, edit: bool = False) -> Reply:
    tx.members.set_language(call.actor.id, code)
    return Reply("language_set", {}, edit=edit, noted=not edit, language=code)


@command("cancel", role=Role.ANYONE)
def cancel(call: Call, tx: Transaction) -> Reply:
    """End the form that is being filled in."""
    return reply("cancelled" if tx.conversations.end_form(call.person_key) else "nothing_to_cancel")
