"""Change the package one small step at a time, and see whether a test fails.

A mutant is the package with one change: `<` becomes `<=`, an argument becomes `None`. A mutant that fails
a test is killed; one that fails none survives, and shows a value that no test holds. The changes are
mutmut's operators; the tests are those of the suite that run in one process and reach the changed line.

    python -m tools.mutants                         # all rooms, and the table of docs/mutants.md: hours
    python -m tools.mutants formulas catalog        # these rooms; `top` is figures, messages and errors
    python -m tools.mutants --changed origin/main   # only lines that differ from a revision (for CI)
    python -m tools.mutants estimates --again       # only the survivors of the last run
    python -m tools.mutants estimates --more        # only what has no result yet: a room in pieces
    python -m tools.mutants --write                 # the table of docs/mutants.md, from the last runs

Install it with `pip install -e '.[test,mutants]'`. The first run records which test reaches which line
(many minutes) and keeps that in `.mutants/` until a file changes; before it, `--changed` records only the
tests that import a changed file. It takes at most `--minutes` on top, 10 unless you say otherwise, and
tests a random sample if there is more to do. Results are written every two minutes, and when Ctrl-C ends
a run; `--more` goes on from there.

How it works: pytest collects the suite once; for each mutant the process forks, the child replaces the
code of the changed function (so decorated functions count too, and `inspect.getsource` still shows the
original), empties the package's caches and runs the tests, the fastest first, until one fails.
"""

from __future__ import annotations

import argparse
import functools
import os
import signal
import sys
import time
from dataclasses import asdict
from typing import Any

from . import ROOT
from .changes import Mutant, files_of, in_random_order, mutants_of, mutants_since
from .results import ON_PAGE, SURVIVED, Result, load, save, score, show, write_page
from .runner import Runner, run

SAVE_EVERY_S = 120.0


def run_rooms(options: argparse.Namespace, runner: Runner) -> bool:
    good = True
    for room in options.rooms or ON_PAGE:
        good &= run_room(room, options, runner)
        if runner.stopped:
            return False
    if not options.rooms:
        write_page()
    return good


def run_room(room: str, options: argparse.Namespace, runner: Runner) -> bool:
    """Run a room's mutants, keep the results, print the survivors."""
    began = saved = time.monotonic()
    found = [mutants_of(file) for file in files_of(room)]
    mutants = [mutant for of_file, _ in found for mutant in of_file]
    counts = {"all": len(mutants), "at_import": sum(outside for _, outside in found)}
    past = load(room)
    keys = {mutant.key for mutant in mutants}
    past["results"] = [result for result in past["results"] if result["key"] in keys]
    past["skipped_keys"] = [key for key in past["skipped_keys"] if key in keys]
    fresh: list[Result] = []
    for result in runner.test(chosen(mutants, past, options)):
        fresh.append(result)
        if time.monotonic() - saved > SAVE_EVERY_S:
            save(room, past, fresh, **counts)
            saved = time.monotonic()
    # A new sample takes the place of the old one, but only at its end.
    if not (options.again or options.more or runner.stopped):
        past |= {"results": [], "skipped_keys": []}
    results = save(room, past, fresh, **counts)["results"] if fresh else past["results"]
    show(results)
    minutes = (time.monotonic() - began) / 60
    print(f"{room}: {score(results):.1f} % of {len(results)} killed, in {minutes:.1f} minutes", flush=True)
    return score(results) >= float(options.fail_under)


def chosen(mutants: list[Mutant], past: dict[str, Any], options: argparse.Namespace) -> list[Mutant]:
    """The mutants of a room to test: of all, or of those whose past outcome is asked for, the sample."""
    ordered = in_random_order(mutants, options.seed)
    if options.again or options.more:
        outcomes = dict.fromkeys(past["skipped_keys"], "skipped")
        outcomes |= {result["key"]: result["outcome"] for result in past["results"]}
        wanted = (SURVIVED if options.again else ()) + ((None,) if options.more else ())
        ordered = [mutant for mutant in ordered if outcomes.get(mutant.key) in wanted]
    return ordered[: options.sample]


def run_changed(mutants: list[Mutant], options: argparse.Namespace, runner: Runner) -> bool:
    """Run mutants of changed lines, print the survivors."""
    sample = in_random_order(mutants, options.seed)[: options.sample]
    results = [asdict(result) for result in runner.test(sample) if result.outcome != "skipped"]
    show(results)
    print(f"{score(results):.1f} % of {len(results)} killed; {len(mutants)} mutants in the changed lines")
    return score(results) >= float(options.fail_under) and not runner.stopped


def parsed() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tools.mutants",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("rooms", nargs="*", help="folders of the package, or `top`")
    add("--changed", metavar="REV", help="only lines that differ from this git revision")
    add("--again", action="store_true", help="only the survivors of the last run of the room")
    add("--more", action="store_true", help="only mutants of the room that have no result yet")
    add("--sample", type=int, metavar="N", help="at most N mutants of a room, at random")
    add("--seed", default="llmnumbers", metavar="TEXT", help="of the random order (default: llmnumbers)")
    add("--minutes", type=float, help="stop after this long, in each room")
    add("--seconds", type=float, default=20, help="of tests, as recorded, for each mutant (default: 20)")
    add("--processes", type=int, default=os.cpu_count() or 1)
    add("--fail-under", type=float, default=0, metavar="PERCENT")
    add("--survivors", action="store_true", help="print those of the last run; run nothing")
    add("--write", action="store_true", help="write the table of docs/mutants.md")
    options = parser.parse_args()
    options.minutes = options.minutes or (10 if options.changed else 24 * 60)
    for room in options.rooms:
        if not files_of(room):
            parser.error(f"no room {room!r}")
    return options


def main() -> int:
    options = parsed()
    os.chdir(ROOT)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # as Ctrl-C: no child is left behind
    if options.write:
        write_page()
        return 0
    if options.survivors:
        for room in options.rooms or ON_PAGE:
            show(load(room)["results"])
        return 0
    if options.changed:
        mutants = mutants_since(options.changed)
        if not mutants:
            print("no mutant: no function of the package has changed")
            return 0
        files = sorted({mutant.file for mutant in mutants})
        return run(functools.partial(run_changed, mutants, options), options, files)
    return run(functools.partial(run_rooms, options), options)


if __name__ == "__main__":
    sys.exit(main())
