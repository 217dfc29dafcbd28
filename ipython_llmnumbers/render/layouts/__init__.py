"""One layout for each class of estimate."""

from __future__ import annotations

from dataclasses import replace
from functools import cache, singledispatch
from importlib import import_module

from ...figures import Estimate, Figure, Note
from ...messages import escaped, said, tell, voice
from ..layout import Answer, Layout, Table, row

# The files of layouts by the module of what they show; they are imported when one of it is first shown.
_FILES = {
    "estimates.choices.details": ("choices",),
    "estimates.classroom.details": ("classroom.quiz", "classroom.exercise", "classroom.essay"),
    "estimates.corpus.details": ("corpus",),
    "estimates.cost.details": ("cost", "cost_comparison"),
    "estimates.cost.notebook_details": ("annotation",),
    "estimates.cost.usage_details": ("usage.run",),
    "estimates.ledger.details": ("usage.ledger",),
    "estimates.ledger.reconciliation": ("usage.reconciliation",),
    "estimates.loaded.details": ("loaded",),
    "estimates.memory.details": ("fit",),
    "estimates.numbers.details": ("numbers",),
    "estimates.speed.details": ("speed",),
    "estimates.tokens.details": ("tokens",),
    "estimates.training.details": ("training",),
    "figures": ("figure",),
}


def lay_out(shown: Estimate | Figure) -> Layout:
    """The layout of an estimate of any kind, or of a figure by itself, in the voice that is spoken."""
    for each in type(shown).__mro__:
        _register(each.__module__)
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


@cache
def _register(module: str) -> None:
    """Register the layouts of a module's classes: each for the class that its parameter is annotated with."""
    package = __package__.partition(".")[0]
    for name in _FILES.get(module.removeprefix(f"{package}."), ()):
        file = import_module(f"{__package__}.{name}")
        for function in vars(file).values():
            is_own = getattr(function, "__module__", "") == file.__name__
            if is_own and not function.__name__.startswith("_") and _returns_layout(function):
                _layout.register(function)


def _returns_layout(function: object) -> bool:
    """Whether a function lays something out; the others of its file are words for several files."""
    return getattr(function, "__annotations__", {}).get("return") == Layout.__name__


def _answer(answer: Answer) -> Answer:
    return replace(answer, value=escaped(answer.value), about=escaped(answer.about))


def _escaped(table: Table) -> Table:
    header = tuple(map(escaped, table.header))
    rows = tuple(tuple(map(escaped, row)) for row in table.rows)
    return replace(table, title=escaped(table.title), header=header, rows=rows)
