"""What is still right in a section that is wrong somewhere, and problems as pydantic's error lines."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

from bot.config.conflict import Conflict

# The type of the error lines that tell of a broken rule between settings; `wanted` is in their context.
CONFLICT = "conflict"


def usable(model: type[BaseModel], given: Any) -> dict[str, Any]:
    """Return the values that are right by themselves, defaults too. A table wrong inside stays: its keys are known."""
    if isinstance(given, BaseModel):
        return dict(given)
    values: dict[str, Any] = {}
    for name, field in model.model_fields.items() if isinstance(given, Mapping) else ():
        if name in given:
            try:
                values[name] = _alone(model, name).validate_python(given[name])
            except ValidationError:
                if isinstance(given[name], Mapping):
                    values[name] = given[name]
        elif not field.is_required():
            values[name] = field.get_default(call_default_factory=True)
    return values


@cache
def _alone(model: type[BaseModel], name: str) -> TypeAdapter[Any]:
    return TypeAdapter(model.model_fields[name].rebuild_annotation())


def error_line(detail: ErrorDetails) -> InitErrorDetails:
    """Return an error that pydantic found, to be raised again together with others."""
    return InitErrorDetails(type=detail["type"], loc=detail["loc"], input=detail["input"], ctx=detail.get("ctx", {}))


def conflict_line(conflict: Conflict) -> InitErrorDetails:
    """Return a broken rule as an error line."""
    kind = PydanticCustomError(CONFLICT, "{wanted}", {"wanted": conflict.wanted})
    return InitErrorDetails(type=kind, loc=conflict.keys, input=conflict.given)
