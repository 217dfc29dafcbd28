"""The numbers as two tables, those of 2023 and those since; and one number opened down to its sources."""

from __future__ import annotations

from collections.abc import Iterator

from ...figures import Estimate, Figure
from ..cells import source_text, value_text
from ..labels import label
from ..layout import Layout, Table

_NONE = "–"
_FIRST_TWO = frozenset({1, 2})
_INPUTS = "Put in your own: %llmnumbers {name} --set {first}=…; it takes {inputs}"


def numbers(estimate: Estimate) -> Layout:
    """One row for each number; below, what of 2023 does not come out, and where it is from."""
    rows = [(f"{index}. {part.details['title']}", part) for index, part in enumerate(estimate.parts, start=1)]
    old = tuple(_row_of_2023(title, part) for title, part in rows if "published" in part)
    new = tuple(_new_row(title, part) for title, part in rows if "published" not in part)
    of_2023 = ("Number", label("published"), label("recomputed"), label("today"), label("here"))
    tables = (
        Table("Numbers every LLM developer should know", of_2023, old, right=frozenset({1, 2, 3, 4})),
        Table(
            "Numbers that have come since", ("Number", label("today"), label("here"), "Of"), new, _FIRST_TWO
        ),
    )
    source = estimate.parts[0]["published"]
    remarks = (
        f"{part.subject}: {' '.join(note.text for note in part.notes)}"
        for _, part in rows
        if "published" in part
    )
    url = source.source.url or ""
    return Layout(tables, (*remarks, f"Published: {source_text(source)}", url), estimate.notes)


def number(estimate: Estimate) -> Layout:
    """Every figure of one number, each of which opens down to its sources."""
    title = f"{estimate.details['title']} ({estimate.subject})"
    rows = tuple((label(figure.name), value_text(figure), _how(figure)) for figure in estimate)
    table = Table(title, ("", "Value", "How it is known"), rows)
    return Layout((table,), tuple(_inputs(estimate)), estimate.notes, tuple(estimate))


def _row_of_2023(title: str, part: Estimate) -> tuple[str, ...]:
    return title, part.details["headline"], _value(part, "recomputed"), _value(part, "today"), _here(part)


def _new_row(title: str, part: Estimate) -> tuple[str, ...]:
    return title, _value(part, "today"), _here(part), part["today"].note or _NONE


def _value(part: Estimate, name: str) -> str:
    return value_text(part[name]) if name in part else _NONE


def _here(part: Estimate) -> str:
    if "here" not in part:
        return _NONE
    return part["here"].note.partition(":")[0] if part["here"].value is None else value_text(part["here"])


def _how(figure: Figure) -> str:
    return "; ".join(filter(None, (figure.note, (figure.formula or "").partition("\n")[0])))


def _inputs(estimate: Estimate) -> Iterator[str]:
    inputs = estimate.details.get("inputs")
    if inputs:
        names = ", ".join(f"{key} ({_plain(value)})" for key, value in inputs.items())
        yield _INPUTS.format(name=estimate.subject, first=next(iter(inputs)), inputs=names)


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)
