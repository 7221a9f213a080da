"""Stamp cards: a member's own, and the stamps that a cashier gives."""

import re
from dataclasses import replace

from bot.commands import MemberParam, Menu, PointsParam, WordParam
from bot.keys import meant
from bot.ledger.ledger import MAX_POINTS
from bot.members.members import Member
from bot.members.roles import Role
from bot.numbers import parse_whole
from bot.replies import Button, Reply, Rows, reply
from bot.rewards.stamps import Card, NoStampCards, NoSuchStampCard
from handlers.call import Call
from handlers.pages import in_language, page_turns
from handlers.points.bonus import NotToYourself
from handlers.purchases.till import served
from handlers.registry import button, command
from handlers.stamps.stamping import Stamping, picture_of
from storage.transaction import Transaction

# Discord shows five rows of buttons, of which one turns pages; a picture of more cards than these is too small to read.
_ON_A_PAGE, _MOST_DRAWN = 4, 4
_MOST_AT_ONCE = 3
_MEANT_AS_NUMBER = re.compile("[-+\N{MINUS SIGN}]?[0-9][0-9.,]*")


@command("stamps", read_only=True)
def stamps(call: Call, tx: Transaction) -> Reply:
    """Show the member's cards, in words and as a picture."""
    cards = _cards(call.actor, call, tx)
    return reply("stamps", picture=picture_of(cards[:_MOST_DRAWN]), cards=[card.plain() for card in cards])


def _cards(member: Member, call: Call, tx: Transaction) -> list[Card]:
    cards = Stamping(tx, call.config).cards(member)
    if not cards:
        raise NoStampCards()
    return cards


@command(
    "stamp",
    params=[
        MemberParam("member"),
        WordParam("card", required=False, completes=True, limit=40),
        PointsParam("count", required=False),
    ],
    role=Role.CASHIER,
    menus=(Menu.PERSON,),
)
def stamp(call: Call, tx: Transaction) -> Reply:
    """Give stamps on a card; where several could be meant, ask which."""
    member, key, count = call.args.member, call.args.card, call.args.count
    if member.id == call.actor.id:
        raise NotToYourself()
    cards = _cards(member, call, tx)
    if (
        key is not None
        and count is None
        and len(cards) == 1
        and key != cards[0].key
        and _MEANT_AS_NUMBER.fullmatch(key)
    ):
        # Where there is one card, it need not be named before the number.
        count, key = parse_whole(key, 1, MAX_POINTS), None
    if key is None and len(cards) > 1:
        return _which(call, tx, member, cards)
    card = cards[0] if key is None else _named(key, cards)
    return _give(call, tx, member, card, 1 if count is None else count, f"stamp:{call.source}")


def _called(card: Card) -> tuple[str, list[str]]:
    """Return the key of a card, and what it and its reward are called."""
    return card.key, [name for names in (card.terms.title, card.terms.reward) for name in dict(names).values()]


def _named(key: str, cards: list[Card]) -> Card:
    card = meant(key, cards, _called)
    if card is None:
        raise NoSuchStampCard(given=key, keys=[card.key for card in cards])
    return card


def _give(call: Call, tx: Transaction, member: Member, card: Card, count: int, source: str) -> Reply:
    stamping = Stamping(tx, call.config, call.actor.holder_id)
    stamped = stamping.give(member, card, count, source, call.today)
    stamping.tell(member, stamped, source)
    return reply("stamp_given", name=tx.members.for_staff(member), **stamped.plain())


@button("till.stamp")
def stamp_at_till(call: Call, tx: Transaction) -> Reply:
    """Offer the cards of the member whose card was scanned."""
    call, member = served(call, tx, call.data)
    which = _which(call, tx, member, _cards(member, call, tx), call.data.get("page", 0), call.data.get("source"))
    return replace(which, edit="page" in call.data)


def _which(
    call: Call, tx: Transaction, member: Member, cards: list[Card], page: int = 0, source: str | None = None
) -> Reply:
    """Offer one to three stamps on each card. Whichever is tapped of a card, and however often, they are given once.

    That holds for all pages together: they carry the `source` of the first one.
    """
    stamping, shown = Stamping(tx, call.config), cards[page * _ON_A_PAGE : (page + 1) * _ON_A_PAGE]
    about = {"member": member.id, "space": call.space.id if call.space else None, "source": source or call.source}
    room = {card.key: stamping.room(member, card, call.today) for card in cards}
    rows: Rows = ()
    for card in shown:
        data = about | {"card": card.key, "source": f"stamp:{about['source']}:{card.key}"}
        title = in_language(card.terms.title, call.language)
        most = min(_MOST_AT_ONCE, room[card.key])
        row = tuple(
            Button(
                "stamp_first" if count == 1 else "stamp_more",
                "stamp.give",
                data | {"count": count},
                {"title": title, "count": count},
            )
            for count in range(1, most + 1)
        )
        rows += (row,) if row else ()
    rows += page_turns("till.stamp", page, about, has_more=(page + 1) * _ON_A_PAGE < len(cards))
    listed, is_capped = [card.plain() for card in shown], not any(room.values())
    return reply("stamp_which", buttons=rows, name=tx.members.for_staff(member), cards=listed, is_capped=is_capped)


@button("stamp.give")
def stamp_picked(call: Call, tx: Transaction) -> Reply:
    """Give the stamps that were tapped."""
    call, member = served(call, tx, call.data)
    card = _named(call.data["card"], _cards(member, call, tx))
    return replace(_give(call, tx, member, card, call.data["count"], call.data["source"]), edit=True)
