"""The tests of each mutant, in a child of one pytest: which tests, for how long, and how they end."""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path

import pytest
from _pytest.main import pytest_runtestloop

from .changes import Mutant
from .process import Found, Process
from .recorder import environment, record_tests, run_pytest, runs_here
from .results import SURVIVED, Result

SLOWEST_TEST_S = 10.0


@dataclass(frozen=True)
class Child:
    """A process that runs a mutant's tests."""

    mutant: Mutant
    reading: int
    until: float
    folder: Path


class Runner:
    """Collects the suite, and then lets `work` run the tests of mutants."""

    def __init__(
        self, work: Callable[[Runner], bool], options: argparse.Namespace, files: Collection[str]
    ) -> None:
        self._work, self._options = work, options
        self.record = record_tests(files)
        self.good = self.stopped = False
        self._failure = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if runs_here(item)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._failure:
            self._failure = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._session = session
        self._items = {item.nodeid: item for item in session.items}
        warm_up()
        self._process = Process()
        self.good = self._work(self)
        return True

    def test(self, mutants: Iterable[Mutant]) -> Iterator[Result]:
        """The result of each mutant, as it comes, until the time is over or a signal stops the run."""
        waiting = deque(mutants)
        until, total = time.monotonic() + self._options.minutes * 60, len(waiting)
        running: dict[int, Child] = {}
        outcomes: Counter[str] = Counter()
        folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        before = {number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            while (waiting or running) and not self.stopped:
                if time.monotonic() > until:
                    waiting.clear()
                free = waiting and len(running) < self._options.processes
                started = self._start(waiting.popleft(), running, folder) if free else ()
                for result in chain(started, self._ended(running)):
                    yield result
                    outcomes[result.outcome] += 1
                    if (done := outcomes.total()) % 50 == 0:
                        survived = sum(outcomes[outcome] for outcome in SURVIVED)
                        print(f"{done} of {total}, {survived} survived", file=sys.stderr, flush=True)
        finally:
            for pid, child in running.items():
                _kill(pid)
                os.waitpid(pid, 0)
                os.close(child.reading)
            shutil.rmtree(folder, ignore_errors=True)
            for number, handler in before.items():
                signal.signal(number, handler)

    def _stop(self, number: int, _frame: object) -> None:
        # A flag, so that no child is forgotten and results are kept; a second signal ends it at once.
        self.stopped = True
        signal.signal(number, signal.default_int_handler)

    def _start(self, mutant: Mutant, running: dict[int, Child], folder: Path) -> Iterator[Result]:
        """Start a mutant's tests in a child; or its result, if there is nothing to run."""
        found = self._process.find(mutant)
        names = self._tests(mutant) if found else []
        if not found or not names:
            yield Result.of(mutant, "no test" if found else "skipped")
            return
        seconds = sum(self._seconds(name) for name in names)
        own = Path(tempfile.mkdtemp(dir=folder))
        reading, writing = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if not pid:
            self._run(mutant, found, names, writing, own)
        # A group of its own: what the tests start ends with them. The child does the same, whoever is first.
        with contextlib.suppress(ProcessLookupError):
            os.setpgid(pid, pid)
        os.close(writing)
        running[pid] = Child(mutant, reading, time.monotonic() + 15 + 6 * seconds, own)

    def _run(self, mutant: Mutant, found: Found, names: list[str], writing: int, folder: Path) -> None:
        """In the child: change the functions, run the tests until one fails, write its name."""
        os.setpgid(0, 0)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.default_int_handler)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        status, session = 1, self._session
        try:
            self._process.put(mutant, found)
            session.config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
            session.config.option.maxfail = 1
            session.items = [self._items[name] for name in names]
            session.testscollected = len(names)
            with contextlib.suppress(session.Failed, session.Interrupted):
                pytest_runtestloop(session)
            status = 0
        except BaseException as error:
            self._failure = self._failure or f"{type(error).__name__} outside of a test"
        finally:
            os.write(writing, self._failure.encode()[:4000])
            os._exit(status)

    def _ended(self, running: dict[int, Child]) -> Iterator[Result]:
        """The results of the children that have ended, or have no time left."""
        time.sleep(0.005)
        for pid, child in list(running.items()):
            ended, _ = os.waitpid(pid, os.WNOHANG)
            late = not ended and time.monotonic() > child.until
            if not ended and not late:
                continue
            _kill(pid)
            if late:
                os.waitpid(pid, 0)
            failure = "" if late else os.read(child.reading, 4000).decode()
            os.close(child.reading)
            del running[pid]
            shutil.rmtree(child.folder, ignore_errors=True)
            outcome = "timeout" if late else "killed" if failure else "survived"
            yield Result.of(child.mutant, outcome, failure)

    def _seconds(self, name: str) -> float:
        return float(self.record["seconds"][name])

    def _tests(self, mutant: Mutant) -> list[str]:
        """Tests that reach the change, `--seconds` of them: doctests, those that reach little, others."""
        lines = self.record["lines"].get(mutant.file, {})
        reached = set(chain.from_iterable(lines.get(str(line), ()) for line in mutant.lines))
        names = [n for n in reached if n in self._items and self._seconds(n) < SLOWEST_TEST_S]
        names.sort(key=lambda name: (not name.startswith(mutant.file), self._reach[name], name))
        by_file: dict[str, list[str]] = defaultdict(list)
        for name in names:
            by_file[name.split("::")[0]].append(name)
        in_turn = (name for row in zip_longest(*by_file.values()) for name in row if name)
        chosen: dict[str, None] = {}
        spent = 0.0
        for name in chain(names[:40], in_turn):
            if name not in chosen and (not chosen or spent + self._seconds(name) <= self._options.seconds):
                chosen[name] = None
                spent += self._seconds(name)
        return list(chosen)

    @functools.cached_property
    def _reach(self) -> Counter[str]:
        """How many lines each test reaches: the fewer, the more it is about each."""
        by_line = chain.from_iterable(lines.values() for lines in self.record["lines"].values())
        return Counter(chain.from_iterable(by_line))


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def run(work: Callable[[Runner], bool], options: argparse.Namespace, files: Collection[str] = ()) -> int:
    """Let `work` test mutants; of these files of the package only, if any are named."""
    os.environ.update(environment())
    runner = Runner(work, options, files)
    run_pytest(runner)
    return 0 if runner.good else 1


def warm_up() -> None:
    """Load what every test needs, once for all children."""
    import ipython_llmnumbers as package

    with contextlib.suppress(Exception):
        str(package.estimate_cost("hello", "gpt-4o"))
        str(package.gpu_fit("llama-3.1-8b", gpu="H100"))
        str(package.count_tokens("hello"))
