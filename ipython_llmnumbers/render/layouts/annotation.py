"""Prompts of a notebook in short: a line for each prompt of a cell, and one for each cell at the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from ...estimates.cost.notebook_details import (
    AnnotationEstimate,
    CellEstimate,
    FolderEstimate,
    PromptEstimate,
)
from ...messages import said, tell
from ..figure_text import price_tables, value_text, with_aside
from ..labels import label
from ..layout import Answer, Layout, Table
from ..notebook_text import model_text, models_text
from .cost import cost

_SHOWN_CHARS = 50
_SHOWN_MODELS = 2
# What a line is about; the head of a column, and what stands in it for a part.
_Part = PromptEstimate | CellEstimate | AnnotationEstimate
_Column = tuple[str, Callable[[_Part], str]]


def prompts(estimate: CellEstimate) -> Layout:
    """One line for each prompt of a cell."""
    more = _columns_where_known(estimate.parts)
    rows = tuple(
        (
            _beginning(part.details.text),
            said(part.details.how),
            model_text(part),
            value_text(part["input_tokens"]),
            value_text(part["input_usd"]),
            *(text(part) for _, text in more),
        )
        for part in estimate.parts
    )
    header = (tell("Prompt"), tell("Sent by"), *_header(more))
    about = tell("this cell's prompts · {tokens} input tokens", tokens=value_text(estimate["input_tokens"]))
    answer = Answer(value_text(estimate["total_usd"]), about)
    table = Table("", header, rows, frozenset(range(3, len(header))))
    return Layout((table,), (), estimate.notes, answer=answer)


def prompt(estimate: PromptEstimate) -> Layout:
    """The cost of one prompt."""
    return cost(estimate.as_cost())


def annotation(estimate: AnnotationEstimate) -> Layout:
    """The whole notebook: one line for each cell."""
    name = estimate.subject
    if not estimate.parts:
        return Layout((), (), estimate.notes, answer=Answer(tell("no prompts"), name))
    answer = _answer(estimate, name)
    more = _columns_where_known(estimate.parts)
    rows = tuple(
        (
            str(part.details.cell),
            str(len(part.parts)),
            models_text(part.parts),
            value_text(part["input_tokens"]),
            value_text(part["total_usd"]),
            *(text(part) for _, text in more),
        )
        for part in estimate.parts
    )
    header = (tell("Cell"), tell("Prompts"), *_header(more))
    right = frozenset({0, 1, *range(3, len(header))})
    tables = price_tables(each.details.cost for part in estimate.parts for each in part.parts)
    lines = tuple(tell("Prices: {tables}", tables=table) for table in tables)
    return Layout((Table("", header, rows, right),), lines, estimate.notes, answer=answer)


def folder(estimate: FolderEstimate) -> Layout:
    """A folder: one line for each notebook."""
    name, n = said(estimate.subject), estimate.details.n_notebooks
    name = tell("{name}, 1 notebook", name=name) if n == 1 else tell("{name}, {n} notebooks", name=name, n=n)
    if not estimate.details.n_prompts:
        return Layout((), (), estimate.notes, answer=Answer(tell("no prompts"), name))
    answer = _answer(estimate, name)
    parts = [part for part in estimate.parts if part.parts]
    more = _columns_where_known(parts)
    rows = tuple(
        (
            said(part.subject),
            str(part.details.n_prompts),
            models_text((each for cell in part.parts for each in cell.parts), _SHOWN_MODELS),
            value_text(part["input_tokens"]),
            value_text(part["total_usd"]),
            *(text(part) for _, text in more),
        )
        for part in parts
    )
    header = (tell("Notebook"), tell("Prompts"), *_header(more))
    right = frozenset({1, *range(3, len(header))})
    all_cells = (cell for part in parts for cell in part.parts)
    tables = price_tables(each.details.cost for cell in all_cells for each in cell.parts)
    lines = tuple(tell("Prices: {tables}", tables=table) for table in tables)
    return Layout((Table("", header, rows, right),), lines, estimate.notes, answer=answer)


def _columns_where_known(parts: Sequence[_Part]) -> list[_Column]:
    """The columns that are there where any part has their figure."""
    columns: list[_Column] = [
        (name, partial(text, name))
        for name, text in (("max_output_usd", _value), ("saved_input_tokens", _saved))
        if any(name in part for part in parts)
    ]
    return [(label(name), text) for name, text in columns]


def _value(name: str, part: _Part) -> str:
    return value_text(part[name]) if name in part else "–"


def _saved(name: str, part: _Part) -> str:
    """What the saved answer says, and by how much the count here differs."""
    difference = part.get("difference_percent")
    text = _value(name, part)
    if difference is None:
        return text
    return with_aside(text, tell("{number} %", number=f"{difference.value:+.0f}"))


def _header(more: Sequence[_Column]) -> tuple[str, ...]:
    return tell("Model"), label("input_tokens"), label("input_usd"), *(name for name, _ in more)


def _answer(estimate: AnnotationEstimate | FolderEstimate, name: str) -> Answer:
    n, tokens = estimate.details.n_prompts, value_text(estimate["input_tokens"])
    about = (
        tell("{name} · 1 prompt, {tokens} input tokens", name=name, tokens=tokens)
        if n == 1
        else tell("{name} · {n} prompts, {tokens} input tokens", name=name, n=n, tokens=tokens)
    )
    return Answer(value_text(estimate["total_usd"]), about)


def _beginning(text: str) -> str:
    line = " ".join(text[: 4 * _SHOWN_CHARS].split())
    return line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 1]}…"
