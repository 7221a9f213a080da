"""Rule versions: a short hash of a rule's settings, named by every entry the rule makes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.config.config import Config
from bot.config.shops import ShopSettings


@dataclass(frozen=True, slots=True)
class RuleVersion:
    """A rule and the settings behind its version, as JSON text."""

    id: str
    rule: str
    content: str


class RuleBook:
    """The versions now in force, by rule name."""

    def __init__(self, versions: Mapping[str, RuleVersion]) -> None:
        self._versions = dict(versions)
        self._contents = {version.id: version.content for version in self._versions.values()}

    @classmethod
    def of(cls, config: Config) -> "RuleBook":
        """Read the versions from the settings."""
        earning = config.earning
        sections = {
            "reaction": earning.reaction,
            "join": earning.join,
            "sign_up": earning.sign_up,
            "profile": earning.profile,
            "voice": earning.voice,
            "thanks": earning.thanks,
            "referral": earning.referral,
            "bonus": config.bonus,
            "duels": config.duels,
            "tiers": config.tiers,
        }
        contents = {rule: section.model_dump_json() for rule, section in sections.items()}
        contents["message"] = _of_messages(config)
        contents |= {f"action:{name}": rule.model_dump_json() for name, rule in earning.action.items()}
        contents["purchase"] = _of_purchases(config)
        levels = config.levels
        contents["levels"] = json.dumps({"enabled": levels.enabled, "polynomial": levels.polynomial})
        contents |= {f"purchase:{shop.id}": _of_purchases(config, shop) for shop in config.shop if shop.has_own_points}
        contents |= {f"challenge:{item.id}": item.model_dump_json() for item in config.challenge}
        contents |= {f"season:{item.id}": item.model_dump_json() for item in config.season}
        contents |= {f"tier:{item.id}": item.model_dump_json() for item in config.tier}
        return cls({rule: version_of(rule, content) for rule, content in contents.items()})

    def __getitem__(self, rule: str) -> str:
        return self._versions[rule].id

    def content(self, version_id: str) -> str | None:
        """Return what a version says, None where it is not in force any more."""
        return self._contents.get(version_id)

    def of_shop(self, shop: str) -> str:
        """Return the version by which purchases in a shop earn."""
        rule = f"purchase:{shop}"
        return self[rule if rule in self._versions else "purchase"]

    def all(self) -> tuple[RuleVersion, ...]:
        """Return every version in force."""
        return tuple(self._versions.values())


def _of_purchases(config: Config, shop: ShopSettings | None = None) -> str:
    """Return the purchase rule, as a shop has it, with the boosts and products if there are any."""
    rule = config.earning.purchase
    if shop is not None and shop.points is not None:
        rule = rule.model_copy(update={"points": shop.points})
    boosts = [boost for boost in config.boost if "purchases" in boost.multiplies]
    lists = {"boost": boosts, "product": config.product}
    beside: dict[str, object] = {
        name: [one.model_dump(mode="json") for one in several] for name, several in lists.items() if several
    }
    if shop is not None and shop.multiplier != "1":
        beside["multiplier"] = shop.multiplier
    return json.dumps(rule.model_dump(mode="json") | beside) if beside else rule.model_dump_json()


def _of_messages(config: Config) -> str:
    """Return the message rule, with what multiplies messages if there is anything."""
    rule = config.earning.message
    lists = {
        "boost": [boost for boost in config.boost if "messages" in boost.multiplies],
        "channel": config.channel,
    }
    beside: dict[str, object] = {
        name: [one.model_dump(mode="json") for one in several] for name, several in lists.items() if several
    }
    if tiers := {tier.id: tier.message_multiplier for tier in config.tier if tier.message_multiplier != "1"}:
        beside["tier"] = tiers
    return json.dumps(rule.model_dump(mode="json") | beside) if beside else rule.model_dump_json()


def version_of(rule: str, content: str) -> RuleVersion:
    """Return a rule's version by its settings as JSON text."""
    return RuleVersion(_short(rule, content), rule, content)


def _short(rule: str, content: str) -> str:
    return hashlib.sha256(f"{rule} {content}".encode()).hexdigest()[:12]
