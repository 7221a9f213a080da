"""`make simulate`: many seeds, or one again with SEED; a failure says how to replay it."""

import argparse
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.plan import Plan
from tests.simulation.running import run


def main() -> int:
    """Run the seeds asked for; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10, help="how many seeds, from --first on")
    parser.add_argument("--first", type=int, default=1)
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--steps", type=int, default=2000)
    parser.add_argument("--days", type=int, help="a long run, instead of --steps and --pause")
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--pause", type=float, default=3000.0, help="mean seconds between two steps")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1, help="seeds at the same time")
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.seeds) if given.seed is None else [given.seed]
    plans = [
        Plan.of_days(seed, given.days, given.people)
        if given.days
        else Plan(seed, given.steps, given.people, given.pause)
        for seed in seeds
    ]
    failed = 0
    several = min(given.processes, len(plans))
    with ProcessPoolExecutor(several, multiprocessing.get_context("spawn")) as pool:
        for has_agreed, told in pool.map(run, plans):
            sys.stdout.write(f"{told}\n")
            sys.stdout.flush()
            failed += not has_agreed
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
