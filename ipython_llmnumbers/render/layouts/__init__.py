"""One layout for each class of estimate."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from ...figures import Estimate, Figure, Note
from ...messages import escaped, said, tell, voice
from ..layout import Answer, Layout, Table, row
from .annotation import annotation, folder, prompt, prompts
from .choices import fitting_gpus, fitting_models, fitting_part
from .corpus import corpus
from .cost import cost
from .cost_comparison import cost_comparison
from .essay import essay
from .exercise import exercise
from .figure import one_figure
from .fit import fit
from .ledger import ledger, ledger_group
from .loaded import corrections, loaded, loaded_part
from .numbers import change, changes, number, numbers
from .quiz import class_answers, hand_in, quiz, quiz_score
from .reconciliation import bucket, reconciliation
from .run import call, run
from .speed import speed, speed_point
from .tokens import token_stats, tokens, tokens_comparison
from .training import training, training_cost


def lay_out(shown: Estimate | Figure) -> Layout:
    """The layout of an estimate of any kind, or of a figure by itself, in the voice that is spoken."""
    layout = _layout(shown)
    layout = layout.in_brief() if voice().is_brief else layout
    return replace(
        layout,
        answer=layout.answer and _answer(layout.answer),
        tables=tuple(map(_escaped, layout.tables)),
        lines=tuple(map(escaped, layout.lines)),
        notes=tuple(Note(escaped(said(note.text)), note.level) for note in layout.notes),
        hidden=tuple(replace(each, title=escaped(each.title)) for each in layout.hidden),
    )


@singledispatch
def _layout(shown: Estimate | Figure) -> Layout:
    """A kind that has no look of its own: a line for each figure."""
    figures = shown.figures if isinstance(shown, Estimate) else (shown,)
    return Layout((Table("", ("", tell("Value"), tell("How it is known")), tuple(map(row, figures))),))


# Each is chosen for the class that its parameter is annotated with, and for subclasses.
for _each in (
    *(annotation, folder, prompts, prompt),
    *(cost, cost_comparison, run, call),
    *(ledger, ledger_group, reconciliation, bucket),
    *(fit, speed, speed_point, training, training_cost),
    *(loaded, loaded_part, corrections, fitting_models, fitting_gpus, fitting_part),
    *(number, numbers, change, changes),
    *(quiz, quiz_score, hand_in, class_answers, exercise, essay),
    corpus,
    *(tokens, tokens_comparison, token_stats, one_figure),
):
    _layout.register(_each)


def _answer(answer: Answer) -> Answer:
    return replace(answer, value=escaped(answer.value), about=escaped(answer.about))


def _escaped(table: Table) -> Table:
    header = tuple(map(escaped, table.header))
    rows = tuple(tuple(map(escaped, row)) for row in table.rows)
    return replace(table, title=escaped(table.title), header=header, rows=rows)
