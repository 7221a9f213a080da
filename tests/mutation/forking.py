"""Does something in a process of its own, forked from this one, which may end badly or never."""

import os
import resource
import signal
import time
from collections.abc import Callable

BROKEN = 3


def forked(work: Callable[[], int], deadline_s: float, most_cpu_s: int | None = None) -> int | None:
    """Return the exit code that `work` gives, `BROKEN` if it raised, None if its process had to be ended.

    Where it would run for ever it uses up `most_cpu_s` first, which is the same on a busy machine.
    """
    child = os.fork()
    if not child:
        code = BROKEN
        try:
            os.setsid()
            if most_cpu_s is not None:
                resource.setrlimit(resource.RLIMIT_CPU, (most_cpu_s, most_cpu_s))
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
