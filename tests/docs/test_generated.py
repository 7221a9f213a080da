"""The generated pages say what the code does."""

from bot.config.keys import all_keys
from docs.generate import EXAMPLE, explanations, pages


def test_the_pages_are_fresh() -> None:
    stale = [path.name for path, text in pages().items() if path.read_text(encoding="utf-8") != text]
    assert not stale, "run `make docs`"


def test_every_setting_is_explained() -> None:
    explained = explanations(EXAMPLE.read_text(encoding="utf-8"))
    assert [key.full_name for key in all_keys() if not explained.get(key.full_name)] == []
