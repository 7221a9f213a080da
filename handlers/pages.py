"""Buttons of lists: to the pages before and after, and named things in the reader's language."""

from collections.abc import Mapping

from bot.replies import Button, Rows


def page_turns(action: str, page: int, data: Mapping[str, object] | None = None, *, has_more: bool) -> Rows:
    """Return a row of buttons to the pages before and after, none where there is only one. They carry `data` too."""
    kept = data or {}
    turns = [Button("previous_page", action, {**kept, "page": page - 1})] if page else []
    if has_more:
        turns.append(Button("next_page", action, {**kept, "page": page + 1}))
    return (tuple(turns),) if turns else ()


def in_language(words: Mapping[str, str], language: str) -> str:
    """Return a text for a button in a language, or in another where it has none in this one."""
    return words.get(language) or next(iter(words.values()))
