"""What recording costs, in instructions, which no load moves: `benchmarks/recorder_cost.py`."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "benchmarks" / "recorder_cost.py"


@pytest.fixture(scope="module")
def benchmark():
    if not SCRIPT.exists():
        pytest.skip("no benchmarks beside these tests")
    spec = importlib.util.spec_from_file_location("recorder_cost", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_call_costs_a_fraction_of_a_millisecond(benchmark):
    """5,328 instructions of Python 3.11, 0.15 ms here; the bar leaves room for other Pythons."""
    assert 1_000 < benchmark.instructions(benchmark.plain()) < 7_500


def test_each_event_of_a_stream_costs_the_same(benchmark):
    """349 instructions, 4 µs: an event is parsed only if it bears a usage, and no byte is read twice."""
    few, many = (benchmark.instructions(benchmark.streamed(n)) for n in (100, 300))
    assert 50 < (many - few) / 200 < 600
