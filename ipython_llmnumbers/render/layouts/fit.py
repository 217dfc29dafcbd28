"""Whether a model fits, as a table: what it needs against what is free, then other GPUs."""

from __future__ import annotations

from ...figures import Estimate
from ..cells import value_text
from ..labels import label
from ..layout import Layout, Table, row

_NEEDS = (
    "weights_bytes",
    "kv_cache_bytes",
    "overhead_bytes",
    "total_bytes",
    "free_bytes",
    "max_context_tokens",
)


def fit(estimate: Estimate) -> Layout:
    """The verdict and its figures for one device, and one line for each further device."""
    rows = tuple(row(estimate[name]) for name in _NEEDS)
    title = f"{estimate.details['model']} on {estimate.details['device']}: {_verdict(estimate)}"
    tables = [Table(title, ("", "Memory", "How it is known"), rows)]
    if estimate.parts:
        header = ("GPU", label("free_bytes"), label("total_bytes"), "Verdict", label("max_context_tokens"))
        others = tuple(_device_row(part) for part in estimate.parts)
        tables.append(Table("On other devices", header, others, right=frozenset({1, 2, 4})))
    return Layout(tuple(tables), (), estimate.notes)


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
