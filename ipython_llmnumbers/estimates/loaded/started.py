"""What an engine was started with, as its log says: the model, and the question that an estimate answers."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from ...catalog.hardware.engines import known_engines
from ...catalog.open_models.find import find_model
from ...catalog.open_models.quants import known_kv_types, quant_named
from ...catalog.open_models.spec import ModelSpec
from ...errors import FileError, LLMNumbersError
from ...messages import shorten
from ...patterns import pattern
from ...probes.engines.log import EngineLog, Start
from ..memory.engines import Serving

# A GGUF's "8.03 B" counts no tower, and rounds; a size such as 13B is nearer than the next.
_SAME_PARAMS, _SAME_SIZE = 0.05, 0.15
_SCALES = {"K": 1e3, "M": 1e6, "B": 1e9, "T": 1e12}
_CACHED = pattern(r"models--(?P<owner>[^/\\]+?)--(?P<name>[^/\\]+)")
# "Q4_K - Medium" is what llama.cpp writes for Q4_K_M.
_SIZES = {"Small": "S", "Medium": "M", "Large": "L"}


def matching_start(log: EngineLog, spec: ModelSpec) -> Start:
    """The last start in the log that may be of that model.

    Raises:
        FileError: all of them are of other models.
    """
    fitting = [start for start in log.starts if _is_of(start, spec)]
    if fitting:
        return fitting[-1]
    raise FileError(
        "{path}: a log of {other}, not of {model}",
        path=log.path,
        other=shorten(_name_of(log.starts[-1]) or log.starts[-1].settings.get("params", "?")),
        model=spec.name,
    )


def model_of(log: EngineLog) -> ModelSpec:
    """The model that the last start names.

    Raises:
        FileError: it names none that a table knows.
    """
    name = _name_of(log.starts[-1])
    spec = _known(name)
    if not name:
        raise FileError("{path}: the log does not name the model; name it, as llama-3.1-8b", path=log.path)
    if spec is None:
        raise FileError(
            "{path}: no table knows the model in it ({model}); name it", path=log.path, model=shorten(name)
        )
    return spec


def says_model(start: Start) -> bool:
    """Whether anything in the log shows which model it is of."""
    told = start.settings
    return "params" in told or "n_layers" in told or _known(_name_of(start)) is not None


def _is_of(start: Start, spec: ModelSpec) -> bool:
    """Whether nothing in a start speaks against the model: its size, its layers, else its name."""
    told = start.settings
    plain = spec.without_tower()
    params = plain.given_params or plain.architecture.params
    size, n_layers = _params(told.get("params", "")), whole(told, "n_layers")
    most = (_SAME_SIZE if spec.given_params else _SAME_PARAMS) * params
    if size and abs(size - params) > most:
        return False
    if spec.given_params is not None:
        return True
    if n_layers and spec.architecture.n_layers:
        return n_layers == spec.architecture.n_layers
    named = _known(_name_of(start))
    return bool(size) or named is None or _is_like(named, spec)


def _is_like(one: ModelSpec, other: ModelSpec) -> bool:
    return one.name == other.name or one.name_of_shape == other.name_of_shape or one.shape == other.shape


def _params(text: str) -> float | None:
    number, _, scale = text.partition(" ")
    try:
        return float(number) * _SCALES[scale]
    except (ValueError, KeyError):
        return None


def _name_of(start: Start) -> str:
    """The model's name as people would write it: of a path its last part, of a cached repository its name."""
    name = start.settings.get("model", "")
    if cached := _CACHED.search(name):
        return f"{cached['owner']}/{cached['name']}"
    file = start.settings.get("file", "")
    return re.split(r"[/\\]", (name or file).rstrip("/\\"))[-1]


def _known(name: str) -> ModelSpec | None:
    try:
        return find_model(name) if name else None
    except LLMNumbersError:
        return None


def started_with(start: Start, spec: ModelSpec, served_by: Serving) -> dict[str, Any]:
    """The parameters of a `Fit` that the log tells."""
    told: dict[str, Any] = {name: read(start.settings, spec) for name, read in _READ.items()}
    told |= {name: whole(start.settings, name) for name in _WHOLE}
    found = {name: value for name, value in told.items() if value is not None}
    sequences = found.get("batch_size", 1)
    if served_by.shares_windows and "context_tokens" in found:
        # Its context is that of all sequences together.
        found["context_tokens"] = max(1, found["context_tokens"] // sequences)
    else:
        found.pop("batch_size", None)
    return found


def whole(settings: Mapping[str, str], name: str) -> int | None:
    """A setting that is a whole number above 0; None for anything else.

    >>> whole({"n_ctx": "4,096", "tp": "0"}, "n_ctx"), whole({"tp": "0"}, "tp")
    (4096, None)
    """
    digits = settings.get(name, "").replace(",", "")
    return (int(digits) or None) if digits.isdecimal() and len(digits) < 10 else None


def number(settings: Mapping[str, str], name: str) -> float | None:
    """A setting that is a number above 0; None for anything else.

    >>> number({"utilization": "0.90"}, "utilization"), number({"utilization": "1.2.3"}, "utilization")
    (0.9, None)
    """
    try:
        return float(settings.get(name, "")[:20]) or None
    except ValueError:
        return None


def _quant(settings: Mapping[str, str], spec: ModelSpec) -> str | None:
    """What the log says of the weights, where it is a quantisation that is known and the name says none."""
    kind, _, size = settings.get("quant", "").partition(" - ")
    name = f"{kind}_{_SIZES[size]}" if size in _SIZES else kind
    known = quant_named(name) if name and name != "None" else None
    return None if known is None or spec.says_quant or spec.stored else known.name


def _kv(settings: Mapping[str, str], _spec: ModelSpec) -> str | None:
    name = settings.get("kv", "").casefold().partition("_e")[0]
    return name if name in known_kv_types() and name not in {"fp16", "bf16", "fp32"} else None


def _share(settings: Mapping[str, str], _spec: ModelSpec) -> float | None:
    share = number(settings, "utilization")
    return share if share and 0.1 <= share <= 1 else None


_READ: dict[str, Callable[[Mapping[str, str], ModelSpec], Any]] = {
    "quant": _quant,
    "kv": _kv,
    "utilization": _share,
}
_WHOLE = ("tp", "context_tokens", "batch_size", "max_num_batched_tokens")


def engine_of(log: EngineLog, served_by: str, version: str) -> str:
    """The engine whose estimate is compared, with its version where one is known by it."""
    name = log.form.name if log.form.name in known_engines() else served_by
    return f"{name}=={version}" if version and name == log.form.name else name
