"""Loading the config: a TOML file and the environment, with every problem reported at once."""

import difflib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.config import keys as config_keys
from bot.config.config import Config
from bot.config.partial import CONFLICT

PREFIX = "BYWALEC_"
_HIDDEN = "(hidden)"
_MOST_SHOWN = 60
# A token in the wrong place, a password in an address: secrets also where no secret belongs.
_LIKE_A_SECRET = re.compile(r"[0-9]{5,}:[\w-]{16,}|[\w-]{20,}\.[\w-]{4,}\.[\w-]{16,}|://.*@", re.DOTALL)
_OF_A_SHOP = 3
_AS_TEXT = ("string", None)
Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with the config. `given` is empty where nothing can or may be shown."""

    key: str
    given: str
    wanted: str

    def __str__(self) -> str:
        return f"{self.key} = {self.given}: {self.wanted}" if self.given else f"{self.key}: {self.wanted}"


class ConfigProblems(Exception):
    """The config cannot be used. Holds no secret."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def load_config(path: Path, environment: Mapping[str, str]) -> Config:
    """Return the settings, the environment's before the file's. Raises ConfigProblems, OSError without a file."""
    return config_from(read_toml(path), environment)


def read_toml(path: Path) -> dict[str, Any]:
    """Return the file's content. Raises ConfigProblems where it is no TOML, OSError where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except tomllib.TOMLDecodeError as error:
        raise ConfigProblems([Problem(path.name, "", f"is not valid TOML: {error}")]) from None
    except UnicodeDecodeError as error:
        problem = Problem(path.name, "", f"is not UTF-8 text at byte {error.start}")
        raise ConfigProblems([problem]) from None


def config_from(content: Mapping[str, Any], environment: Mapping[str, str]) -> Config:
    """Return the settings made of a file's content and the environment. Raises ConfigProblems."""
    data = _copied(content)
    variables, problems = _from_environment(environment, _places(data.get("shop")))
    for keys, (_, value) in variables.items():
        _put(data, keys, value)
    names = {keys: name for keys, (name, _) in variables.items()}
    try:
        config = Config.model_validate(data)
    except ValidationError as error:
        found = [_problem(detail, names) for detail in error.errors(include_url=False)]
        raise ConfigProblems([*problems, *(problem for problem in found if problem is not None)]) from None
    if problems:
        raise ConfigProblems(problems)
    return config


def _copied(value: Any) -> Any:
    if isinstance(value, list):
        return [_copied(inner) for inner in value]
    return {key: _copied(inner) for key, inner in value.items()} if isinstance(value, Mapping) else value


# The environment ----------------------------------------------------------------------------------------------------


def _places(shops: Any) -> dict[str, int]:
    """Return where each shop stands in the list, by its id as a variable writes it."""
    listed = shops if isinstance(shops, list) else []
    ids = [(place, str(shop["id"])) for place, shop in enumerate(listed) if isinstance(shop, dict) and "id" in shop]
    return {shop_id.replace("-", "_"): place for place, shop_id in ids}


def _from_environment(
    environment: Mapping[str, str], shops: Mapping[str, int]
) -> tuple[dict[Keys, tuple[str, Any]], list[Problem]]:
    """Return (name, value) by keys, and a problem for each variable that means nothing."""
    found: dict[Keys, tuple[str, Any]] = {}
    problems = []
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        keys: Keys = tuple(name.removeprefix(PREFIX).lower().split("__"))
        if len(keys) == _OF_A_SHOP and keys[0] == "shop":
            if keys[1] not in shops:
                problems.append(Problem(name, "", "the file has no [[shop]] with this id"))
                continue
            keys = ("shop", shops[str(keys[1])], keys[2])
        schema = config_keys.schema_at(keys)
        if schema is None:
            known = [PREFIX + key.full_name.upper().replace(".", "__") for key in config_keys.all_keys()]
            problems.append(Problem(name, "", f"no such variable{_suggestion(name, known)}"))
        else:
            is_text = schema.get("type") in _AS_TEXT
            found[keys] = (name, environment[name] if is_text else _from_json(environment[name]))
    return found, problems


