"""Which test reaches which line: recorded in a process of its own, kept until a file changes."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Collection, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import coverage
import pytest

from . import CACHE, PACKAGE, ROOT
from .process import package_caches

# Tests of child processes (their package is not the mutant), of documents, and of the time to load.
NOT_RUN = (
    "browser",
    "test_docs.py",
    "test_examples.py",
    "test_gpu_accuracy.py",
    "test_kernel.py",
    "test_load.py",
    "test_no_network.py",
    "test_scratchpad.py",
    "test_sliders.py",
    "test_sources.py",
    "test_widgets.py",
)
NOT_RUN_FIXTURES = {"kernel", "server", "servers"}
RECORD = CACHE / "record.json"
AGAIN = CACHE / "again.json"
NOTHING: dict[str, Any] = {"states": {}, "seconds": {}, "lines": {}}


def run_pytest(plugin: object, *arguments: str) -> None:
    # -qq: no closing line, which would say that no tests ran.
    every = ["-qq", "--no-header", "--capture=sys", "-p", "no:cacheprovider", "-p", "no:xdist", *arguments]
    pytest.main([*every, *(f"--ignore=tests/{name}" for name in NOT_RUN)], plugins=[plugin])


def runs_here(item: pytest.Item) -> bool:
    return not NOT_RUN_FIXTURES & set(getattr(item, "fixturenames", ()))


class Recorder:
    """Runs the suite once, and records which tests reach which lines and how long they take."""

    def __init__(self, again: dict[str, list[str]] | None) -> None:
        """`again`: the test files, and single tests, to record; None for all."""
        self.again = None if again is None else {kind: set(names) for kind, names in again.items()}
        self.coverage = coverage.Coverage(data_file=None, include=[f"{PACKAGE}/*"], config_file=False)
        self.coverage.start()
        self.seconds: dict[str, float] = {}
        self.users: dict[str, list[str]] = defaultdict(list)
        self.failed: set[str] = set()
        self._context = ""
        self._caches: list[Any] = []

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if runs_here(item) and self._is_again(item.nodeid)]

    def _is_again(self, name: str) -> bool:
        if self.again is None:
            return True
        return name.split("::")[0] in self.again["files"] or name in self.again["names"]

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        if not self.seconds:
            self._caches = package_caches()
        for cache in self._caches:
            cache.cache_clear()
        self._context = item.nodeid
        self.coverage.switch_context(item.nodeid)
        began = time.perf_counter()
        result = yield
        self.seconds[item.nodeid] = time.perf_counter() - began
        self.coverage.switch_context("")
        definitions = getattr(item, "_fixtureinfo", None)
        for found in definitions.name2fixturedefs.values() if definitions else ():
            self.users[_shared(found[-1])].append(item.nodeid)
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: Any) -> Iterator[None]:
        # What a shared fixture reaches, each test reaches that uses it; only the first sets it up.
        if fixturedef.scope == "function":
            return (yield)
        before, self._context = self._context, _shared(fixturedef)
        self.coverage.switch_context(self._context)
        try:
            return (yield)
        finally:
            self._context = before
            self.coverage.switch_context(before)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed or report.skipped:
            self.failed.add(report.nodeid)

    def save(self) -> None:
        """Keep the record; that of tests that were not to be recorded anew stays."""
        self.coverage.stop()
        data = self.coverage.get_data()
        old = read_record() if self.again is not None else NOTHING
        seconds = {name: s for name, s in old["seconds"].items() if not self._is_again(name)}
        kept = set(seconds)
        seconds.update((name, round(s, 4)) for name, s in self.seconds.items() if name not in self.failed)
        lines: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for file, by_line in old["lines"].items():
            for line, names in by_line.items():
                lines[file][line] += [name for name in names if name in kept]
        for measured in data.measured_files():
            file = Path(measured).relative_to(ROOT).as_posix()
            for number, found in data.contexts_by_lineno(measured).items():
                reaching = set(chain.from_iterable(self.users.get(name, (name,)) for name in found))
                lines[file][str(number)] += sorted(name for name in reaching if name in seconds)
        # A record that began with a few tests is none of the suite.
        state = states() if self.again is None or old["states"] else {}
        RECORD.write_text(json.dumps({"states": state, "seconds": seconds, "lines": lines}))


def _shared(fixture: Any) -> str:
    return f"fixture {fixture.argname} of {fixture.baseid}"


def states() -> dict[str, str]:
    """What a record depends on: the package and the tests."""
    files = chain(PACKAGE.rglob("*.py"), PACKAGE.rglob("*.toml"), (ROOT / "tests").rglob("*.py"))
    return {
        file.relative_to(ROOT).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(files)
        if file.name not in NOT_RUN and "browser" not in file.parts
    }


def read_record() -> dict[str, Any]:
    record: dict[str, Any] = json.loads(RECORD.read_text()) if RECORD.exists() else NOTHING
    return record


def tests_near(files: Collection[str]) -> list[str]:
    """The files of the package with their examples, and the test files that import one of them."""
    modules = [Path(file).with_suffix("").parts for file in files]
    imports = "|".join(
        rf"{re.escape('.'.join(parts))}\b|{re.escape('.'.join(parts[:-1]))} import [^\n]*\b{parts[-1]}\b"
        for parts in modules
    )
    tests = (path for path in sorted((ROOT / "tests").rglob("test_*.py")) if path.name not in NOT_RUN)
    near = (path for path in tests if re.search(imports, path.read_text("utf-8")))
    return [*files, *(path.relative_to(ROOT).as_posix() for path in near)]


def record_tests(near: Collection[str] = ()) -> dict[str, Any]:
    """Which test reaches which line; recorded anew for what has changed since, or for all tests.

    Where nothing is recorded yet, and files are named, it is for the tests near them: all take many minutes.
    """
    record = read_record()
    old, new = record["states"], states()
    changed = sorted(file for file in old.keys() | new.keys() if old.get(file) != new.get(file))
    if not changed:
        return record
    again = {"files": tests_near(near), "names": []} if near and not old else None
    if old and all(re.fullmatch(r"tests/test_\w+\.py|ipython_llmnumbers/.+\.py", file) for file in changed):
        reaching = chain.from_iterable(record["lines"].get(file, {}).values() for file in changed)
        again = {"files": changed, "names": sorted(set(chain.from_iterable(reaching)))}
    CACHE.mkdir(exist_ok=True)
    AGAIN.write_text(json.dumps(again))
    print("recording which test reaches which line ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", __name__]
    subprocess.run(command, check=True, cwd=ROOT, env=environment(), stdout=sys.stderr)
    fresh: dict[str, Any] = json.loads(RECORD.read_text())
    return fresh


def environment() -> dict[str, str]:
    """A home without the developer's own tables; the package of this checkout."""
    home = CACHE / "home"
    home.mkdir(parents=True, exist_ok=True)
    changes = {"HOME": str(home), "LLMNUMBERS_FILE": str(home / "llmnumbers.toml"), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **changes, "PYTHONDONTWRITEBYTECODE": "1"}


if __name__ == "__main__":
    recorder = Recorder(json.loads(AGAIN.read_text()))
    run_pytest(recorder, "--tb=no")
    recorder.save()
