"""One layout for each class of estimate."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from ...figures import Estimate, Note
from ...messages import escaped, said
from ..layout import Layout, Table
from .annotation import annotation, folder, prompt, prompts
from .cost import cost, cost_comparison
from .fit import fit
from .ledger import ledger, ledger_entries
from .numbers import number, numbers
from .quiz import quiz, quiz_score
from .run import call, run
from .speed import speed, speed_point
from .tokens import token_stats, tokens, tokens_comparison
from .training import training, training_cost


def lay_out(estimate: Estimate) -> Layout:
    """The layout of an estimate of any kind, in the language that is spoken."""
    layout = _layout(estimate)
    return replace(
        layout,
        tables=tuple(map(_escaped, layout.tables)),
        lines=tuple(map(escaped, layout.lines)),
        notes=tuple(Note(escaped(said(note.text)), note.level) for note in layout.notes),
        hidden=tuple(replace(each, title=escaped(each.title)) for each in layout.hidden),
    )


@singledispatch
def _layout(estimate: Estimate) -> Layout:
    raise TypeError(f"no layout of {type(estimate).__name__}")


# Each is chosen for the class that its parameter is annotated with, and for subclasses.
for _each in (
    *(annotation, folder, prompts, prompt),
    *(cost, cost_comparison, ledger, ledger_entries, run, call),
    *(fit, speed, speed_point, training, training_cost),
    *(number, numbers, quiz, quiz_score),
    *(tokens, tokens_comparison, token_stats),
):
    _layout.register(_each)


def _escaped(table: Table) -> Table:
    header = tuple(map(escaped, table.header))
    rows = tuple(tuple(map(escaped, row)) for row in table.rows)
    return replace(table, title=escaped(table.title), header=header, rows=rows)
