"""The ledger as two tables: every estimate in order, and the totals of each model."""

from __future__ import annotations

from ...figures import Estimate
from ...messages import said, tell
from ..figure_text import value_text
from ..labels import label
from ..layout import Layout, Table


def ledger(estimate: Estimate) -> Layout:
    """Entries in the order in which they were made, then one line for each model."""
    entries = sorted((entry for part in estimate.parts for entry in part.parts), key=_number)
    model, count, total = tell("Model"), label("input_tokens"), tell("Total")
    header = ("#", model, tell("Prompts"), count, label("output_tokens"), label("calls"), total)
    of_models = (model, label("estimates"), count, total)
    tables = (
        Table(
            tell("Estimates of this notebook"), header, tuple(map(_row, entries)), frozenset({2, 3, 4, 5, 6})
        ),
        Table(tell("Totals"), of_models, tuple(map(_totals, estimate.parts)), frozenset({1, 2, 3})),
    )
    notes = (*estimate.notes, *(note for part in estimate.parts for note in part.notes))
    return Layout(tables if entries else (), (), notes)


def _totals(part: Estimate) -> tuple[str, ...]:
    return (
        said(part.subject),
        *(value_text(part[name]) for name in ("estimates", "input_tokens", "total_usd")),
    )


def _number(entry: Estimate) -> int:
    number: int = entry.details["entry"]
    return number


def _row(entry: Estimate) -> tuple[str, ...]:
    output = entry["output_tokens"]
    return (
        str(entry.details["entry"]),
        said(entry.subject),
        str(entry.details["prompts"]),
        value_text(entry["input_tokens"]),
        "–" if output.value is None else value_text(output),
        value_text(entry["calls"]),
        value_text(entry["all_calls_usd"]),
    )
