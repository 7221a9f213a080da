"""Writing awards in bulk: known sources and full caps fall away, the rest becomes entries."""

from collections import Counter
from collections.abc import Sequence

from bot.config.earning import MessageRule
from bot.earning.intents import Intent, within_caps
from bot.earning.message import MessageAward, counted
from bot.ledger.ledger import Reason
from handlers.challenges.progress import Progress
from storage.transaction import Transaction


def award(intents: Sequence[Intent], tx: Transaction) -> set[str]:
    """Write the intents that are new and fit their caps; return their sources."""
    unknown = tx.ledger.unknown([intent.source for intent in intents])
    fresh: list[Intent] = []
    for intent in intents:
        if intent.source in unknown:
            unknown.discard(intent.source)
            fresh.append(intent)
    if not fresh:
        return set()
    counts = tx.participation.counts([(counting, intent.day) for intent in fresh for counting, _ in intent.caps])
    wanted = ((intent, [((counting, intent.day), cap) for counting, cap in intent.caps]) for intent in fresh)
    fitting, grown = within_caps(wanted, counts)
    entries = [entry for intent in fitting for entry in intent.entries(tx.now)]
    tx.ledger.post_new(entries)
    Progress(tx).earned(entries)
    tx.participation.add_counts(grown)
    return {intent.source for intent in fitting}


def award_messages(awards: Sequence[MessageAward], rule: MessageRule, rule_version: str, tx: Transaction) -> None:
    """Write the awards for messages that are new and fit the cap; their sources differ from one another."""
    if rule.points:
        award([message_intent(one, rule, rule_version) for one in awards], tx)
        return
    if not awards or not rule.status:
        return
    cap, keys = rule.daily_cap, [(counted(said[0]), day) for _, said, day in awards]
    counts = tx.participation.counts(keys)
    fitting, grown = within_caps(((one, ((key, cap),)) for one, key in zip(awards, keys, strict=True)), counts)
    written = tx.ledger.post_messages(fitting, rule.status, rule_version)
    Progress(tx).earned_by_messages(written, rule.status)
    if len(written) == len(fitting):
        tx.participation.add_counts(grown)
        return
    tx.participation.add_counts(Counter((counted(said[0]), day) for _, said, day in written))
    # What was known already took no room: there may be some for others.
    tried = set(fitting)
    award_messages([award for award in awards if award not in tried], rule, rule_version, tx)


def message_intent(award: MessageAward, rule: MessageRule, rule_version: str) -> Intent:
    """Return the award for a message as the rule says it."""
    source, (holder_id, member_id, space_id, at, _, _), day = award
    return Intent(
        reason=Reason.MESSAGE,
        source=source,
        holder_id=holder_id,
        member_id=member_id,
        space_id=space_id,
        points=rule.points,
        status=rule.status,
        occurred_at=at,
        rule_version=rule_version,
        caps=((counted(holder_id), rule.daily_cap),),
        day=day,
    )
