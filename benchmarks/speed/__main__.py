"""`python -m benchmarks.speed [--write]`: the tables of docs/performance.md, all of one run."""

from __future__ import annotations

import json
import platform
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from ipython_llmnumbers.live.child import Child

from . import first, growth, warm
from .measure import ROOT, first_ms, prompt_of, warm_ms

DOCUMENT = ROOT / "docs" / "performance.md"
_PACKAGES = ("tiktoken", "tokenizers", "tokencost", "litellm", "genai-prices", "splintr-rs", "ipython")
_HEAD = """# How fast it is

Written by `make bench` (`python -m benchmarks.speed --write`), all of it in one run on {machine} with
Python {python}: {packages}.
Read the ratios: each is to what stands first in its table, which was measured in turn with the others.
The milliseconds are medians of the processor's time on that machine, and say little of another one.

What must not become slower is held by tests that count: `tests/test_work.py` the lines of Python of a
warm answer and of its display, `tests/test_first.py` the calls and modules of a first one,
`tests/test_load.py` and `tests/test_price_table.py` what a load and a first answer import, and
`tests/test_warming.py` that a thread has loaded the rest before.
"""


def main() -> None:
    lines = []
    for line in _document():
        print(line, flush=True)
        lines.append(line)
    if "--write" in sys.argv:
        DOCUMENT.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _document() -> Iterator[str]:
    installed = ", ".join(_versions())
    python = platform.python_version()
    yield _HEAD.format(machine=f"{platform.system()} {platform.machine()}", python=python, packages=installed)
    yield from _first()
    yield from _warm()
    yield from _live()
    yield from _growth()


def _versions() -> Iterator[str]:
    for package in _PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            yield f"{package} not installed"


def _first() -> Iterator[str]:
    times = first_ms(first.CODES)
    parts = {name: times.pop(name) for name in first.PARTS}
    yield "## The first answer of a process\n"
    yield "From a started interpreter, ours from a started IPython: load, estimate, display.\n"
    yield from _table(times, first.BY_HAND)
    words = ", ".join(f"{name} {ms:.0f} ms" for name, ms in parts.items())
    yield f"\nOf that: {words}. The thread works while no cell runs.\n"


def _warm() -> Iterator[str]:
    yield "## A warm answer\n"
    yield "The prompt is 2 kB of the README. Five models are of four vocabularies and a ratio.\n"
    yield from _table(warm_ms(warm.works()), warm.BASE)
    yield ""


def _live() -> Iterator[str]:
    child = Child()
    child.ready()
    texts = {
        f"a cell of {n // 1000} kB": f"%%llmcost -m gpt-4o\n{prompt_of(n)}" for n in (2_000, 10_000, 100_000)
    }
    asked = {name: json.dumps({"text": text}).encode() for name, text in texts.items()}
    works = {name: partial(child.ask, each, "en") for name, each in asked.items()}
    times = warm_ms(works, clock=time.perf_counter)
    child.close()
    yield "## The line while somebody types\n"
    yield "From the request to the answer of the process that counts, as a page or a toolbar asks it;"
    yield "`benchmarks/live_latency.py` measures from the key to the screen in JupyterLab.\n"
    yield from _table(times, next(iter(times)))
    yield ""


def _growth() -> Iterator[str]:
    yield "## Growth and memory\n"
    yield "| what grows | sizes | milliseconds | exponent |"
    yield "|---|---|---|---:|"
    for name, sizes, times, power in growth.curves():
        yield f"| {name} | {_list(sizes, ',')} | {_list(times, ',.0f')} | {power:.2f} |"
    yield f"\nAfter 10⁵ warm estimates a process is {growth.memory_mb():.1f} MB larger than after 10³."


def _list(values: Iterable[float], form: str) -> str:
    return " – ".join(format(each, form) for each in values)


def _table(times: Mapping[str, float], base: str) -> Iterator[str]:
    yield "| | ratio | ms |"
    yield "|---|---:|---:|"
    for name in (base, *(each for each in times if each != base)):
        yield f"| {name} | {_ratio(times[name] / times[base])} | {_ms(times[name])} |"


def _ratio(ratio: float) -> str:
    return f"{ratio:.2g}" if ratio < 10 else f"{ratio:,.0f}"


def _ms(ms: float) -> str:
    return f"{ms:.3g}" if ms < 100 else f"{ms:,.0f}"


if __name__ == "__main__":
    main()
