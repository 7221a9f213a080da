"""The programme's rules: which version a member accepts."""

import hashlib
import json

from bot.config import Programme

_SHORT_TEXT_EDITION = 1
"""Raised when the built-in short rules (the template rules_short) change their meaning."""


def rules_version(programme: Programme) -> str:
    """Return a short hash of the rules in every language, or of the built-in ones where none are configured."""
    content = json.dumps([programme.name, programme.rules, _SHORT_TEXT_EDITION], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(content.encode()).hexdigest()[:12]
