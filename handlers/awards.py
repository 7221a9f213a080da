"""Writing award intents in bulk: known sources and full caps fall away, the rest becomes entries."""

from collections.abc import Sequence

from bot.earning.intents import Intent, within_caps
from storage.transaction import Transaction


def award(intents: Sequence[Intent], tx: Transaction) -> set[str]:
    """Write the intents that are new and fit their caps; return their sources."""
    unknown = tx.ledger.unknown(intent.source for intent in intents)
    fresh: list[Intent] = []
    for intent in intents:
        if intent.source in unknown:
            unknown.discard(intent.source)
            fresh.append(intent)
    if not fresh:
        return set()
    counts = tx.participation.counts(intent.counted for intent in fresh if intent.cap)
    fitting, grown = within_caps(fresh, counts)
    tx.ledger.post_awards(fitting)
    tx.participation.add_counts(grown)
    return {intent.source for intent in fitting}
