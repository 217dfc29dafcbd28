"""Our answers beside those of other calculators, which `ask_gpu_peers.py` kept in gpu_peers.json.

`python benchmarks/gpu_peers.py` prints the page, `--write` puts it into docs/gpu_peers.md. No peer is needed:
their answers are of the day and the release that the page names, ours of today.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from gpu_cases import SCALES, Case, Outcome, cases, outcome
from peer_questions import CACHES, TOKENS, Cache

from ipython_llmnumbers import gpu_fit

DOCUMENT = Path(__file__).parent.parent / "docs" / "gpu_peers.md"
ANSWERS: dict[str, Any] = json.loads((Path(__file__).parent / "gpu_peers.json").read_text(encoding="utf-8"))
_CACHE_PEERS = ("kvfit", "llmfit", "hf-mem", "vramscout", "modelinfo-cli", "hf-vram-calc")


def ours_bytes(case: Cache) -> int:
    """The cache that `%gpufit` prints."""
    # The GPU is of no matter to the cache; without a name it would be this machine's.
    return int(gpu_fit(case.model, gpu="B200", context_tokens=TOKENS)["kv_cache_bytes"].value)


def named(peer: str) -> str:
    """A peer with its release."""
    return f"{peer} {ANSWERS['versions'][peer]}"


def cache_table() -> Iterator[str]:
    """The caches in GiB, and under them the sums and the refusals."""
    yield f"| model | correct | ours | {' | '.join(map(named, _CACHE_PEERS))} |"
    yield f"| --- | ---: | ---: | {' | '.join('---:' for _ in _CACHE_PEERS)} |"
    for each in CACHES:
        said = (ANSWERS["caches"][each.model][peer] for peer in _CACHE_PEERS)
        theirs = ("refuses" if isinstance(answer, str) else _gib(answer) for answer in said)
        yield f"| {' | '.join((each.model, _gib(each.correct_bytes), _gib(ours_bytes(each)), *theirs))} |"
    yield from ("", "The correct value:", "")
    for each in CACHES:
        yield f"- {each.model}: {each.formula} = {each.correct_bytes:,} bytes ({each.of})."
    yield from ("", "Why a peer refuses:", "")
    for model, answers in ANSWERS["caches"].items():
        for peer, answer in answers.items():
            if isinstance(answer, str):
                yield f"- {peer}, {model}: {answer}"


def measured_table(section: str, peer: str, scale: float) -> Iterator[str]:
    """Measured cases by us and by one peer, each with its error; under it the errors' middle."""
    found = [
        (outcome(case), ANSWERS[section][case["id"]]) for case in cases() if case["id"] in ANSWERS[section]
    ]
    yield f"| case | measured | ours | error | {named(peer)} | error |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for ours, theirs in found:
        expected = _number(ours.case["expected"], ours.case, scale)
        mine = "unknown" if ours.ours is None else f"{_number(ours.ours, ours.case, scale):,.2f}"
        said, error = ("refuses", "") if isinstance(theirs, str) else (f"{theirs / scale:,.2f}", "")
        if not isinstance(theirs, str):
            error = f"{theirs / scale / expected - 1:+.1%}"
        cells = (ours.case["id"], f"{expected:,.2f}", mine, _error(ours), said, error)
        yield f"| {' | '.join(cells)} |"
    both = [
        (abs(ours.error), abs(theirs / scale / _number(ours.case["expected"], ours.case, scale) - 1))
        for ours, theirs in found
        if ours.error is not None and not isinstance(theirs, str)
    ]
    mine, other = (median(errors) for errors in zip(*both, strict=True))
    yield ""
    yield f"Median error of the {len(both)} that both answer: ours {mine:.1%}, {peer} {other:.1%}."


def _number(value: Any, case: Case, scale: float) -> float:
    """A case's number in the unit of the table."""
    unit = case["unit"].split()[0]
    return float(value) * SCALES[unit] / scale if unit in SCALES else float(value)


def _error(found: Outcome) -> str:
    return "" if found.error is None else f"{found.error:+.1%}"


def _gib(n_bytes: float) -> str:
    return f"{n_bytes / 2**30:.2f}"


def document() -> str:
    """The page of the documents."""
    return f"""# Beside other calculators

Written by `python benchmarks/gpu_peers.py --write`, and compared with its output by a test. The others were
asked on {ANSWERS["asked"]} by `benchmarks/ask_gpu_peers.py`, without a network; their answers are in
`benchmarks/gpu_peers.json`. Ours are of today.

## The cache of one sequence

GiB of {TOKENS:,} tokens in 16 bits. Each was given the same config.json, llmfit the model's name, which is in
its own list; hf-mem and modelinfo, which read a checkpoint first, by the function that they call after that.
Where layers of both kinds are mixed, hf-mem counts a window as the whole context on purpose: what an engine
may reserve. vramscout refuses a mixture of experts for want of its parameters, which it takes from the Hub.

{_lines(cache_table())}

## Weights

GB (10^9 bytes) of files and of what an engine loaded.

{_lines(measured_table("files", "llmfit", 1e9))}

## Speed of llama.cpp, one request

Tokens in a second. llmfit was told the bandwidth of each GPU, as a profile. The measurements are those that
its users sent to it. Both have seen them: our share of the bandwidth was chosen on these points; when it was
that of one other, 0.72, our median error here was 14.5 %.

{_lines(measured_table("speeds", "llmfit", 1.0))}

## Training

GiB at the peak. hf-vram-calc was given the model's config.json, the tokens, the batch and the rank; it has no
words for what is computed again, a loss in chunks or a compiled model.

{_lines(measured_table("trainings", "hf-vram-calc", 2**30))}
"""


def _lines(lines: Iterator[str]) -> str:
    return "\n".join(lines)


if __name__ == "__main__":
    if "--write" in sys.argv:
        DOCUMENT.write_text(document(), encoding="utf-8")
    print(document())
