"""The cases of tests/data/gpu_cases.toml and gpu_cases_2.toml, and our answer to each.

A runner answers the cases of one kind. A case holds where ours is within the tolerance that its source
allows; of a range, the end that is nearer is compared.
"""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ipython_llmnumbers import gpu_fit, gpu_speed, gpu_train, training_cost
from ipython_llmnumbers.catalog.open_models.find import find_model
from ipython_llmnumbers.catalog.open_models.quants import find_quant
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.estimates.memory.weights import layer_bytes
from ipython_llmnumbers.figures import Estimate
from ipython_llmnumbers.formulas import overhead

DATA = Path(__file__).parent.parent / "tests" / "data"
TABLES = ("gpu_cases.toml", "gpu_cases_2.toml")

Case = Mapping[str, Any]
Value = float | int | str | None

SCALES = {"bytes": 1, "MiB": 2**20, "GiB": 2**30, "MB": 10**6, "GB": 10**9}
# A GPU on which everything is judged that does not name one: what fits there is of no matter.
_ANY_GPU = "B200"
_VLLM_BLOCK_TOKENS = 16


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case with our answer; `why` explains an answer that is missing."""

    case: Case
    ours: Value
    why: str = ""

    @property
    def error(self) -> float | None:
        """The difference as a share of what was measured, where both are numbers."""
        expected = self.case["expected"]
        if isinstance(self.ours, str) or isinstance(expected, str) or self.ours is None:
            return None
        return float(self.ours) / float(expected) - 1

    @property
    def holds(self) -> bool:
        """Whether ours is within the tolerance of the case."""
        expected, tolerance = self.case["expected"], str(self.case["tolerance"])
        if self.ours is None:
            return False
        if isinstance(expected, str) or tolerance == "exact":
            return self.ours == expected or (self.error is not None and round(self.error, 9) == 0)
        share = re.match(r"([\d.]+)%", tolerance)
        if share and self.error is not None:
            return abs(self.error) <= float(share[1]) / 100
        amount = re.match(r"([\d.]+) ", tolerance)
        return amount is not None and abs(float(self.ours) - float(expected)) <= float(amount[1])


@cache
def _rows(section: str) -> tuple[Case, ...]:
    tables = [tomllib.loads((DATA / name).read_text(encoding="utf-8")) for name in TABLES]
    return tuple(row for table in tables for row in table.get(section, ()))


def cases(kind: str | None = None) -> list[Case]:
    """The cases of one kind, or all of them."""
    return [case for case in _rows("cases") if kind in (None, case["kind"])]


def behaviours() -> tuple[Case, ...]:
    """What is asked of an answer and no number, each with the test that proves it."""
    return _rows("behaviours")


def unasked() -> tuple[Case, ...]:
    """What was measured and cannot be asked of us, each with the reason."""
    return _rows("unasked")


def outcome(case: Case) -> Outcome:
    """Our answer to a case."""
    try:
        return Outcome(case, RUNNERS[case["kind"]](case))
    except LLMNumbersError as error:
        return Outcome(case, None, str(error))


def outcomes(kind: str | None = None) -> Iterator[Outcome]:
    """Our answers to the cases, each worked out once."""
    return (_outcome_of(case["id"]) for case in cases(kind))


@cache
def _outcome_of(case_id: str) -> Outcome:
    return outcome(next(case for case in cases() if case["id"] == case_id))


def _fit(case: Case) -> Estimate:
    """The estimate of the model, or of the config.json that the case has."""
    options = {key: value for key, value in case["ask"].items() if key not in {"figure", "space_gib"}}
    options = {"gpu": _ANY_GPU, **options}
    if "config" not in options:
        return gpu_fit(options.pop("model"), **options)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(options.pop("config")), encoding="utf-8")
        return gpu_fit(folder, **options)


def _scaled(case: Case, value: Any) -> float | int:
    scale = SCALES[case["unit"].split()[0]]
    return value if scale == 1 else value / scale


def _figure(estimate: Estimate, name: str) -> Any:
    """A figure's value by its name, or one of its ends (`days.low`); also of one that is not shown."""
    name, _, end = name.partition(".")
    if name == "verdict":
        return estimate.verdict
    if name == "file_bytes":
        host = estimate.get("host_bytes")
        return estimate["weights_bytes"].value + (host.value if host is not None else 0)
    figure = estimate.get(name) or next(each for each in estimate.walk() if each.name == name)
    return getattr(figure, end or "value")


