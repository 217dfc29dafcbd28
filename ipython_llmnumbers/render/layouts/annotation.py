"""Prompts of a notebook in short: a line for each prompt of a cell, and one for each cell at the end."""

from __future__ import annotations

from ...estimates.cost.notebook_details import AnnotationEstimate, CellEstimate, PromptEstimate
from ...messages import said, tell
from ..figure_text import price_tables, value_text
from ..labels import label
from ..layout import Layout, Table
from ..notebook_text import least_text, model_text, models_text
from .cost import cost

_SHOWN_CHARS = 50


def prompts(estimate: CellEstimate) -> Layout:
    """One line for each prompt of a cell."""
    has_bounds = any("max_output_usd" in part for part in estimate.parts)
    rows = tuple(
        (
            _beginning(part.details.text),
            said(part.details.how),
            model_text(part),
            least_text(part, value_text(part["input_tokens"])),
            value_text(part["input_usd"]),
            *_most_output(part, has_bounds),
        )
        for part in estimate.parts
    )
    title = tell("This cell's prompts: {tokens} input tokens, {usd}", **_totals(estimate))
    header = (tell("Prompt"), tell("Sent by"), *_header(has_bounds))
    return Layout((Table(title, header, rows, frozenset({3, 4, 5})),), (), estimate.notes)


def prompt(estimate: PromptEstimate) -> Layout:
    """The cost of one prompt."""
    return cost(estimate.as_cost())


def annotation(estimate: AnnotationEstimate) -> Layout:
    """The whole notebook: one line for each cell."""
    name = estimate.subject
    if not estimate.parts:
        return Layout((), (tell("{name}: no prompts", name=name),), estimate.notes)
    n, totals = estimate.details.n_prompts, _totals(estimate)
    title = (
        tell("{name}: 1 prompt, {tokens} input tokens, {usd}", name=name, **totals)
        if n == 1
        else tell("{name}: {n} prompts, {tokens} input tokens, {usd}", name=name, n=n, **totals)
    )
    has_bounds = any("max_output_usd" in part for part in estimate.parts)
    rows = tuple(
        (
            str(part.details.cell),
            str(len(part.parts)),
            models_text(part.parts),
            least_text(part, value_text(part["input_tokens"])),
            value_text(part["total_usd"]),
            *_most_output(part, has_bounds),
        )
        for part in estimate.parts
    )
    header = (tell("Cell"), tell("Prompts"), *_header(has_bounds))
    tables = price_tables(each.details.cost for part in estimate.parts for each in part.parts)
    lines = tuple(tell("Prices: {tables}", tables=table) for table in tables)
    return Layout((Table(title, header, rows, frozenset({0, 1, 3, 4, 5})),), lines, estimate.notes)


def _header(has_bounds: bool) -> tuple[str, ...]:
    bounds = (label("max_output_usd"),) if has_bounds else ()
    return tell("Model"), label("input_tokens"), label("input_usd"), *bounds


def _totals(estimate: AnnotationEstimate | CellEstimate) -> dict[str, str]:
    tokens = least_text(estimate, value_text(estimate["input_tokens"]))
    return {"tokens": tokens, "usd": value_text(estimate["total_usd"])}


def _most_output(part: PromptEstimate | CellEstimate, has_bounds: bool) -> tuple[str, ...]:
    """The cell of a column that is there where any answer has a bound."""
    if not has_bounds:
        return ()
    return (value_text(part["max_output_usd"]) if "max_output_usd" in part else "–",)


def _beginning(text: str) -> str:
    line = " ".join(text[: 4 * _SHOWN_CHARS].split())
    return line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 1]}…"
