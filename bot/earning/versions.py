"""Rule versions: a short hash of a rule's settings, named by every entry the rule makes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass

from bot.config import Config


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

    @classmethod
    def of(cls, config: Config) -> "RuleBook":
        """Read the versions from the settings."""
        earning = config.earning
        sections = {
            "message": earning.message,
            "reaction": earning.reaction,
            "join": earning.join,
            "bonus": config.bonus,
            "tiers": config.tiers,
        }
        contents = {rule: section.model_dump_json() for rule, section in sections.items()}
        contents |= {f"action:{name}": rule.model_dump_json() for name, rule in earning.action.items()}
        contents["purchase"] = _of_purchases(config)
        contents |= {
            f"purchase:{shop.id}": _of_purchases(config, points=shop.points)
            for shop in config.shop
            if shop.points is not None
        }
        contents |= {f"challenge:{item.id}": item.model_dump_json() for item in config.challenge}
        contents |= {f"tier:{item.id}": item.model_dump_json() for item in config.tier}
        return cls({rule: RuleVersion(_short(rule, content), rule, content) for rule, content in contents.items()})

    def __getitem__(self, rule: str) -> str:
        return self._versions[rule].id

    def all(self) -> tuple[RuleVersion, ...]:
        """Return every version in force."""
        return tuple(self._versions.values())


def _of_purchases(config: Config, **instead: int) -> str:
    """Return the purchase rule, with the boosts if there are any."""
    rule = config.earning.purchase.model_copy(update=instead)
    boosts = [boost.model_dump(mode="json") for boost in config.boost]
    return json.dumps(rule.model_dump(mode="json") | {"boost": boosts}) if boosts else rule.model_dump_json()


def _short(rule: str, content: str) -> str:
    return hashlib.sha256(f"{rule} {content}".encode()).hexdigest()[:12]
