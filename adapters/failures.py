"""How an unexpected error is logged: its kind and the frames it came through, never its message, which may quote."""

import traceback

_MOST_FRAMES = 8


def failure(error: BaseException) -> dict[str, object]:
    """Return fields for a log line."""
    frames = traceback.extract_tb(error.__traceback__)[-_MOST_FRAMES:]
    where = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames]
    return {"error": type(error).__name__, "frames": where}
