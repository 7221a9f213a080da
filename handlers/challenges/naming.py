"""What people call the things that the config knows by an id, by language."""

from collections.abc import Iterable, Mapping

from bot.config.challenges import ChallengeSettings
from bot.config.config import Config
from bot.config.products import ProductSettings
from bot.config.rewards import RewardSettings
from bot.config.types import Language


def of_name(challenge: ChallengeSettings, config: Config) -> dict[str, str]:
    """Return what the product or the action is called that alone counts; nothing where all do."""
    if challenge.counts == "actions" and challenge.of is not None:
        return by_language(config.earning.action[challenge.of].title)
    return name_of(challenge.of, config.product)


def name_of(wanted: str | None, known: Iterable[RewardSettings | ProductSettings]) -> dict[str, str]:
    """Return the name of the one with this id; nothing where there is none."""
    return by_language(next((one.name for one in known if one.id == wanted), {}))


def by_language(words: Mapping[Language, str]) -> dict[str, str]:
    """Return words as they are kept."""
    return {str(language): said for language, said in words.items()}
