"""Checks request bodies against Discord's own machine-readable description of its API."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.platforms.discord.model import Json
from tests.platforms.specs import load_spec

SPEC_FILE = "discord-api-v10.openapi.json"
_ROOT = "urn:discord"
# discord.py sends these with edits and commands; Discord's documentation knows them, the description does not.
_TOLERATED = {"tts", "nsfw", "username", "avatar_url"}


class Spec:
    def __init__(self, document: Json) -> None:
        self._document = document
        resource: Resource[Any] = Resource.from_contents(document, default_specification=DRAFT202012)
        self._registry: Registry[Any] = Registry().with_resource(_ROOT, resource)
        self._validators: dict[int, Draft202012Validator] = {}
        self._checked: dict[tuple[str, str, str], list[str]] = {}

    def check(self, method: str, template: str, body: Any) -> list[str]:
        """Return what in `body` the description does not allow; an operation it does not describe is a problem too."""
        # Checking costs more than all the rest, and what was right once is right again.
        asked = method, template, json.dumps(body, sort_keys=True)
        if asked not in self._checked:
            self._checked[asked] = self._check(method, template, body)
        return self._checked[asked]

    def check_schema(self, name: str, value: Any) -> list[str]:
        """Return what in `value` the schema of that name does not allow."""
        schema = self._document["components"]["schemas"][name]
        return [*self._errors(schema, value), *self._unknown(schema, value, "")]

    def _check(self, method: str, template: str, body: Any) -> list[str]:
        pointer = ["paths", template, method.lower(), "requestBody", "content", "application/json", "schema"]
        schema: Any = self._document
        for step in pointer:
            if step not in schema:
                return [f"the description has no {step} here"]
            schema = schema[step]
        return [*self._errors(schema, body), *self._unknown(schema, body, "")]

    def _validator(self, schema: Any) -> Draft202012Validator:
        # Every schema is a part of the document, so that it keeps its identity.
        if id(schema) not in self._validators:
            absolute = json.loads(json.dumps(schema).replace('"#/', f'"{_ROOT}#/'))
            self._validators[id(schema)] = Draft202012Validator(absolute, registry=self._registry)
        return self._validators[id(schema)]

    def _errors(self, schema: Any, body: Any) -> Iterator[str]:
        for error in self._validator(schema).iter_errors(body):
            yield f"{error.json_path}: {error.message[:200]}"

    def _unknown(self, schema: Any, body: Any, path: str) -> Iterator[str]:
        """Yield the fields no schema knows."""
        schema = self._resolved(schema, body)
        if isinstance(body, list):
            for index, one in enumerate(body):
                yield from self._unknown(schema.get("items", {}), one, f"{path}[{index}]")
        elif isinstance(body, dict) and "properties" in schema and "additionalProperties" not in schema:
            for name, value in body.items():
                if name in schema["properties"]:
                    yield from self._unknown(schema["properties"][name], value, f"{path}.{name}")
                elif name not in _TOLERATED:
                    yield f"unknown field {path}.{name}"

    def _resolved(self, schema: Any, body: Any) -> Any:
        """Follow references and pick the branch of a union: the valid one that knows the most of the fields."""
        while "$ref" in schema or "oneOf" in schema or "anyOf" in schema:
            if "$ref" in schema:
                schema = self._document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
                continue
            branches = [self._resolved(one, body) for one in schema.get("oneOf") or schema.get("anyOf")]
            valid = [one for one in branches if self._validator(one).is_valid(body)]
            if not valid:
                return {}
            schema = max(valid, key=lambda one: _known(one, body))
        return schema


def _known(schema: Any, body: Any) -> int:
    return len(set(schema.get("properties", ())) & set(body)) if isinstance(body, dict) else 0


@cache
def find_spec() -> Spec | None:
    """Return the description if it lies beside the project, else None."""
    document = load_spec(SPEC_FILE)
    return None if document is None else Spec(document)
