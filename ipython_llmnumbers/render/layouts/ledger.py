"""The ledger as tables: every estimate in order, the totals of each model, and every recorded cell."""

from __future__ import annotations

from collections.abc import Sequence

from ...estimates.cost.details import spent_usd
from ...estimates.cost.usage_details import CellRun, Ledger, LedgerEntry, LedgerOfModel
from ...messages import said, tell
from ..figure_text import value_text
from ..labels import label
from ..layout import Layout, Table


def ledger(estimate: Ledger) -> Layout:
    """Entries in the order in which they were made, one line for each model, one for each recorded cell."""
    models = [part for part in estimate.parts if isinstance(part, LedgerOfModel)]
    runs = [part for part in estimate.parts if isinstance(part, CellRun)]
    entries = sorted((each for part in models for each in part.parts), key=lambda each: each.details.entry)
    of_models = (tell("Model"), label("estimates"), label("input_tokens"), tell("Total"))
    totals = Table(tell("Totals"), of_models, tuple(map(_totals, models)), frozenset({1, 2, 3}))
    tables = ((_entries(entries), totals) if entries else ()) + ((_runs(estimate, runs),) if runs else ())
    notes = (*estimate.notes, *(note for part in estimate.parts for note in part.notes))
    return Layout(tables, (), tuple(dict.fromkeys(notes)))


def _runs(estimate: Ledger, runs: Sequence[CellRun]) -> Table:
    figures = ("calls", "input_tokens", "output_tokens", "estimated_input_tokens", "total_usd")
    header = (tell("Cell"), *map(label, figures[:-1]), tell("Total"))
    rows = tuple(
        (run.details.cell, *(value_text(run.figure(name)) if name in run else "–" for name in figures))
        for run in runs
    )
    spent = value_text(estimate.figure("recorded_usd")) if "recorded_usd" in estimate else "–"
    title = tell("What recorded cells cost: {usd}", usd=spent)
    return Table(title, header, rows, frozenset(range(6)))


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
