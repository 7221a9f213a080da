"""Running one plan from beginning to end, in a process of its own if need be, and telling how it went."""

import asyncio
import gc
import logging
import tempfile
import time
from pathlib import Path

from adapters.logs import configure_logs
from tests.simulation.oracle import Differs
from tests.simulation.plan import BEGIN, Plan
from tests.simulation.world import World

_GARBAGE_AT = 500_000


def run(plan: Plan) -> tuple[bool, str]:
    """Run one plan; return whether all agreed, and how it went."""
    configure_logs([], logging.CRITICAL + 1)
    # The model only grows: to look through all of it for garbage again and again takes a tenth of the time.
    gc.set_threshold(_GARBAGE_AT, 20, 20)
    began_at, worked_s = time.monotonic(), time.process_time()
    with tempfile.TemporaryDirectory(prefix="bywalec-simulation-") as folder:
        world = World(plan, Path(folder))
        try:
            asyncio.run(world.run())
        except Differs as difference:
            return False, f"seed {plan.seed}: {difference}\n  replay: {plan.again}"
    counted = world.counted
    return True, (
        f"seed {plan.seed}: {counted.events} events, {counted.steps} steps, {(world.now - BEGIN).days} days, "
        f"{counted.deaths} deaths, {counted.recounts} recounts, {time.monotonic() - began_at:.1f} s "
        f"({time.process_time() - worked_s:.1f} s of the processor), "
        f"trace {world.trace[:16]}"
    )
