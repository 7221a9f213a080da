"""Where the machine-readable descriptions of the platforms' APIs lie, if they are there at all."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

SPECS_FOLDER = Path(__file__).resolve().parents[3] / "shared" / "specs"


@cache
def load_spec(name: str) -> dict[str, Any] | None:
    """Return the parsed description file `name`, or None where the folder is absent."""
    path = SPECS_FOLDER / name
    if not path.is_file():
        return None
    spec: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return spec


def require_spec(name: str) -> dict[str, Any]:
    """Return the parsed description file `name`; skip the running test where it is absent."""
    spec = load_spec(name)
    if spec is None:
        pytest.skip(f"the API description {name} is not beside this repository (shared/specs)")
    return spec
