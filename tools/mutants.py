"""Change the package one small step at a time, and see whether a test fails.

A mutant is the package with one change: `<` becomes `<=`, an argument becomes `None`. A mutant that fails
a test is killed; one that fails none survives, and shows a value that no test holds. The changes are
mutmut's operators; the tests are those of the suite that run in one process and reach the changed line.

    python tools/mutants.py                         # all rooms, and the table of docs/mutants.md: hours
    python tools/mutants.py formulas catalog        # these rooms; `top` is figures, messages and errors
    python tools/mutants.py --changed origin/main   # only lines that differ from a revision (for CI)
    python tools/mutants.py estimates --again       # only the survivors of the last run
    python tools/mutants.py --write                 # the table of docs/mutants.md, from the last runs

Install it with `pip install -e '.[test,mutants]'`. The first run records which test reaches which line
(about 3 minutes) and keeps that in `.mutants/` until a file changes. `--changed` takes at most
`--minutes` on top, 10 unless you say otherwise, and tests a random sample if there is more to do.

How it works: pytest collects the suite once; for each mutant the process forks, the child replaces the
code of the changed function (so decorated functions count too, and `inspect.getsource` still shows the
original), empties the package's caches and runs the tests, the fastest first, until one fails.
"""

from __future__ import annotations

