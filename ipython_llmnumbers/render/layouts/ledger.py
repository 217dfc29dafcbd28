"""The ledger as two tables: every estimate in order, and the totals of each model."""

from __future__ import annotations

from collections.abc import Sequence

from ...estimates.cost.details import spent_usd
from ...estimates.cost.usage_details import Ledger, LedgerEntry, LedgerOfModel
from ...messages import said, tell
from ..figure_text import value_text
from ..labels import label
from ..layout import Layout, Table


def ledger(estimate: Ledger) -> Layout:
    """Entries in the order in which they were made, then one line for each model."""
    entries = [entry for part in estimate.parts for entry in part.parts]
    of_models = (tell("Model"), label("estimates"), label("input_tokens"), tell("Total"))
    tables = (
        _entries(sorted(entries, key=lambda entry: entry.details.entry)),
        Table(tell("Totals"), of_models, tuple(map(_totals, estimate.parts)), frozenset({1, 2, 3})),
    )
    notes = (*estimate.notes, *(note for part in estimate.parts for note in part.notes))
    return Layout(tables if entries else (), (), notes)


def ledger_entries(estimate: LedgerOfModel | LedgerEntry) -> Layout:
    """The entries of one model, or one entry alone."""
    entries = estimate.parts if isinstance(estimate, LedgerOfModel) else (estimate,)
    return Layout((_entries(entries),), (), estimate.notes)


def _entries(entries: Sequence[LedgerEntry]) -> Table:
    figures = map(label, ("input_tokens", "output_tokens", "calls"))
    header = ("#", tell("Model"), tell("Prompts"), *figures, tell("Total"))
    rows = tuple(map(_row, entries))
    return Table(tell("Estimates of this notebook"), header, rows, frozenset({2, 3, 4, 5, 6}))


def _totals(part: LedgerOfModel) -> tuple[str, ...]:
    return (
        said(part.subject),
        *(value_text(part[name]) for name in ("estimates", "input_tokens", "total_usd")),
    )


def _row(entry: LedgerEntry) -> tuple[str, ...]:
    output = entry["output_tokens"]
    return (
        str(entry.details.entry),
        said(entry.subject),
        str(entry.details.cost.prompts),
        value_text(entry["input_tokens"]),
        "–" if output.value is None else value_text(output),
        value_text(entry["calls"]),
        value_text(spent_usd(entry)),
    )
