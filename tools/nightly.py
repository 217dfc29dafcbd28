"""Run the suite in other surroundings: other Pythons, versions, days, orders, front ends.

`python tools/nightly.py` runs all steps, which takes about an hour, and writes docs/nightly.md. A step
that fails does not stop the others; the output and the result of each are kept in `.nightly/`. `--only
NAME…` runs those steps, shows their output and leaves the page alone; with `--quick` they leave out what
is marked slow. `--list` names the steps and their commands.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".nightly"
PAGE = ROOT / "docs" / "nightly.md"
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
BIN = ".venv/bin"
_SUITE = "python -m pytest -q -n auto -p no:cacheprovider"
# A browser leaves a second core half idle. A file shares its servers: each worker goes through whole files,
# and takes some of the other's when it has none left.
_BROWSER = "python -m pytest -q -n 2 --dist worksteal -p no:cacheprovider tests/browser"
# What foreign packages reach: the shell, kernels, servers, tokenizers, prices, widgets, plots, notebooks.
_FOREIGN = (
    *(
        "call_styles",
        "corpus",
        "fallbacks",
        "kernel",
        "live_kernel",
        "live_server",
        "load",
        "magics",
        "notebook",
    ),
    *("parity", "plot", "price_table", "render", "tokens", "widgets"),
)
# The versions that the page shows; all others are those of requirements/.
_NAMED = ("ipython", "jupyterlab", "genai-prices", "splintr-rs", "rich", "pytest", "hypothesis")
# Without a tag, since the first commit.
_LAST_TAG = "$(git describe --tags --abbrev=0 2> /dev/null || git rev-list --max-parents=0 HEAD)"
# What pytest says of the tests that failed, which a long output buries; it is shown again at the end.
_FAILURES = re.compile(r"^=+ (?:FAILURES|ERRORS) =+$.*", re.MULTILINE | re.DOTALL)
# Closing lines of pytest and of tools/mutants: "2103 passed, 3 skipped in 113.63s", "92.5 % of 40 killed"
# and of the soak test: "status p95 10 ms, max 212 ms; memory 94 to 102 MB, …"
_CLOSING = re.compile(r"(?:\d+ [a-z]+(?:, )?)+(?= in [\d.]+s)|[\d.]+ % of \d+ killed|status p95 .+")


@dataclass(frozen=True)
class Step:
    """A command of the shell, and the variables that it needs."""

    name: str
    command: str
    environment: dict[str, str] = field(default_factory=dict)


def steps() -> list[Step]:
    """What is run, in this order.

    Three surroundings meet in one run, so that all of them take an hour: where it fails, the failures say
    which of them it was.
    """
    suite, browser = f"{BIN}/{_SUITE}", {"LLMNUMBERS_BROWSER": "required"}
    other_hosts = "--ignore-glob='*_hosts.py' --ignore-glob='*_marimo.py' --ignore-glob='*_sheets.py'"
    newest = f"{BIN}/uv pip install -q --upgrade -p .nightly/newest/bin/python -e '.[test]'"
    in_short = f"{_SUITE} {' '.join(f'tests/test_{name}.py' for name in _FOREIGN)}"
    ahead, back = (f"bash tests/clock/run.sh {days} " for days in ("+400", "-400"))
    return [
        Step(
            "Python 3.11, locale C, random order 1, coverage",
            f"{suite} {_in_order(1)} --cov",
            {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0"},
        ),
        Step(
            "Python 3.12, clock 400 days ahead, random order 2",
            _in_environment("3.12", "3.12", "dev", f"{_SUITE} {_in_order(2)}", ahead),
        ),
        Step(
            "Python 3.13, clock 400 days back, random order 3",
            _in_environment("3.13", "3.13", "dev", f"{_SUITE} {_in_order(3)}", back),
        ),
        Step("Python 3.14", _in_environment("3.14", "3.14", "dev")),
        # Claude's counts come from ctok, which needs it.
        Step("Python 3.12, in short", _in_environment("3.12", "3.12", "test", in_short)),
        Step("no compiler", suite, {"PATH": str(ROOT / BIN)}),
        Step("wheel and sdist, lowest versions", "bash tests/built.sh 3.11 lowest"),
        Step("newest versions", f"{_uv_venv('newest', '3.11')} && {newest} && .nightly/newest/bin/{_SUITE}"),
        Step(
            "newest versions, in short",
            f"{_uv_venv('newest', '3.11')} && {newest} && .nightly/newest/bin/{in_short}",
        ),
        Step("Ray", _ray()),
        Step("newest JupyterLab", f"{BIN}/{_BROWSER} --ignore-glob='*_hosts.py'", browser),
        Step("every host", f"make slides && {BIN}/{_BROWSER}/test_hosts.py", browser),
        Step(
            "oldest JupyterLab",
            _in_environment("oldest-lab", "3.11", "oldest-lab", f"{_BROWSER} {other_hosts}"),
            browser,
        ),
        Step("live line, 20,000 requests", f"{BIN}/python benchmarks/live_soak.py 20000"),
        Step("long searches", f"{suite} -m hypothesis --hypothesis-profile=nightly"),
        Step(
            "mutants since the last tag", f"{BIN}/python -m tools.mutants --changed {_LAST_TAG} --minutes 30"
        ),
    ]


def _in_order(seed: int) -> str:
    return f"-p randomly --randomly-seed={seed}"


def _ray() -> str:
    """The tests of clusters, with the one that is too large for every environment.

    Ray waits 15 seconds for its own processes, and each imports jsonschema with all that it finds: this
    optional grammar alone takes seconds.
    """
    install = f"{BIN}/uv pip install -q -p .nightly/ray/bin/python"
    uninstall = f"{BIN}/uv pip uninstall -q -p .nightly/ray/bin/python rfc3987-syntax"
    tests = "python -m pytest -q -m cluster tests/test_corpus_runs.py -p no:cacheprovider"
    return (
        f"{_uv_venv('ray', '3.11')} && {install} -r requirements/test.txt && {install} -e '.[ray]'"
        f" && {uninstall} && .nightly/ray/bin/{tests}"
    )


def _uv_venv(name: str, python: str) -> str:
    """An environment of a Python that is on this machine; none is downloaded."""
    return f"{BIN}/uv venv -q --clear --no-python-downloads -p {python} .nightly/{name}"


def _in_environment(name: str, python: str, lock: str, command: str = _SUITE, within: str = "") -> str:
    """A command in an environment of its own, with what a lock names; `within` is what runs the command."""
    install = f"{BIN}/uv pip install -q -p .nightly/{name}/bin/python"
    return (
        f"{_uv_venv(name, python)} && {install} -r requirements/{lock}.txt"
        f" && {install} --no-build-isolation --no-deps -e . && {within}.nightly/{name}/bin/{command}"
    )


def _surroundings() -> dict[str, str]:
    """This process's variables, with every Python of pyenv in reach if that is what brings them."""
    variables = {name: value for name, value in os.environ.items() if name != "VIRTUAL_ENV"}
    if shutil.which("pyenv"):
        pythons = subprocess.run(["pyenv", "versions", "--bare"], capture_output=True, text=True).stdout
        wanted = [name for name in pythons.split() if name.rpartition(".")[0] in PYTHONS]
        variables["PYENV_VERSION"] = ":".join(wanted)
    return variables