import argparse
import contextlib
import difflib
import functools
import gc
import hashlib
import inspect
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from itertools import chain, zip_longest
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import (
    mutation_operators,
    operator_arg_removal,
    operator_dict_arguments,
    operator_string,
)

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "ipython_llmnumbers"
CACHE = ROOT / ".mutants"
PAGE = ROOT / "docs" / "mutants.md"
SEED = "llmnumbers"
# The order of imports, from the bottom: a cache below the mutant's room cannot hold a value of it.
ROOMS = (
    "messages",
    "errors",
    "figures",
    "formulas",
    "catalog",
    "probes",
    "estimates",
    "render",
    "magics",
    "live",
)
TOP = ("figures", "messages", "errors")
ON_PAGE = ("formulas", "top", "catalog", "estimates", "live", "probes", "render", "magics")
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
SLOWEST_TEST_S = 10.0


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, and how to make it."""

    key: str
    file: str
    line: int
    lines: tuple[int, ...]
    make: Callable[[], str] = field(repr=False)

    @functools.cached_property
    def text(self) -> str:
        """The file's text with the change."""
        return self.make()

    @functools.cached_property
    def diff(self) -> str:
        before = (ROOT / self.file).read_text("utf-8").splitlines()
        lines = difflib.unified_diff(before, self.text.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


@dataclass
class Result:
    key: str
    file: str
    line: int
    diff: str
    outcome: str  # killed, survived, timeout, no test
    by: str = ""


# -- the mutants of a file ----------------------------------------------------------------


class Finder(cst.CSTVisitor):
    """Collects (node, changed node, lines) inside functions; counts what is outside of them."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, tuple[int, ...], str]] = []
        self.at_import = 0
        self._functions: list[cst.FunctionDef] = []
        self._statements: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Parameters | cst.Import | cst.ImportFrom):
            return False
        if (
            isinstance(node, cst.If)
            and isinstance(node.test, cst.Name)
            and node.test.value == "TYPE_CHECKING"
        ):
            return False
        if isinstance(node, cst.SimpleStatementLine):
            self._statements.append(node)
        if isinstance(node, cst.FunctionDef):
            self._functions.append(node)
        for changed in _changes(node):
            if self._functions:
                function = ".".join(f.name.value for f in self._functions)
                self.found.append((node, changed, self._lines(node), function))
            else:
                self.at_import += 1
        return True

    def on_leave(self, node: cst.CSTNode) -> None:
        if self._functions and node is self._functions[-1]:
            self._functions.pop()
        if self._statements and node is self._statements[-1]:
            self._statements.pop()

    def _lines(self, node: cst.CSTNode) -> tuple[int, ...]:
        at = self.get_metadata(PositionProvider, node)
        first = (
            self.get_metadata(PositionProvider, self._statements[-1]).start.line if self._statements else None
        )
        last = at.start.line if isinstance(node, cst.Match) else at.end.line
        return (at.start.line, *range(at.start.line + 1, last + 1), *([first] if first else []))


def _changes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """mutmut's changes of a node, without those of what people read."""
    for kind, operator in mutation_operators:
        if not isinstance(node, kind):
            continue
        if operator is operator_string:
            # A name or a key; a text with a space is a message. Upper and lower case add nothing.
            if (
                isinstance(node, cst.SimpleString)
                and not re.search(r"\s", node.value)
                and len(node.value) > 3
            ):
                yield next(iter(operator(node)), node)
        elif operator is operator_arg_removal and _is_message(node):
            continue
        elif operator is not operator_dict_arguments:
            yield from operator(node)


def _is_message(node: cst.CSTNode) -> bool:
    """Whether a call makes a message: its template and its values are text."""
    function = node.func if isinstance(node, cst.Call) else None
    name = function.value if isinstance(function, cst.Name) else ""
    return isinstance(name, str) and (
        name in ("say", "tell", "joined", "len", "isinstance") or name.endswith("Error")
    )


def mutants_of(path: Path) -> tuple[list[Mutant], int]:
    """The mutants of a file, and how many changes are skipped because they are outside of functions."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text("utf-8")))
    finder = Finder()
    wrapper.visit(finder)
    file = path.relative_to(ROOT).as_posix()
    seen: dict[str, int] = defaultdict(int)
    mutants = []
    module = wrapper.module
    for node, changed, lines, function in finder.found:
        old, new = module.code_for_node(node), module.code_for_node(changed)
        if old == new:
            continue
        # The key outlives changes of other functions.
        name = f"{file}\n{function}\n{old}\n{new}"
        seen[name] += 1
        key = hashlib.sha256(f"{name}\n{seen[name]}".encode()).hexdigest()[:16]
        make = functools.partial(_replaced, module, node, changed)
        mutants.append(Mutant(key, file, lines[0], lines, make))
    return mutants, finder.at_import


def _replaced(module: cst.Module, node: cst.CSTNode, changed: cst.CSTNode) -> str:
    text: str = module.deep_replace(node, changed).code  # type: ignore[union-attr]
    return text


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else "top" if path.stem in TOP else ""


def files_of(room: str) -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if room_of(path) == room)


# -- putting a mutant into a running process ----------------------------------------------


def changed_code(original: CodeType, mutated: CodeType) -> tuple[CodeType, CodeType] | None:
    """The function's code that differs, before and after; None if nothing that runs differs.

    Raises:
        ValueError: code differs that only an import runs.
    """
    if original.co_code != mutated.co_code or len(original.co_consts) != len(mutated.co_consts):
        raise ValueError("at import")
    for old, new in zip(original.co_consts, mutated.co_consts, strict=True):
        if isinstance(old, CodeType) and isinstance(new, CodeType):
            if _same(old, new):
                continue
            return (old, new) if old.co_flags & inspect.CO_OPTIMIZED else changed_code(old, new)
        if repr(old) != repr(new):
            raise ValueError("at import")
    return None


def _same(one: CodeType, other: CodeType) -> bool:
    """Whether two codes do the same, wherever their lines are."""
    parts = ("co_code", "co_names", "co_varnames", "co_freevars", "co_cellvars", "co_exceptiontable")
    if any(getattr(one, part) != getattr(other, part) for part in parts):
        return False
    if len(one.co_consts) != len(other.co_consts):
        return False
    return all(
        _same(a, b) if isinstance(a, CodeType) and isinstance(b, CodeType) else repr(a) == repr(b)
        for a, b in zip(one.co_consts, other.co_consts, strict=True)
    )


def package_caches() -> list[Any]:
    """Each function of the package in this process that keeps its results."""
    return [
        thing
        for thing in gc.get_objects()
        if isinstance(thing, functools._lru_cache_wrapper)
        and (thing.__module__ or "").partition(".")[0] == PACKAGE.name
    ]


class Process:
    """The functions and the caches of the package in this process."""

    def __init__(self) -> None:
        gc.collect()
        self._functions: dict[tuple[str, CodeType], list[FunctionType]] = defaultdict(list)
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType) and thing.__code__.co_filename.startswith(str(PACKAGE)):
                self._functions[thing.__code__.co_filename, thing.__code__].append(thing)
        self._caches = [(_height(cache.__module__.partition(".")[2]), cache) for cache in package_caches()]

    def find(self, mutant: Mutant) -> tuple[list[FunctionType], CodeType] | None:
        """The functions that the mutant changes, and their new code; None if it changes nothing."""
        path = ROOT / mutant.file
        original = compile(path.read_text("utf-8"), str(path), "exec", dont_inherit=True)
        mutated = compile(mutant.text, str(path), "exec", dont_inherit=True)
        pair = changed_code(original, mutated)
        if pair is None:
            return None
        functions = self._functions.get((str(path), pair[0]), [])
        if not functions or len(pair[0].co_freevars) != len(pair[1].co_freevars):
            raise ValueError("no function of this process runs it")
        return functions, pair[1]

    def empty_caches(self, file: str) -> None:
        height = _height(Path(file).relative_to(PACKAGE.name).parts[0].removesuffix(".py"))
        for cache_height, cache in self._caches:
            if cache_height >= height:
                cache.cache_clear()


def _height(module: str) -> int:
    room = module.split(".")[0]
    return ROOMS.index(room) if room in ROOMS else len(ROOMS)


# -- pytest -------------------------------------------------------------------------------


def pytest_arguments() -> list[str]:
    ignored = [f"--ignore=tests/{name}" for name in NOT_RUN]
    # -qq: no closing line, which would say that no tests ran.
    return ["-qq", "--capture=sys", "-p", "no:cacheprovider", "-p", "no:xdist", *ignored]


def runs_here(item: pytest.Item) -> bool:
    return not NOT_RUN_FIXTURES & set(getattr(item, "fixturenames", ()))


class Recorder:
    """Runs the suite once, and records which tests reach which lines and how long they take."""

    def __init__(self, again: dict[str, list[str]] | None) -> None:
        """`again`: the test files, and single tests, to record; None for all."""
        import coverage

        self.again = again and {kind: set(names) for kind, names in again.items()}

        self.coverage = coverage.Coverage(data_file=None, include=[f"{PACKAGE}/*"], config_file=False)
        self.coverage.start()
        self.seconds: dict[str, float] = {}
        self.users: dict[str, list[str]] = defaultdict(list)
        self._context = ""
        self._caches: list[Any] = []
        self.failed: set[str] = set()

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
        path = CACHE / "record.json"
        old = {"seconds": {}, "lines": {}} if self.again is None else json.loads(path.read_text())
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
                names = set(chain.from_iterable(self.users.get(name, (name,)) for name in found))
                lines[file][str(number)] += sorted(name for name in names if name in seconds)
        CACHE.mkdir(exist_ok=True)
        path.write_text(json.dumps({"states": states(), "seconds": seconds, "lines": lines}))


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


class Runner:
    """Collects the suite, and then runs each mutant's tests in a child."""

    def __init__(self, mutants: list[Mutant], record: dict[str, Any], options: argparse.Namespace) -> None:
        self.waiting, self.record, self.options = list(mutants), record, options
        self.results: list[Result] = []
        self.skipped = 0
        self._failure = ""

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if runs_here(item)]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not self._failure:
            self._failure = report.nodeid

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self._items = {item.nodeid: item for item in session.items}
        warm_up()
        self._process = Process()
        self._folder = Path(tempfile.mkdtemp(prefix="mutants-"))
        until = time.monotonic() + self.options.minutes * 60
        running: dict[int, tuple[Mutant, int, float, Path]] = {}
        total = len(self.waiting)
        try:
            while self.waiting or running:
                while self.waiting and len(running) < self.options.processes and time.monotonic() < until:
                    self._start(session, running)
                if not running:
                    break
                self._collect(running)
                done = len(self.results)
                if done % 50 == 0 and done != getattr(self, "_told", None):
                    self._told = done
                    survivors = sum(result.outcome in ("survived", "no test") for result in self.results)
                    print(f"{done} of {total}, {survivors} survived", file=sys.stderr, flush=True)
        finally:
            for pid in running:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
            shutil.rmtree(self._folder, ignore_errors=True)
        return True

    def _start(self, session: pytest.Session, running: dict[int, tuple[Mutant, int, float, Path]]) -> None:
        mutant = self.waiting.pop(0)
        try:
            found = self._process.find(mutant)
        except (ValueError, SyntaxError):
            self.skipped += 1
            return
        if found is None:
            self.skipped += 1
            return
        names = self._tests(mutant)
        if not names:
            self._add(mutant, "no test")
            return
        seconds = sum(self._seconds(name) for name in names)
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        reading, writing = os.pipe()
        sys.stdout.flush()
        pid = os.fork()
        if pid:
            os.close(writing)
            running[pid] = (mutant, reading, time.monotonic() + 15 + 6 * seconds, folder)
            return
        os.setpgid(0, 0)
        null = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(null, descriptor)
        code = 1
        try:
            functions, new = found
            for function in functions:
                function.__code__ = new
            self._process.empty_caches(mutant.file)
            session.config._tmp_path_factory._basetemp = folder  # type: ignore[attr-defined]
            session.config.option.maxfail = 1
            session.items = [self._items[name] for name in names]
            session.testscollected = len(names)
            with contextlib.suppress(session.Failed, session.Interrupted):
                run_tests(session)
            code = 0
        except BaseException as error:
            self._failure = self._failure or f"{type(error).__name__} outside of a test"
        finally:
            os.write(writing, self._failure.encode()[:4000])
            os._exit(code)

    def _collect(self, running: dict[int, tuple[Mutant, int, float, Path]]) -> None:
        time.sleep(0.005)
        for pid, (mutant, reading, until, folder) in list(running.items()):
            ended, _ = os.waitpid(pid, os.WNOHANG)
            late = not ended and time.monotonic() > until
            if not ended and not late:
                continue
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
            if late:
                os.waitpid(pid, 0)
            failure = "" if late else os.read(reading, 4000).decode()
            os.close(reading)
            del running[pid]
            shutil.rmtree(folder, ignore_errors=True)
            self._add(mutant, "timeout" if late else "killed" if failure else "survived", failure)

    def _add(self, mutant: Mutant, outcome: str, by: str = "") -> None:
        self.results.append(Result(mutant.key, mutant.file, mutant.line, mutant.diff, outcome, by))

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
            if name not in chosen and (not chosen or spent + self._seconds(name) <= self.options.seconds):
                chosen[name] = None
                spent += self._seconds(name)
        return list(chosen)

    @functools.cached_property
    def _reach(self) -> Counter[str]:
        """How many lines each test reaches: the fewer, the more it is about each."""
        by_line = chain.from_iterable(lines.values() for lines in self.record["lines"].values())
        return Counter(chain.from_iterable(by_line))


