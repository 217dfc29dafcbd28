"""The bars of `benchmarks/gpu_accuracy.py`, and our part of `benchmarks/gpu_peers.py`."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent


def _load(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(
        name, ROOT / "benchmarks" / f"{name}.py", submodule_search_locations=None
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


accuracy = _load("gpu_accuracy")
peers = _load("gpu_peers")
EXACT = [case for case in accuracy.cases() if case["tolerance"] == "exact"]


def test_every_case_says_where_it_was_read() -> None:
    found = accuracy.cases()
    assert len(found) >= 89
    assert len({case["id"] for case in found}) == len(found)
    assert all(case["source"] for case in found)


@pytest.mark.parametrize("case", EXACT, ids=lambda case: case["id"])
def test_what_is_marked_exact_is_exact(case: dict[str, object]) -> None:
    assert accuracy.outcome(case).ours == case["expected"]


@pytest.mark.parametrize(
    "kind", ["weights", "params", "kv_total", "kv_per_token", "serving_total", "max_tokens"]
)
def test_memory_is_within_the_tolerance_of_its_source(kind: str) -> None:
    misses = {each.case["id"] for each in accuracy.outcomes(kind) if not each.holds}
    assert misses <= set(accuracy.MISSES)


def test_no_verdict_is_wrong() -> None:
    verdicts = [each for each in accuracy.outcomes() if "verdict" in each.case["unit"]]
    assert len(verdicts) >= 2
    assert all(each.ours == each.case["expected"] for each in verdicts)


# The bars of issue 4: training peaks within 20 % for 85 % of the cases, speeds within 30 % for 80 %.
@pytest.mark.parametrize(("kind", "n_cases", "bar"), [("training", 19, 0.85), ("throughput", 9, 0.80)])
def test_training_and_speed_hold_their_bars(kind: str, n_cases: int, bar: float) -> None:
    found = list(accuracy.outcomes(kind))
    assert len(found) >= n_cases
    assert sum(each.holds for each in found) / len(found) >= bar
    assert {each.case["id"] for each in found if not each.holds} <= set(accuracy.MISSES)


def test_the_document_is_what_the_benchmark_writes() -> None:
    assert accuracy.DOCUMENT.read_text(encoding="utf-8") == accuracy.document()


@pytest.mark.parametrize("case", peers.CASES, ids=lambda case: case.model)
def test_our_cache_beside_those_of_peers_is_exact(case: Any) -> None:
    assert peers.ours_bytes(case) == case.correct_bytes
    gib = f"{case.correct_bytes / 2**30:.2f}"
    assert f"| {case.model} | {gib} | {gib} |" in peers.DOCUMENT.read_text(encoding="utf-8")


def test_a_peer_that_is_missing_is_said_to_be() -> None:
    assert peers.peer_answer("no-such-calculator", peers.CASES[0]) == ("not installed", "")
