"""Refusals: errors a person is told about, each naming the template that says it."""

from typing import ClassVar


class UserError(Exception):
    """A refusal. Rolls back only its own call; `template` renders it with `fields`."""

    template: ClassVar[str]

    def __init__(self, **fields: object) -> None:
        super().__init__(self.template)
        self.fields = fields


class TryLater(Exception):
    """Nothing was done because something we depend on is away: the same again later is right."""
