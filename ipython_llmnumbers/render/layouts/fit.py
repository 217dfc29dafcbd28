"""Whether a model fits, as a table: what it needs against what is free, then other GPUs."""

from __future__ import annotations

from collections.abc import Iterator

from ...figures import Estimate, Figure
from ..cells import value_text
from ..labels import label
from ..layout import Layout, Table


def fit(estimate: Estimate) -> Layout:
    """The verdict and its figures for one device, and one line for each further device."""
    rows = tuple((label(name), value_text(estimate[name]), how) for name, how in _how(estimate))
    title = f"{estimate.details['model']} on {estimate.details['device']}: {_verdict(estimate)}"
    tables = [Table(title, ("", "Memory", "How it is made"), rows)]
    if estimate.parts:
        header = ("GPU", label("free_bytes"), label("total_bytes"), "Verdict", label("max_context_tokens"))
        others = tuple(_device_row(part) for part in estimate.parts)
        tables.append(Table("On other devices", header, others, right=frozenset({1, 2, 4})))
    return Layout(tuple(tables), (), estimate.notes)


def _how(estimate: Estimate) -> Iterator[tuple[str, str]]:
    """The figures in the order of the sum, each with its making in a few words."""
    weights, kv_cache = estimate["weights_bytes"], estimate["kv_cache_bytes"]
    n_params, context, batch, per_token = (
        value_text(_input(figure, name))
        for figure, name in (
            (weights, "n_params"),
            (kv_cache, "context_tokens"),
            (kv_cache, "batch_size"),
            (kv_cache, "kv_bytes_per_token"),
        )
    )
    yield "weights_bytes", f"{n_params} parameters in {estimate.details['quant']}"
    yield "kv_cache_bytes", f"{context} tokens × {batch} at {per_token} a token"
    yield "overhead_bytes", "runtime, logits, an engine's reserve"
    yield "total_bytes", "the sum"
    yield "free_bytes", estimate["free_bytes"].note
    yield "max_context_tokens", estimate["max_context_tokens"].note


def _input(figure: Figure, name: str) -> Figure:
    """The input of that name, however deep: a formula for a quantisation may stand between."""
    return next(each for _, each in figure.walk() if each.name == name)


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
