"""What an answer takes as its subject grows, and what many of them leave in memory."""

from __future__ import annotations

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

from .measure import exponent, in_process, prompt_of

# Megabytes of the process after each number of warm estimates.
_MEMORY = """
import psutil
from ipython_llmnumbers import estimate_cost

def after(n):
    for number in range(n):
        estimate_cost(f"prompt {number} of many", model="gpt-4o", output_tokens=300)
    return psutil.Process().memory_info().rss / 1e6

few = after(1_000)
print(after(99_000) - few)
"""


def memory_mb() -> float:
    """How much larger a process is after 10⁵ warm estimates than after 10³, in MB."""
    return float(in_process(_MEMORY) or "nan")


def curves() -> Iterator[tuple[str, tuple[int, ...], list[float], float]]:
    """Each kind of answer: its sizes, its milliseconds at each, and the exponent that they grow with."""
    for name, sizes, work in subjects():
        times = [_best_ms(work(size)) for size in sizes]
        yield name, sizes, times, exponent(sizes, times)


def _best_ms(work: Callable[[], object]) -> float:
    """The least of three: what is left once the machine's other work is left out."""

    def once() -> float:
        start = time.process_time()
        work()
        return 1000 * (time.process_time() - start)

    return min(once() for _ in range(3))


def subjects() -> Iterator[tuple[str, tuple[int, ...], Callable[[int], Callable[[], object]]]]:
    """Each kind of answer: its name, its sizes, and the work at a size."""
    yield "models of a comparison", (5, 10, 20, 40), _comparison
    yield "messages of a chat", (125, 250, 500, 1_000), _chat
    yield "rows of a table", (12_500, 25_000, 50_000, 100_000), _table
    yield "estimates of a ledger", (125, 250, 500, 1_000), _ledger
    yield "cells of an annotated notebook", (10, 20, 40, 80), _annotate


def _comparison(size: int) -> Callable[[], object]:
    from ipython_llmnumbers import estimate_cost
    from ipython_llmnumbers.catalog.prices.find import known_priced_models

    models = [each for each in known_priced_models() if each.startswith("gpt-")][:size]
    assert len(models) == size
    return lambda: estimate_cost(prompt_of(2_000), model=models, output_tokens=300)


def _chat(size: int) -> Callable[[], object]:
    from ipython_llmnumbers import estimate_cost

    roles = ("user", "assistant")
    messages = [{"role": roles[number % 2], "content": f"message {number}"} for number in range(size)]
    return lambda: estimate_cost(messages, model="gpt-4o", output_tokens=300)


def _table(size: int) -> Callable[[], object]:
    from ipython_llmnumbers import estimate_cost

    rows = [f"row {number} of a table" for number in range(size)]
    return lambda: estimate_cost(rows, model="gpt-4o", output_tokens=300)


def _ledger(size: int) -> Callable[[], object]:
    from ipython_llmnumbers import estimate_cost
    from ipython_llmnumbers.usage.ledger.entries import Place, estimate_entries
    from ipython_llmnumbers.usage.ledger.ledger import ledger

    estimates = [estimate_cost(f"prompt {number}", model="gpt-4o") for number in range(size)]
    entries = [entry for each in estimates for entry in estimate_entries(each, Place("benchmark", "cell"))]
    return lambda: str(ledger(entries))


def _annotate(size: int) -> Callable[[], object]:
    from ipython_llmnumbers.notebooks.ipython_syntax import annotate

    folder = Path(tempfile.mkdtemp(prefix="llmnumbers-benchmark-"))
    source = folder / "source.ipynb"
    code = (
        'client.chat.completions.create(model="gpt-4o", messages=[{"role": "user", "content": "hello %d"}])'
    )
    cells = [
        {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": code % number}
        for number in range(size)
    ]
    head = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None}
    cells.insert(0, {**head, "source": "from openai import OpenAI\nclient = OpenAI()"})
    notebook = {"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": cells}
    source.write_text(json.dumps(notebook), encoding="utf-8")
    number = count()
    return lambda: annotate(str(source), str(folder / f"copy{next(number)}.ipynb"), "gpt-4o")
