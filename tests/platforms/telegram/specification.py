"""Checks calls, results and updates against the published description of the Bot API."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.platforms.specs import load_spec

from .calls import Upload
from .errors import Json

SPEC_FILE = "telegram-bot-api-10.1.json"
PLAIN: Mapping[str, tuple[type, ...]] = {
    "Integer": (int,),
    "Float": (int, float),
    "String": (str,),
    "Boolean": (bool,),
    "InputFile": (Upload,),
}


class Specification:
    """The description of all methods and types."""

    def __init__(self, spec: Json) -> None:
        self.methods: Json = spec["methods"]
        self.types: Json = spec["types"]

    @classmethod
    def load(cls) -> "Specification | None":
        """Return the description, or None where it is absent."""
        spec = load_spec(SPEC_FILE)
        return None if spec is None else cls(spec)

    def call_problems(self, method: str, params: Mapping[str, Any]) -> list[str]:
        """What is wrong with a decoded call."""
        fields = self.methods[method].get("fields", [])
        return self._object_problems(fields, params, method)

    def result_problems(self, method: str, result: Any) -> list[str]:
        """What is wrong with a method's result."""
        return self.value_problems(result, self.methods[method]["returns"], f"{method} ->")

    def update_problems(self, update: Any) -> list[str]:
        """What is wrong with an update."""
        return self.value_problems(update, ["Update"], "Update")

    def value_problems(self, value: Any, types: Sequence[str], path: str) -> list[str]:
        """What is wrong with a value that may be of any of `types`: the problems of the type it fits best."""
        candidates = [self._problems_as(value, name, path) for name in types]
        return min(candidates, key=len)

    def _problems_as(self, value: Any, name: str, path: str) -> list[str]:
        if name.startswith("Array of "):
            if not isinstance(value, list):
                return [f"{path}: not an array"]
            inner = name.removeprefix("Array of ")
            return [
                problem for i, item in enumerate(value) for problem in self._problems_as(item, inner, f"{path}[{i}]")
            ]
        if name in PLAIN:
            fits = isinstance(value, PLAIN[name]) and (name == "Boolean" or not isinstance(value, bool))
            return [] if fits else [f"{path}: {value!r} is not of type {name}"]
        described = self.types[name]
        if "subtypes" in described:
            return self.value_problems(value, described["subtypes"], path)
        if not isinstance(value, dict):
            return [f"{path}: not an object"]
        return self._object_problems(described.get("fields", []), value, path)

    def _object_problems(self, fields: Sequence[Json], value: Mapping[str, Any], path: str) -> list[str]:
        known = {field["name"]: field for field in fields}
        problems = [f"{path}: unknown field {name!r}" for name in value if name not in known]
        for name, field in known.items():
            if name in value:
                problems += self.value_problems(value[name], field["types"], f"{path}.{name}")
            elif field["required"]:
                problems.append(f"{path}: missing field {name!r}")
        return problems
