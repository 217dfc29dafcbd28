"""How the suite measures: several things in turn, in one run, so that each has its share of the noise."""

from __future__ import annotations

import math
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))  # OpenAI's rank files, as the tests have them

Work = Callable[[], object]
SENTENCE = "Summarise the text below in 3–5 sentences, “verbatim” where it matters, and name its sources. "


def warm_ms(
    works: Mapping[str, Work], rounds: int = 40, clock: Callable[[], float] = time.process_time
) -> dict[str, float]:
    """The median of each after a first run, in milliseconds; one of each in turn.

    The clock is the processor's, which other programs do not move; what waits for another process needs
    `time.perf_counter`.
    """
    for work in works.values():
        work()
    times: dict[str, list[float]] = {name: [] for name in works}
    for _ in range(rounds):
        for name, work in works.items():
            start = clock()
            work()
            times[name].append(clock() - start)
    return {name: 1000 * median(each) for name, each in times.items()}


def first_ms(codes: Mapping[str, str], rounds: int = 5) -> dict[str, float]:
    """The median of the milliseconds that each code prints last, each time in a process of its own.

    A code that fails, as where its package is not installed, is left out.
    """
    runs = {name: [in_process(code)] for name, code in codes.items()}  # the first one writes the bytecode
    names = [name for name, (printed,) in runs.items() if printed is not None]
    times: dict[str, list[float]] = {name: [] for name in names}
    for _ in range(rounds):
        for name in names:
            times[name].append(float(in_process(codes[name]) or "nan"))
    return {name: median(each) for name, each in times.items()}


def in_process(code: str, *arguments: str) -> str | None:
    """The last word that a code prints in a process without a network; None where it fails."""
    command = [sys.executable, "-c", code, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, env=environment(), cwd=ROOT)
    return run.stdout.split()[-1] if run.returncode == 0 else None


@cache
def environment() -> Mapping[str, str]:
    """Bytecode is kept as on a user's machine, tiktoken has its files, and no package fetches anything."""
    from references import fill_tiktoken_cache

    folder = Path(tempfile.mkdtemp(prefix="llmnumbers-benchmark-"))
    fill_tiktoken_cache(folder)
    paths = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "no_network")]
    changes = {
        "TIKTOKEN_CACHE_DIR": str(folder),
        "IPYTHONDIR": str(folder / "ipython"),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        "PYTHONPATH": os.pathsep.join(paths),
        "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    }
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | changes


def exponent(sizes: Sequence[int], times: Sequence[float]) -> float:
    """The power of the size that the time grows with: the slope of the line through their logarithms.

    >>> round(exponent([1, 2, 4, 8], [3, 6, 12, 24]), 3)
    1.0
    """
    xs, ys = [math.log(each) for each in sizes], [math.log(each) for each in times]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    rise = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
    return rise / sum((a - x) ** 2 for a in xs)


def prompt_of(n_bytes: int) -> str:
    """A prompt of about that many bytes."""
    return (SENTENCE * (n_bytes // len(SENTENCE) + 1))[:n_bytes]


def readme_prompt() -> str:
    """2 kB of real text: a part of the README, whose words do not repeat as a made prompt's do."""
    return (ROOT / "README.md").read_text(encoding="utf-8")[3000:5048]