def _log(step: Step) -> Path:
    return LOGS / f"{step.name.replace(' ', '-')}.log"


def _what_failed(log: Path) -> str:
    """The end of a step's output, from the first test that failed."""
    text = log.read_text(encoding="utf-8", errors="replace")
    found = _FAILURES.search(text)
    return (found[0] if found else text)[-4000:]


def run(step: Step, *, shown: bool, quick: bool = False) -> dict[str, str]:
    """Run a step, with its output in a log and, if wanted, on the terminal: a row of the page."""
    log, started = _log(step), time.monotonic()
    marked = {"PYTEST_ADDOPTS": '-m "not slow"'} if quick else {}
    process = subprocess.Popen(
        ["/bin/bash", "-c", step.command],  # by its path: a step may leave nothing of the machine's on PATH
        cwd=ROOT,
        env=_surroundings() | step.environment | marked,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert process.stdout is not None
    with log.open("wb") as file:
        for line in process.stdout:
            file.write(line)
            if shown:
                sys.stdout.buffer.write(line)
                sys.stdout.buffer.flush()
    code, text = process.wait(), log.read_text(encoding="utf-8", errors="replace")
    result, tests = "passed" if code == 0 else "FAILED", (_CLOSING.findall(text) or [""])[-1]
    if code and "No interpreter found" in text:
        result, tests = "not run", "this Python is not on the machine"
    describe = ["git", "describe", "--always", "--dirty"]
    return {
        "result": result,
        "tests": tests,
        "time": f"{(time.monotonic() - started) / 60:.1f} min",
        "day": f"{datetime.now(UTC):%Y-%m-%d}",
        "revision": subprocess.run(describe, cwd=ROOT, capture_output=True, text=True).stdout.strip(),
    }


def page(rows: dict[str, dict[str, str]]) -> str:
    """The committed page: what ran when, on what, and how it ended."""
    never = {"result": "never run", "tests": "", "time": "", "day": "", "revision": ""}
    table = "\n".join(
        f"| {step.name} | {' | '.join(rows.get(step.name, never).values())} |" for step in steps()
    )
    installed = ", ".join(f"{name} {version(name)}" for name in _NAMED)
    return f"""# The last long run

Written by `make nightly`: the whole suite in other surroundings, each with its last result. Mutation
testing has a page of its own, [mutants.md](mutants.md).

Machine: {platform.system()} {platform.machine()}, {os.cpu_count()} cores. Unless a step names another:
Python {platform.python_version()},
{installed}.

| step | result | tests | time | day | revision |
|---|---|---|---|---|---|
{table}
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--only", metavar="NAME", nargs="+", default=[], help="these steps, with their output"
    )
    parser.add_argument("--quick", action="store_true", help="leave out what is marked slow")
    parser.add_argument("--list", action="store_true", help="name the steps and their commands")
    options = parser.parse_args()
    every = {step.name: step for step in steps()}
    unknown = [name for name in options.only if name not in every]
    if unknown:
        parser.error(f"no step {unknown[0]!r}; there are: {', '.join(every)}")
    chosen = [every[name] for name in options.only or every]
    if options.list:
        for step in chosen:
            variables = " ".join(f"{name}={shlex.quote(value)}" for name, value in step.environment.items())
            print(f"{step.name}: {variables} {step.command}")
        return 0
    LOGS.mkdir(exist_ok=True)
    kept = LOGS / "results.json"
    rows = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    for step in chosen:
        rows[step.name] = run(step, shown=bool(options.only), quick=options.quick)
        kept.write_text(json.dumps(rows), encoding="utf-8")
        print(f"{rows[step.name]['result']:<8} {step.name}: {rows[step.name]['tests']}", flush=True)
    failed = [step for step in chosen if rows[step.name]["result"] == "FAILED"]
    for step in failed:
        print(f"\n{step.name} failed:\n{_what_failed(_log(step))}")
    if not options.only:
        PAGE.write_text(page(rows), encoding="utf-8")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