def _sized(case: Case, estimate: Estimate, figure: str) -> Value:
    found = _figure(estimate, case["ask"].get("figure", figure))
    return found if isinstance(found, str) else _scaled(case, found)


def run_weights(case: Case) -> Value:
    """Bytes of a checkpoint, or of what an engine loaded."""
    return _sized(case, _fit(case), "weights_bytes")


def run_params(case: Case) -> Value:
    """All parameters."""
    return find_model(case["ask"]["model"]).architecture.params


def run_kv_total(case: Case) -> Value:
    """The cache of a context, or what vLLM leaves for it."""
    return _sized(case, _fit(case), "kv_cache_bytes")


def run_kv_per_token(case: Case) -> Value:
    """Bytes that a token leaves."""
    return _fit(case)["kv_bytes_per_token"].value  # type: ignore[no-any-return]


def run_serving(case: Case) -> Value:
    """A verdict, what an engine sees, a compute buffer, or the peak of PyTorch's allocator."""
    ask = case["ask"]
    if ask["figure"] == "compute_buffer":
        spec = find_model(ask["model"]).architecture
        sizes = (spec.vocab_size, spec.hidden_size, spec.n_heads, ask["n_ubatch"], ask["context_tokens"])
        return _scaled(case, overhead.llama_cpp_compute_bytes(*sizes, ask["flash_attention"]))
    fit = _fit(case)
    if ask["figure"] != "torch_peak":
        return _sized(case, fit, ask["figure"])
    # The allocator does not count the CUDA context.
    runtime = next(each for each in fit["overhead_bytes"].inputs if each.name == "runtime_bytes")
    return _scaled(case, fit["total_bytes"].value - runtime.value)


def run_max_tokens(case: Case) -> Value:
    """Tokens that a model takes, or that the space for the cache holds."""
    fit, ask = _fit(case), case["ask"]
    if ask["figure"].startswith(("max_", "model_")):
        return int(_figure(fit, ask["figure"]))
    per_token = fit["kv_bytes_per_token"].value
    if "space_gib" in ask:
        return int(ask["space_gib"] * 2**30 / per_token)
    blocks = fit["kv_space_bytes"].value // (per_token * _VLLM_BLOCK_TOKENS)
    return int(blocks) * _VLLM_BLOCK_TOKENS


def run_training(case: Case) -> Value:
    """The peak on each GPU, or what is asked for in its place."""
    ask = {"gpu": _ANY_GPU, **case["ask"]}
    ask.pop("figure", None)
    return _sized(case, gpu_train(ask.pop("model"), **ask), "peak_bytes")


def run_cost(case: Case) -> Value:
    """GPU-hours or days: the end of the range that is nearer to the published ones."""
    ask = dict(case["ask"])
    figure = ask.pop("figure", None)
    cost = training_cost(ask.pop("model"), train_tokens=ask.pop("tokens"), **ask)
    if figure is not None:
        return float(_figure(cost, figure))
    found = cost["gpu_hours" if case["unit"] == "GPU-hours" else "days"]
    return float(min(max(case["expected"], found.low), found.high))


def run_throughput(case: Case) -> Value:
    """Tokens in a second, or milliseconds of a step."""
    ask = dict(case["ask"])
    speed = gpu_speed(ask.pop("model"), **ask)
    if case["unit"].startswith("ms"):
        return float(speed["step_s"].value * 1000)
    return float(speed["tokens_per_s"].value)


def run_layers(case: Case) -> Value:
    """What the last layers of a model weigh."""
    ask = case["ask"]
    spec = find_model(ask["model"])
    first = spec.architecture.n_layers - ask["n_layers"]
    sizes = layer_bytes(spec, find_quant(ask["quant"]), list(spec.architecture.matrices))
    last = sum(size * sum(layer >= first for layer in matrix.layers) for matrix, size in sizes)
    return float(_scaled(case, last))


def run_split(case: Case) -> Value:
    """What the GPU of a machine holds."""
    on_gpu = _fit(case).parts[0]
    return float(_scaled(case, on_gpu["total_bytes"].value))


RUNNERS: dict[str, Callable[[Case], Value]] = {
    "weights": run_weights,
    "params": run_params,
    "kv_per_token": run_kv_per_token,
    "kv_total": run_kv_total,
    "max_tokens": run_max_tokens,
    "serving_total": run_serving,
    "training": run_training,
    "grpo": run_training,
    "cost": run_cost,
    "throughput": run_throughput,
    "decode_speed": run_throughput,
    "device_speed": run_throughput,
    "offload_speed": run_throughput,
    "layers": run_layers,
    "split": run_split,
}
