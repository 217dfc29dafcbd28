"""How right `%gpufit` is: every case of tests/data/gpu_cases*.toml, ours beside what was measured.

`python benchmarks/gpu_accuracy.py` prints the page, `--write` puts it into docs/gpu_accuracy.md. A miss stays
in the tables, and `MISSES` says what it comes from.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent))

from gpu_cases import Outcome, Value, behaviours, outcomes, unasked

DOCUMENT = Path(__file__).parent.parent / "docs" / "gpu_accuracy.md"
TITLES = {
    "weights": "Weights: files, and what engines load",
    "params": "Parameters",
    "kv_per_token": "What a token leaves",
    "kv_total": "The cache, and what vLLM leaves for it",
    "max_tokens": "The largest context",
    "serving_total": "Verdicts, and what an engine takes beside",
    "training": "Training: the peak on each GPU",
    "grpo": "GRPO",
    "cost": "GPU-hours and days",
    "throughput": "Speed of optimised engines",
    "decode_speed": "Speed of llama.cpp, one request",
    "device_speed": "Speed of llama.cpp, one request, on other devices",
    "offload_speed": "Speed of llama.cpp with layers in RAM",
    "layers": "Weights of some layers",
    "split": "What the GPU holds where layers are in RAM",
}
MISSES = {
    "sp_rtx5070_qwen3_30b_a3b_instruct_2": (
        "how many layers had their experts in RAM is not told, nor how fast the RAM is: ours is of the 19 "
        "that must, and with 40 it would be as slow as measured"
    ),
    "sp_3090_gpt_oss_120b": (
        "of the RAM nothing is told: the experts came from it at 54 GB/s, 0.6 of two channels of DDR5-5600, "
        "which is within the range of ours, 9 to 36 tokens/s"
    ),
    "sp_14900k_gpt_oss_120b": (
        "of the RAM only the size is told: the experts came from it at 61 GB/s, 0.6 of two channels of "
        "DDR5-6400, which is within the range of ours, 7 to 26 tokens/s"
    ),
    "sp_7900xt_gpt_oss_20b": (
        "of August 2025, weeks after the model; what was measured there in July 2026 is within 10%"
    ),
    "gg_qwen3_30b_iq4k": "a type of the fork ik_llama.cpp, in its user's own mix; it is refused by name",
    "peft_t0_3b_ds": (
        "the batch and the length are not told; ours is of one sequence of 256 tokens, and DeepSpeed's "
        "buffers beside the weights that it gathers are left out"
    ),
    "tc_llama31_8b": (
        "14% of the peak, which its makers' own 70B nearly doubled; the range of 25 to 50% is of runs that "
        "are bound by computing"
    ),
    "tc_llama3_8b": "as Llama 3.1's 8B: 16% of the peak",
    "grpo_qwen35_0_8b": (
        "its completions seem to have ended early: in that campaign the 8B took 7.41 GiB, in the next 7.85"
    ),
    "grpo_unsloth_total": (
        "a sum of parts that are not there at once: the layer that is computed again, and the logits after it"
    ),
    "grpo_trl_fa2_total": (
        "a calculation, not a measurement: 372 GB of activations, between none and all of them computed again"
    ),
}
"""What each miss comes from, by the case's id."""


def why(found: Outcome) -> str:
    """What a miss comes from."""
    return MISSES.get(found.case["id"]) or found.why or "not explained"


def _shown(value: Value) -> str:
    match value:
        case None:
            return "unknown"
        case str():
            return value
        case int():
            return f"{value:,}"
        case _:
            return f"{value:,.2f}"


def _error(error: float | None) -> str:
    return "" if error is None else f"{error:+.2%}"


def _table(found: list[Outcome]) -> Iterator[str]:
    yield "| case | expected | ours | error | tolerance | |"
    yield "| --- | ---: | ---: | ---: | --- | --- |"
    for each in found:
        case, mark = each.case, "" if each.holds else "**miss**"
        expected = f"{_shown(case['expected'])} {case['unit']}"
        cells = (case["id"], expected, _shown(each.ours), _error(each.error), case["tolerance"], mark)
        yield f"| {' | '.join(cells)} |"


def _section(kind: str, found: list[Outcome]) -> Iterator[str]:
    yield f"## {TITLES[kind]}"
    yield ""
    yield from _table(found)
    yield ""
    missed = [each for each in found if not each.holds]
    for each in missed:
        yield f"- `{each.case['id']}`: {why(each)}."
    if missed:
        yield ""


def _summary(by_kind: dict[str, list[Outcome]]) -> Iterator[str]:
    yield "| | cases | hold | median error | greatest |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for kind, found in by_kind.items():
        errors = [abs(each.error) for each in found if each.error is not None]
        middle, worst = (f"{median(errors):.1%}", f"{max(errors):.1%}") if errors else ("", "")
        held = sum(each.holds for each in found)
        yield f"| {TITLES[kind]} | {len(found)} | {held} | {middle} | {worst} |"
    every = [each for found in by_kind.values() for each in found]
    yield f"| **all** | {len(every)} | {sum(each.holds for each in every)} | | |"


def _rest() -> Iterator[str]:
    yield "## What is no number"
    yield ""
    yield "| case | asked | expected | the test that proves it |"
    yield "| --- | --- | --- | --- |"
    for row in behaviours():
        yield f"| {row['id']} | {_cell(row['ask'])} | {_cell(row['expected'])} | `{row['test']}` |"
    if not unasked():
        return
    yield ""
    yield "## What was measured and cannot be asked"
    yield ""
    yield "| case | asked | measured | why |"
    yield "| --- | --- | --- | --- |"
    for row in unasked():
        yield f"| {row['id']} | {_cell(row['ask'])} | {_cell(row['expected'])} | {row['why']} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def document() -> str:
    """The page of the documents."""
    by_kind = {kind: list(outcomes(kind)) for kind in TITLES}
    lines = [*_summary(by_kind), ""]
    for kind, found in by_kind.items():
        lines += _section(kind, found)
    return _HEAD + "\n".join([*lines, *_rest()]) + "\n"


_HEAD = """# How right `%gpufit` is

Written by `python benchmarks/gpu_accuracy.py --write`, and compared with its output by a test. Each case is
a size, an engine's log or a published run that somebody else measured; where it was read, and how we were
asked, stands in `tests/data/gpu_cases.toml` and `gpu_cases_2.toml`. Misses are included. GPU-hours and days
are a range (25 to 50 % of the GPU's peak): the table shows its end that is nearer, or the published number
where it lies within.

"""


if __name__ == "__main__":
    if "--write" in sys.argv:
        DOCUMENT.write_text(document(), encoding="utf-8")
    print(document())
