"""Declarations beside handlers, collected into one table by hand."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from bot.commands import ButtonSpec, CommandSpec, Menu, Param, Where
from bot.members.roles import Role
from bot.replies import Reply, Visibility
from handlers.call import Call
from storage.transaction import Transaction

Handler = Callable[[Call, Transaction], Reply | list[Reply]]
H = TypeVar("H", bound=Handler)
_COMMAND, _BUTTON = "__bywalec_command__", "__bywalec_button__"


class DuplicateDeclaration(Exception):
    """Two handlers declare the same name."""


def command(
    name: str,
    *,
    params: Sequence[Param] = (),
    role: Role = Role.MEMBER,
    where: Where = Where.ANYWHERE,
    visibility: Visibility = Visibility.PRIVATE,
    read_only: bool = False,
    menus: Sequence[Menu] = (),
) -> Callable[[H], H]:
    """Declare a command beside its handler. Registers nothing."""
    spec = CommandSpec(name, tuple(params), role, where, visibility, read_only, tuple(menus))

    def attach(handler: H) -> H:
        setattr(handler, _COMMAND, spec)
        return handler

    return attach


def button(action: str, *, role: Role = Role.MEMBER) -> Callable[[H], H]:
    """Declare what a button's action does. Registers nothing."""
    spec = ButtonSpec(action, role)

    def attach(handler: H) -> H:
        setattr(handler, _BUTTON, spec)
        return handler

    return attach


@dataclass(frozen=True, slots=True)
class Registry:
    """Handlers by command name and by button action. What is in `left_out` can be said, but is in no menu."""

    commands: dict[str, tuple[CommandSpec, Handler]]
    buttons: dict[str, tuple[ButtonSpec, Handler]]
    left_out: frozenset[str] = frozenset()

    @classmethod
    def of(cls, handlers: Iterable[Handler], left_out: frozenset[str] = frozenset()) -> "Registry":
        """Build the table. Raises DuplicateDeclaration where a name is declared twice."""
        registry = cls({}, {}, left_out)
        for handler in handlers:
            spec = getattr(handler, _COMMAND, None)
            pressed = getattr(handler, _BUTTON, None)
            if spec is None and pressed is None:
                raise ValueError(f"{handler.__qualname__} declares neither a command nor a button")
            if spec is not None:
                _add(registry.commands, spec.name, (spec, handler))
            if pressed is not None:
                _add(registry.buttons, pressed.action, (pressed, handler))
        return registry

    @property
    def specs(self) -> tuple[CommandSpec, ...]:
        """The declared commands in the order of the table, as menus show them."""
        return tuple(spec for spec, _ in self.commands.values() if spec.name not in self.left_out)


V = TypeVar("V")


def _add(table: dict[str, V], name: str, value: V) -> None:
    if name in table:
        raise DuplicateDeclaration(name)
    table[name] = value