def run_tests(session: pytest.Session) -> None:
    from _pytest.main import pytest_runtestloop

    pytest_runtestloop(session)  # type: ignore[arg-type]


def warm_up() -> None:
    """Load what every test needs, once for all children."""
    import ipython_llmnumbers as package

    with contextlib.suppress(Exception):
        str(package.estimate_cost("hello", "gpt-4o"))
        str(package.gpu_fit("llama-3.1-8b", gpu="H100"))
        str(package.count_tokens("hello"))


def record_tests() -> dict[str, Any]:
    """Which test reaches which line; recorded anew for what has changed since, or for all tests."""
    path = CACHE / "record.json"
    record: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {"states": {}}
    old, new = record["states"], states()
    changed = sorted(file for file in old.keys() | new.keys() if old.get(file) != new.get(file))
    if not changed:
        return record
    few = bool(old) and all(
        re.fullmatch(r"tests/test_\w+\.py|ipython_llmnumbers/.+\.py", file) for file in changed
    )
    names = {
        name
        for file in changed
        for some in (record["lines"].get(file, {}).values() if few else ())
        for name in some
    }
    again = {"files": changed, "names": sorted(names)} if few else None
    CACHE.mkdir(exist_ok=True)
    (CACHE / "again.json").write_text(json.dumps(again))
    print("recording which test reaches which line ...", file=sys.stderr, flush=True)
    command = [sys.executable, __file__, "--record"]
    subprocess.run(command, check=True, cwd=ROOT, env=environment(), stdout=sys.stderr)
    fresh: dict[str, Any] = json.loads(path.read_text())
    return fresh


