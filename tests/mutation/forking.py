"""Does something in a process of its own, forked from this one, which may end badly or never."""

import os
import signal
import time
from collections.abc import Callable

BROKEN = 3


def forked(work: Callable[[], int], deadline_s: float) -> int | None:
    """Return the exit code that `work` gives, `BROKEN` if it raised, None if its process had to be ended."""
    child = os.fork()
    if not child:
        code = BROKEN
        try:
            os.setsid()
            code = work()
        finally:
            # Whatever happens, this process must not go on as its parent's twin.
            os._exit(code)
    ends_at = time.monotonic() + deadline_s
    while time.monotonic() < ends_at:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None
