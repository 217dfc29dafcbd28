"""How long a warm estimate takes, as a user meets it: `python benchmarks/estimate_latency.py`.

All lines are measured in one run on one machine; the ratios carry over to another, the
milliseconds do not. The goal: a 2 kB prompt's estimate in under 5 ms once warm.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from statistics import median

from ipython_llmnumbers import count_tokens, estimate_cost
from ipython_llmnumbers.probes.tokenizers.engines import load_engine
from ipython_llmnumbers.render import mimebundle

REPEATS = 200
SENTENCE = "Summarise the text below in three sentences, and name the sources that it cites. "


def milliseconds(work: Callable[[], object]) -> float:
    """The median of many calls after a first one that warms every cache."""
    work()
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return median(times) * 1000


def main() -> None:
    prompt = SENTENCE * (2048 // len(SENTENCE))
    engine = load_engine("o200k_base")
    assert engine is not None
    estimate = estimate_cost(prompt, model="gpt-4o", output_tokens=300, calls=1000)
    rows = [
        ("tokenize alone", lambda: engine.encode(prompt)),
        ("count_tokens", lambda: count_tokens(prompt, "gpt-4o")),
        ("estimate_cost", lambda: estimate_cost(prompt, model="gpt-4o", output_tokens=300, calls=1000)),
        ("display of an estimate (text, HTML, Markdown, JSON)", lambda: mimebundle(estimate)),
    ]
    base = milliseconds(rows[0][1])
    print(f"a prompt of {len(prompt):,} characters, median of {REPEATS}")
    for name, work in rows:
        ms = milliseconds(work)
        print(f"  {ms:8.3f} ms  {ms / base:7.1f} × tokenizing   {name}")


if __name__ == "__main__":
    main()