def environment() -> dict[str, str]:
    """A home without the developer's own tables; the package of this checkout."""
    home = CACHE / "home"
    home.mkdir(parents=True, exist_ok=True)
    changes = {"HOME": str(home), "LLMNUMBERS_FILE": str(home / "llmnumbers.toml"), "PYTHONPATH": str(ROOT)}
    return {**os.environ, **changes, "PYTHONDONTWRITEBYTECODE": "1"}


# -- rooms, and lines that have changed ---------------------------------------------------


def changed_lines(revision: str) -> dict[str, set[int]]:
    """The lines of the package that differ from a revision, by file."""
    command = ["git", "diff", "-U0", "--no-color", revision, "--", PACKAGE.name]
    lines: dict[str, set[int]] = defaultdict(set)
    file = ""
    for line in subprocess.run(
        command, check=True, cwd=ROOT, capture_output=True, text=True
    ).stdout.splitlines():
        if line.startswith("+++ "):
            file = line[4:].removeprefix("b/")
        elif found := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(found[1]), int(found[2] or 1)
            lines[file].update(range(first, first + count))
    return {file: numbers for file, numbers in lines.items() if file.endswith(".py")}


def in_random_order(mutants: Iterable[Mutant]) -> list[Mutant]:
    """The same order each time, which a change elsewhere leaves as it is."""
    return sorted(mutants, key=lambda mutant: hashlib.sha256((SEED + mutant.key).encode()).digest())


