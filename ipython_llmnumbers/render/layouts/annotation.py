"""Prompts of a notebook in short: a line for each prompt of a cell, and one for each cell at the end."""

from __future__ import annotations

from ...figures import Estimate
from ..cells import value_text
from ..layout import Layout, Table

_SHOWN_CHARS = 50
_AT_LEAST = "at least {tokens}"
_CELL_TITLE = "This cell's prompts: {tokens} input tokens, {usd}"
_ALL_TITLE = "{name}: {n} prompts, {tokens} input tokens, {usd}"
_NO_TITLE = "{name}: no prompts"


def prompts(estimate: Estimate) -> Layout:
    """One line for each prompt of a cell."""
    rows = tuple(
        (
            _beginning(part.details["text"]),
            part.details["how"],
            part.subject,
            _at_least(part),
            value_text(part["input_usd"]),
        )
        for part in estimate.parts
    )
    title = _CELL_TITLE.format(**_totals(estimate))
    header = ("Prompt", "Sent by", "Model", "Input tokens", "Input cost")
    return Layout((Table(title, header, rows, frozenset({3, 4})),), (), estimate.notes)


def annotation(estimate: Estimate) -> Layout:
    """The whole notebook: one line for each cell."""
    name = estimate.subject
    if not estimate.parts:
        return Layout((), (_NO_TITLE.format(name=name),), estimate.notes)
    title = _ALL_TITLE.format(name=name, n=estimate.details["n_prompts"], **_totals(estimate))
    rows = tuple(
        (
            str(part.details["cell"]),
            str(len(part.parts)),
            ", ".join(dict.fromkeys(each.subject for each in part.parts)),
            value_text(part["input_tokens"]),
            value_text(part["total_usd"]),
        )
        for part in estimate.parts
    )
    header = ("Cell", "Prompts", "Model", "Input tokens", "Input cost")
    priced = [each.details for part in estimate.parts for each in part.parts if each.details["price_source"]]
    tables = {(each["price_source"].partition(":")[0], each["price_date"]) for each in priced}
    lines = tuple(f"Prices: {name}, {day}" for name, day in sorted(tables))
    return Layout((Table(title, header, rows, frozenset({0, 1, 3, 4})),), lines, estimate.notes)


def _totals(estimate: Estimate) -> dict[str, str]:
    return {"tokens": value_text(estimate["input_tokens"]), "usd": value_text(estimate["total_usd"])}


def _at_least(part: Estimate) -> str:
    tokens = value_text(part["input_tokens"])
    return _AT_LEAST.format(tokens=tokens) if part.details["n_unknown"] else tokens


def _beginning(text: str) -> str:
    line = " ".join(text[: 4 * _SHOWN_CHARS].split())
    return line if len(line) <= _SHOWN_CHARS else f"{line[: _SHOWN_CHARS - 1]}…"
