"""The numbers of 2023 as a table: as published, from their own inputs, and remarks."""

from __future__ import annotations

from ...figures import Estimate
from ..cells import source_text, value_text
from ..layout import Layout, Table


def numbers(estimate: Estimate) -> Layout:
    """One row for each number."""
    table = Table(
        "Numbers every LLM developer should know",
        ("Number", "2023, as published", "From its own inputs", "Formula"),
        tuple(map(_row, estimate.parts)),
        right=frozenset({1, 2}),
    )
    source = estimate.parts[0]["published"]
    remarks = (f"{each.details['title']}: {note.text}" for each in estimate.parts for note in each.notes)
    url = source.source.url or ""
    return Layout((table,), (*remarks, f"Published: {source_text(source)}", url), estimate.notes)


def _row(number: Estimate) -> tuple[str, ...]:
    recomputed = next((figure for figure in number if figure.name == "recomputed"), None)
    return (
        number.details["title"],
        number.details["headline"],
        value_text(recomputed) if recomputed else "–",
        (recomputed.formula or "–") if recomputed else "–",
    )