def run(mutants: list[Mutant], options: argparse.Namespace) -> Runner:
    runner = Runner(mutants, record_tests(), options)
    os.environ.update(environment())
    os.chdir(ROOT)
    sys.path[:0] = [str(ROOT)]
    pytest.main([*pytest_arguments(), "--no-header"], plugins=[runner])
    return runner


def score(results: Iterable[dict[str, Any]], *, unreached: bool = False) -> float:
    """Percent killed of the mutants that a test in this process reaches, or of the unreached ones too."""
    outcomes = [result["outcome"] for result in results if unreached or result["outcome"] != "no test"]
    return 100 * sum(outcome in ("killed", "timeout") for outcome in outcomes) / max(1, len(outcomes))


def show(results: Iterable[dict[str, Any]]) -> None:
    """Each survivor: where it is, and its diff."""
    for result in sorted(results, key=lambda result: (result["file"], result["line"])):
        if result["outcome"] in ("survived", "no test"):
            print(
                f"{result['file']}:{result['line']}: {result['outcome']} {result['key']}\n{result['diff']}\n"
            )


def run_room(room: str, options: argparse.Namespace) -> bool:
    """Run a room's mutants, keep the results, print the survivors."""
    mutants, at_import = [], 0
    for file in files_of(room):
        of_file, outside = mutants_of(file)
        mutants += of_file
        at_import += outside
    path = CACHE / f"{room}.json"
    past = json.loads(path.read_text()) if path.exists() else {}
    chosen = in_random_order(mutants)[: options.sample]
    kept: list[dict[str, Any]] = []
    if options.again:
        by_key = {result["key"]: result for result in past["results"]}
        kept = [
            by_key[m.key] for m in mutants if by_key.get(m.key, {}).get("outcome") in ("killed", "timeout")
        ]
        chosen = [m for m in mutants if by_key.get(m.key, {}).get("outcome") in ("survived", "no test")]
    began = time.monotonic()
    runner = run(chosen, options)
    results = kept + [asdict(result) for result in runner.results]
    entry = {
        "all": len(mutants),
        "sample": len(results),
        "at_import": at_import,
        "skipped": past.get("skipped", 0) if options.again else runner.skipped,
        "before": past.get("before", score(results)),  # the score before any test was written for it
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "versions": {name: version(name) for name in ("mutmut", "pytest", "hypothesis", "coverage")},
        "python": ".".join(map(str, sys.version_info[:3])),
        "results": results,
    }
    path.write_text(json.dumps(entry, indent=1))
    show(results)
    minutes = (time.monotonic() - began) / 60
    print(f"{room}: {score(results):.1f} % of {len(results)} killed, in {minutes:.1f} minutes")
    return score(results) >= options.fail_under


