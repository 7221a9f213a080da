"""The programme's rules: which version a member accepts."""

import hashlib
import json

from bot.config.config import Config

_SHORT_TEXT_EDITION = 3
"""Raised when the built-in short rules (the template rules_short) change their meaning."""


def rules_version(config: Config) -> str:
    """Return a short hash of what the rules say: the owner's words and the numbers of the earning rules."""
    programme = config.programme
    said = [programme.name, programme.currency, programme.rules, config.earning.model_dump(), _SHORT_TEXT_EDITION]
    said += [programme.points_expire_after_months, config.tiers.period]
    said += [[tier.id, tier.name, tier.threshold, tier.multiplier, tier.reward_discount] for tier in config.tier]
    said += [[tier.id, tier.message_multiplier] for tier in config.tier if tier.message_multiplier != "1"]
    said += [
        one.model_dump(mode="json") for one in (*config.boost, *config.channel, *config.product, *config.stamp_card)
    ]
    said += [[shop.id, shop.multiplier] for shop in config.shop if shop.multiplier != "1"]
    content = json.dumps(said, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:12]
