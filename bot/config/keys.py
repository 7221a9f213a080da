"""Every key of the config in words: what it takes, its default, whether it is secret. Read from the models' schema."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from bot.config.config import Config

NAME = "<name>"
"""Stands in a section's name for one that the owner makes up."""
_UNITS = {"_s": "seconds", "_minutes": "minutes", "_hours": "hours", "_days": "days"}
Schema = Mapping[str, Any]
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """One setting. `section` is its table's name, `default` None where it has to be given or is unset."""

    section: str
    name: str
    takes: str
    default: Any
    is_required: bool

    @property
    def full_name(self) -> str:
        return f"{self.section}.{self.name}"


@cache
def _root() -> Schema:
    return Config.model_json_schema()


def _resolved(schema: Schema) -> Schema:
    """Follow a reference, and see through `or nothing`."""
    if "$ref" in schema:
        target: Schema = _root()["$defs"][schema["$ref"].rsplit("/", 1)[1]]
        return target
    choices = [choice for choice in schema.get("anyOf", ()) if choice.get("type") != "null"]
    return _resolved(choices[0]) if len(choices) == 1 else schema


def schema_at(path: Path) -> Schema | None:
    """Return what stands at a path (names, and numbers into lists), None where no such key exists."""
    schema: Schema | None = _root()
    for step in path:
        if schema is None:
            return None
        schema = _inside(schema, step)
    return schema


def _inside(schema: Schema, step: str | int) -> Schema | None:
    if isinstance(step, int):
        found = schema.get("items")
    else:
        if schema.get("type") == "array":
            schema = _resolved(schema["items"])
        found = schema.get("properties", {}).get(step)
        others = schema.get("additionalProperties")
        if found is None and isinstance(others, dict) and step in schema["propertyNames"]["enum"]:
            found = others
        for pattern, named in schema.get("patternProperties", {}).items():
            if step == NAME or re.fullmatch(pattern, step):
                found = named
    return None if found is None else _resolved(found)


def _named(schema: Schema) -> Schema | None:
    """Return the schema of the sections below this one that bear names of the owner's, None where there are none."""
    return next(map(_resolved, schema.get("patternProperties", {}).values()), None)


def _is_section(schema: Schema) -> bool:
    if schema.get("type") == "array":
        schema = _resolved(schema["items"])
    return "properties" in schema or _named(schema) is not None


def is_secret(schema: Schema) -> bool:
    """Whether values here may never be shown."""
    return schema.get("format") == "password"


def takes(schema: Schema, name: str = "") -> str:
    """Return what a value should be, such as "a whole number of seconds from 1 to 86400"."""
    if "properties" not in schema and "description" in schema:
        return str(schema["description"])
    if "enum" in schema:
        values = [f'"{value}"' for value in schema["enum"]]
        return " or ".join(values) if len(values) < 3 else f"one of {', '.join(values)}"
    match schema.get("type"):
        case "integer":
            unit = next((f" of {words}" for ending, words in _UNITS.items() if name.endswith(ending)), "")
            return f"a whole number{unit} from {schema['minimum']} to {schema['maximum']}"
        case "boolean":
            return "true or false"
        case "array":
            return f"a list, each of it {takes(_resolved(schema['items']), name)}"
        case "object":
            return _table(schema)
        case _:
            return _text(schema)


def _table(schema: Schema) -> str:
    if "properties" in schema:
        return f"a table with {', '.join(schema['properties'])}"
    if _named(schema) is not None:
        return f"sections, each with a name of {schema['propertyNames']['description']}"
    languages = " and ".join(schema["propertyNames"]["enum"])
    return f"for each language ({languages}) {takes(_resolved(schema['additionalProperties']))}"


def _text(schema: Schema) -> str:
    if schema.get("format") == "date":
        return "a date such as 2026-03-16"
    return f"text of {schema['minLength']} to {schema['maxLength']} characters"


def sections() -> Iterator[tuple[str, str]]:
    """Yield each section's name and what it is for, in the order of the file."""
    yield from _sections("", _root())


def _sections(prefix: str, schema: Schema) -> Iterator[tuple[str, str]]:
    for name, raw in schema["properties"].items():
        found = _resolved(raw)
        if found.get("type") == "array":
            found = _resolved(found["items"])
        path, named = f"{prefix}{name}", _named(found)
        if named is not None:
            path, found = f"{path}.{NAME}", named
        if "properties" not in found:
            continue
        if any(not _is_section(_resolved(value)) for value in found["properties"].values()):
            yield path, re.sub(r"\s+", " ", found["description"])
        yield from _sections(f"{path}.", found)


def section_of(written: str) -> str:
    """Return the name of a section as `sections` has it: NAME where a file has a name of the owner's."""
    patterns = ((name, re.escape(name).replace(NAME, "[a-z0-9_-]+")) for name, _ in sections())
    return next((name for name, pattern in patterns if re.fullmatch(pattern, written)), written)


def all_keys() -> Iterator[Key]:
    """Yield every setting, in the order of the file."""
    for section, _ in sections():
        schema = schema_at(tuple(section.split(".")))
        assert schema is not None
        if schema.get("type") == "array":
            schema = _resolved(schema["items"])
        for name, raw in schema["properties"].items():
            found = _resolved(raw)
            if not _is_section(found):
                required = name in schema.get("required", ())
                yield Key(section, name, takes(found, name), raw.get("default"), required)
