"""Files of this machine that are sent as pictures."""

import asyncio
from pathlib import Path

from adapters.console.grammar import BadLine, shown
from adapters.pictures import Attached, NotFetched


def attached(given: str) -> Attached:
    """Return what there is under a path, which may begin with ~. Raises BadLine."""
    try:
        path = Path(given).expanduser()
        size = path.stat().st_size
    except (OSError, RuntimeError, ValueError) as error:
        hint = "give a path such as [photo: /home/ania/mug.jpg]"
        raise BadLine(f"there is no file {shown(given)}; {hint}") from error
    return Attached(str(path), size, may_be_picture=True)


async def fetch(path: str) -> bytes:
    """Return what a file holds. Raises NotFetched."""
    try:
        return await asyncio.to_thread(Path(path).read_bytes)
    except OSError as error:
        raise NotFetched(type(error).__name__) from error
