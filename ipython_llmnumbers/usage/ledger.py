"""The ledger of a notebook: its estimates with totals for each model, and what its recorded cells cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

from ..estimates.cost.details import CostEstimate, spent_usd
from ..estimates.cost.usage_details import CellRun, EntryDetails, Ledger, LedgerEntry, LedgerOfModel
from ..figures import Figure, Note, Source, assumed, derive, measured
from ..formulas import cost
from ..messages import say

# What an entry is told by; the estimate itself holds the rest.
_ENTRY_FIGURES = ("input_tokens", "output_tokens", "total_usd", "calls", "all_calls_usd", "all_turns_usd")


def ledger(estimates: Sequence[CostEstimate], runs: Sequence[CellRun] = ()) -> Ledger:
    """The estimates in order, numbered, and the recorded cells.

    There is one part for each model with its totals and its entries, and one for each cell.
    """
    entries = [
        _entry(one, number)
        for number, estimate in enumerate(estimates, start=1)
        for one in estimate.parts or (estimate,)
    ]
    models = list(dict.fromkeys(entry.subject for entry in entries))
    parts = tuple(_model(name, [entry for entry in entries if entry.subject == name]) for name in models)
    count = measured("estimates", len(estimates), "estimates", _counted_here(), note=say("since loading"))
    notes = () if estimates or runs else (Note(say("no estimate yet: %%llmcost adds one each time it runs")),)
    return Ledger(say("this notebook"), figures=(count, *_recorded(runs)), notes=notes, parts=(*parts, *runs))


def _recorded(runs: Sequence[CellRun]) -> Iterator[Figure]:
    """`recorded_calls` and `recorded_usd` (USD), where a cell was recorded: what its calls cost in truth."""
    if not runs:
        return
    n = sum(len(run.parts) for run in runs)
    yield measured("recorded_calls", n, "calls", _counted_here(), note=say("of all recorded cells"))
    spent = [run.figure("total_usd") for run in runs if "total_usd" in run]
    if spent:
        yield _sum("recorded_usd", "USD", spent)


def _entry(cost: CostEstimate, number: int) -> LedgerEntry:
    return LedgerEntry(
        cost.subject,
        figures=tuple(cost[name] for name in _ENTRY_FIGURES if name in cost),
        notes=cost.notes,
        details=EntryDetails(cost=cost.details, entry=number),
        question=cost.question,
        voice=cost.voice,
    )


def _counted_here() -> Source:
    return Source(say("this notebook's ledger"), None, date.today())


def _model(name: str, entries: Sequence[LedgerEntry]) -> LedgerOfModel:
    priced = [usd for usd in map(spent_usd, entries) if usd.value is not None]
    n_unpriced = len(entries) - len(priced)
    figures = (
        measured("estimates", len(entries), "estimates", _counted_here(), note=name),
        _sum("input_tokens", "tokens", [entry["input_tokens"] for entry in entries]),
        _sum("total_usd", "USD", priced),
    )
    missing = say("{model}: {n} unpriced, not in the total", model=name, n=n_unpriced)
    notes = (Note(missing, "warning"),) if n_unpriced else ()
    return LedgerOfModel(name, figures=figures, notes=notes, parts=tuple(entries))


def _sum(name: str, unit: str, figures: Sequence[Figure]) -> Figure:
    if not figures:
        return assumed(name, None, unit, say("unpriced"))
    return derive(
        name,
        unit,
        cost.sum_tokens if unit == "tokens" else cost.sum_usd,
        note="",
        **dict(_numbered(figures)),
    )


def _numbered(figures: Sequence[Figure]) -> Iterator[tuple[str, Figure]]:
    for number, figure in enumerate(figures, start=1):
        # The parts of an entry are walked where the entry itself stands.
        yield f"estimate_{number}", replace(figure, inputs=())
