"""Whether a model fits, as a table: what it needs against what is free, then other GPUs."""

from __future__ import annotations

from collections.abc import Iterator

from ...figures import Estimate
from ..cells import value_text
from ..labels import label
from ..layout import Bar, Layout, Table

_PARTS = (("W", "weights_bytes"), ("K", "kv_cache_bytes"), ("O", "overhead_bytes"))


def fit(estimate: Estimate) -> Layout:
    """The verdict and its figures for one device, and one line for each further device."""
    rows = tuple((label(name), value_text(estimate[name]), how) for name, how in _how(estimate))
    title = f"{estimate.details['model']} on {_device(estimate)}: {_verdict(estimate)}"
    tables = [Table(title, ("", "Memory", "How it is made"), rows)]
    if estimate.parts:
        header = ("GPU", label("free_bytes"), label("total_bytes"), "Verdict", label("max_context_tokens"))
        others = tuple(_device_row(part) for part in estimate.parts)
        name = "Each of them" if estimate.details["tp"] > 1 else "On other devices"
        tables.append(Table(name, header, others, right=frozenset({1, 2, 4})))
    return Layout(tuple(tables), (), estimate.notes, bars=tuple(_bars(estimate)))


def _device(estimate: Estimate) -> str:
    count, engine = estimate.details["tp"], estimate.details["engine_title"]
    device = f"{estimate.details['device']}, one of {count}" if count > 1 else estimate.details["device"]
    return f"{device} with {engine}" if engine else str(device)


def _how(estimate: Estimate) -> Iterator[tuple[str, str]]:
    """The figures in the order of the sum, each with its making in a few words."""
    count = estimate.details["tp"]
    divided = f", divided by {count}" if count > 1 else ""
    yield (
        "weights_bytes",
        f"{value_text(estimate['params'])} parameters in {estimate.details['quant']}{divided}",
    )
    yield "kv_cache_bytes", _cache(estimate)
    yield "overhead_bytes", _overhead(estimate)
    if "kv_space_bytes" in estimate:
        yield "kv_space_bytes", estimate["kv_space_bytes"].note
    yield "total_bytes", "the sum"
    yield "free_bytes", estimate["free_bytes"].note
    yield "max_context_tokens", estimate["max_context_tokens"].note
    yield "max_batch_size", estimate["max_batch_size"].note


def _cache(estimate: Estimate) -> str:
    context, batch, per_token = (
        value_text(estimate[name]) for name in ("context_tokens", "batch_size", "kv_bytes_per_token")
    )
    figure = estimate["kv_cache_bytes"]
    names = {each.name: each.value for _, each in figure.walk()}
    text = f"{context} tokens × {batch} at {per_token} a token"
    if names.get("window_tokens"):
        text += f", of which a window keeps {names['window_tokens']:,}"
    if names.get("fixed_bytes"):
        text += ", and what is kept at any length"
    return text


def _overhead(estimate: Estimate) -> str:
    match estimate.details["engine"]:
        case "vllm":
            return "its trial run, and the share of the GPU that it leaves unused"
        case "llama.cpp":
            return "CUDA context and compute buffer"
        case "transformers":
            return "CUDA context and activations"
        case _:
            return "runtime, logits, an engine's reserve"


def _bars(estimate: Estimate) -> Iterator[Bar]:
    """The sum against what is free, where all of it is known."""
    free = estimate["free_bytes"].value
    parts = [(letter, label(name), estimate[name].value) for letter, name in _PARTS]
    if free and all(size is not None for _, _, size in parts):
        yield Bar(tuple((letter, name, float(size or 0)) for letter, name, size in parts), float(free))


def _device_row(part: Estimate) -> tuple[str, ...]:
    return (
        part.subject,
        value_text(part["free_bytes"]),
        value_text(part["total_bytes"]),
        _verdict(part),
        value_text(part["max_context_tokens"]),
    )


def _verdict(estimate: Estimate) -> str:
    return estimate.verdict or "unknown"