def run_changed(options: argparse.Namespace) -> bool:
    """Run the mutants of the lines that differ from a revision."""
    mutants = []
    for file, lines in changed_lines(options.changed).items():
        if (ROOT / file).exists():
            mutants += [mutant for mutant in mutants_of(ROOT / file)[0] if mutant.line in lines]
    if not mutants:
        print("no mutant: no function of the package has changed")
        return True
    runner = run(in_random_order(mutants)[: options.sample], options)
    results = [asdict(result) for result in runner.results]
    show(results)
    print(f"{score(results):.1f} % of {len(results)} killed; {len(mutants)} mutants in the changed lines")
    return score(results) >= options.fail_under


# -- the page -----------------------------------------------------------------------------


def write_page() -> None:
    """Write the table of docs/mutants.md anew; what people wrote around it stays."""
    heads = ("room", "mutants", "tested", "killed", "timeout", "survived", "no test", "skipped")
    rows = [f"| {' | '.join(heads)} | before → after | of all tested |", f"|---{'|---:' * 9}|"]
    made = {}
    for room in ON_PAGE:
        path = CACHE / f"{room}.json"
        if not path.exists():
            continue
        made = json.loads(path.read_text())
        counts = dict.fromkeys(("killed", "timeout", "survived", "no test"), 0)
        for result in made["results"]:
            counts[result["outcome"]] += 1
        numbers = [made["all"], made["sample"], *counts.values(), made["skipped"]]
        cells = " | ".join(f"{number:,}" for number in numbers)
        scores = f"{made['before']:.0f} % → {score(made['results']):.0f} %"
        rows.append(f"| {room} | {cells} | {scores} | {score(made['results'], unreached=True):.0f} % |")
    versions = ", ".join(f"{name} {number}" for name, number in made["versions"].items())
    table = "\n".join([f"{made['date']}, Python {made['python']}, {versions}.", "", *rows])
    start, end = "<!-- table: python tools/mutants.py --write -->", "<!-- end of table -->"
    before, _, rest = PAGE.read_text("utf-8").partition(start)
    _, _, after = rest.partition(end)
    PAGE.write_text(f"{before}{start}\n{table}\n{end}{after}", "utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rooms", nargs="*", help="folders of the package, or `top`")
    parser.add_argument("--changed", metavar="REV", help="only lines that differ from this git revision")
    parser.add_argument("--again", action="store_true", help="only the survivors of the last run of the room")
    parser.add_argument("--sample", type=int, metavar="N", help="at most N mutants of a room, at random")
    parser.add_argument("--minutes", type=float, default=None, help="stop after this long")
    parser.add_argument(
        "--seconds", type=float, default=20, help="of tests, as recorded, for each mutant (default: 20)"
    )
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--fail-under", type=float, default=0, metavar="PERCENT")
    parser.add_argument("--survivors", action="store_true", help="print those of the last run; run nothing")
    parser.add_argument("--write", action="store_true", help="write the table of docs/mutants.md")
    parser.add_argument("--record", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    options.minutes = options.minutes or (10 if options.changed else 24 * 60)
    if options.record:
        recorder = Recorder(json.loads((CACHE / "again.json").read_text()))
        pytest.main([*pytest_arguments(), "--no-header", "--tb=no"], plugins=[recorder])
        recorder.save()
        return 0
    if options.write:
        write_page()
        return 0
    if options.changed:
        return 0 if run_changed(options) else 1
    if not options.rooms:
        command = [sys.executable, __file__, *ON_PAGE, *sys.argv[1:]]
        code = subprocess.run(command, cwd=ROOT).returncode
        write_page()
        return code
    good = True
    for room in options.rooms:
        if not files_of(room):
            parser.error(f"no room {room!r}")
        if options.survivors:
            show(json.loads((CACHE / f"{room}.json").read_text())["results"])
            continue
        # A process for each room: pytest collects once in each.
        if len(options.rooms) > 1:
            rest = [argument for argument in sys.argv[1:] if argument not in options.rooms]
            good &= subprocess.run([sys.executable, __file__, room, *rest], cwd=ROOT).returncode == 0
        else:
            good &= run_room(room, options)
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
