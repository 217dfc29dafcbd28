"""One layout for each kind of estimate."""

from __future__ import annotations

from dataclasses import replace

from ...figures import Estimate, Note
from ...messages import escaped, said
from ..layout import Layout, Table
from .annotation import annotation, prompts
from .cost import cost
from .fit import fit
from .ledger import ledger
from .numbers import number, numbers
from .quiz import quiz, quiz_score
from .speed import speed
from .tokens import token_stats, tokens
from .training import training, training_cost

_LAYOUTS = {
    "annotation": annotation,
    "cost": cost,
    "fit": fit,
    "ledger": ledger,
    "number": number,
    "numbers": numbers,
    "prompts": prompts,
    "quiz": quiz,
    "quiz_score": quiz_score,
    "speed": speed,
    "token_stats": token_stats,
    "tokens": tokens,
    "training": training,
    "training_cost": training_cost,
}


def lay_out(estimate: Estimate) -> Layout:
    """The layout of an estimate of any kind, in the language that is spoken."""
    layout = _LAYOUTS[estimate.kind](estimate)
    return replace(
        layout,
        tables=tuple(map(_escaped, layout.tables)),
        lines=tuple(map(escaped, layout.lines)),
        notes=tuple(Note(escaped(said(note.text)), note.level) for note in layout.notes),
        hidden=tuple(replace(each, title=escaped(each.title)) for each in layout.hidden),
    )


def _escaped(table: Table) -> Table:
    header = tuple(map(escaped, table.header))
    rows = tuple(tuple(map(escaped, row)) for row in table.rows)
    return replace(table, title=escaped(table.title), header=header, rows=rows)
