"""What members may say for a command's values: the currencies of the config, the names of choices in each language."""

from collections.abc import Iterator

from bot.arguments import Vocabulary
from bot.config.config import Config
from messages.words import LANGUAGES, choice_words


def vocabulary_of(config: Config) -> Vocabulary:
    """Return the words by which a command's values are understood."""
    return Vocabulary((config.programme.currency, *config.rates), _called)


def _called(choice: str) -> Iterator[str]:
    return (choice_words(language)[choice] for language in LANGUAGES)
