"""The challenges that are open, as a member sees them."""

from bot.replies import Reply, reply
from handlers.call import Call
from handlers.registry import command
from storage.transaction import Transaction


@command("challenges", read_only=True)
def challenges(call: Call, tx: Transaction) -> Reply:
    """Show every open challenge with the member's progress."""
    rounds = [
        {
            "terms": open_round.terms,
            "closes_at": open_round.closes_at,
            "amount": max(0, tx.challenges.amount(open_round.id, call.actor.id)),
        }
        for open_round in tx.challenges.open_rounds()
    ]
    return reply("challenges", rounds=rounds)