def _from_json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _put(data: dict[str, Any], keys: Keys, value: Any) -> None:
    *outer, last = keys
    table: Any = data
    for key in outer:
        table = table[key] if isinstance(key, int) else table.setdefault(key, {})
        if not isinstance(table, dict | list):
            return
    table[last] = value


# Problems in words --------------------------------------------------------------------------------------------------


def _problem(detail: ErrorDetails, names: Mapping[Keys, str]) -> Problem | None:
    """Return an error in words, None for what is wrong inside a table that is a problem itself."""
    keys: Keys = detail["loc"]
    if keys and keys[-1] == "[key]":
        return Problem(_name(keys[:-1], names), "", _about_names(config_keys.schema_at(keys[:-2])))
    if detail["type"] == "extra_forbidden":
        return Problem(_name(keys, names), "", f"no such setting{_meant(keys)}")
    schema = config_keys.schema_at(keys)
    if schema is None:
        return None
    if detail["type"] == CONFLICT:
        given = "" if detail["input"] is None else _shown(detail["input"], schema)
        return Problem(_name(keys, names), given, detail["ctx"]["wanted"])
    wanted = f"should be {_wanted(schema, keys)}"
    if detail["type"] == "missing":
        return Problem(_name(keys, names), "", f"is missing, {wanted}")
    return Problem(_name(keys, names), _shown(detail["input"], schema), wanted)


def _about_names(schema: Mapping[str, Any] | None) -> str:
    allowed = {} if schema is None else schema["propertyNames"]
    if "description" in allowed:
        return f"is no name for it; it should be {allowed['description']}"
    return "no such language; known are en, pl"


def _wanted(schema: Mapping[str, Any], keys: Keys) -> str:
    if "properties" in schema and len(keys) == 1:
        return f"a section, written [{keys[0]}]"
    if schema.get("type") == "array" and len(keys) == 1:
        return f"sections, each written [[{keys[0]}]]"
    return config_keys.takes(schema, str(keys[-1]))


def _name(keys: Keys, names: Mapping[Keys, str]) -> str:
    """Return a key as the file writes it, entries of lists counted from 1, with its variable if it came from one."""
    steps = (f"[{key + 1}]" if isinstance(key, int) else f".{_LIKE_A_SECRET.sub(_HIDDEN, key)}" for key in keys)
    name = "".join(steps).removeprefix(".")
    variable = next((names[keys[:end]] for end in range(len(keys), 0, -1) if keys[:end] in names), None)
    return f"{name} (from {variable})" if variable else name


def _shown(value: Any, schema: Mapping[str, Any]) -> str:
    """Return a value as the file writes it; nothing for whole tables, which may hold secrets."""
    if config_keys.is_secret(schema):
        return _HIDDEN
    if isinstance(value, str | bool | int | float | list):
        if "properties" in schema or _LIKE_A_SECRET.search(str(value)):
            return _HIDDEN
        text = json.dumps(value, ensure_ascii=False, default=str)
        return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 1] + "…"
    return "" if isinstance(value, dict) else str(value)


def _meant(keys: Keys) -> str:
    """Return a hint at the key meant: one beside it, or the only one of this name elsewhere."""
    *outer, given = (key for key in keys if isinstance(key, str))
    sections = [name for name, _ in config_keys.sections()]
    known = [key.full_name for key in config_keys.all_keys()] + sections
    section = config_keys.section_of(".".join(outer))
    beside = [name.removeprefix(f"{section}.") for name in known if name.startswith(section)]
    close = difflib.get_close_matches(given, [name for name in beside if "." not in name], n=1)
    if close:
        return f"; did you mean {'.'.join([*outer, close[0]])}?"
    plain = [name.removesuffix(f".{config_keys.NAME}") for name in known]
    elsewhere = {name for name in plain if name.rsplit(".", 1)[-1] == given}
    if elsewhere:
        return f"; did you mean {elsewhere.pop()}?" if len(elsewhere) == 1 else ""
    return _suggestion(".".join([*outer, given]), known)


def _suggestion(given: str, known: list[str]) -> str:
    close = difflib.get_close_matches(given, known, n=1, cutoff=0.8)
    return f"; did you mean {close[0]}?" if close else ""
