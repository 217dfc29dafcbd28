"""The numbers as two tables, those of 2023 and those since; and one number opened down to its sources."""

from __future__ import annotations

from collections.abc import Iterator

from ...estimates.numbers.details import AllNumbers, NumberEstimate
from ...figures import Figure, local_name
from ...messages import said, tell
from ..figure_text import beginning, source_text, value_text
from ..labels import label
from ..layout import Layout, Table

_NONE = "–"
_FIRST_TWO = frozenset({1, 2})


def numbers(estimate: AllNumbers) -> Layout:
    """One row for each number; below, what of 2023 does not come out, and where it is from."""
    rows = [
        (f"{index}. {said(part.details.title)}", part) for index, part in enumerate(estimate.parts, start=1)
    ]
    old = tuple(_row_of_2023(title, part) for title, part in rows if "published" in part)
    new = tuple(_new_row(title, part) for title, part in rows if "published" not in part)
    here = (label("today"), label("here"))
    of_2023 = (tell("Number"), label("published"), label("recomputed"), *here)
    since = (tell("Number"), *here, tell("Of"))
    tables = (
        Table(tell("Numbers every LLM developer should know"), of_2023, old, right=frozenset({1, 2, 3, 4})),
        Table(tell("Numbers that have come since"), since, new, _FIRST_TWO),
    )
    source = estimate.parts[0]["published"]
    remarks = (
        # Japanese sets no space behind a full stop.
        f"{part.subject}: {' '.join(said(note.text) for note in part.notes)}".replace("。 ", "。")
        for _, part in rows
        if "published" in part
    )
    url = source.source.url or ""
    return Layout(
        tables, (*remarks, tell("Published: {source}", source=source_text(source)), url), estimate.notes
    )


def number(estimate: NumberEstimate) -> Layout:
    """Every figure of one number, each of which opens down to its sources."""
    title = f"{said(estimate.details.title)} ({said(estimate.subject)})"
    rows = tuple((label(figure.name), value_text(figure), _how(figure)) for figure in estimate.figures)
    table = Table(title, ("", tell("Value"), tell("How it is known")), rows)
    # An amount in another currency is made of the one above it, which opens already.
    converted = {local_name(figure.name) for figure in estimate.figures if figure.unit.startswith("USD")}
    explained = tuple(figure for figure in estimate.figures if figure.name not in converted)
    return Layout((table,), tuple(_inputs(estimate)), estimate.notes, explained)


def _row_of_2023(title: str, part: NumberEstimate) -> tuple[str, ...]:
    headline = said(part.details.headline)
    return title, headline, _value(part, "recomputed"), _value(part, "today"), _here(part)


def _new_row(title: str, part: NumberEstimate) -> tuple[str, ...]:
    return title, _value(part, "today"), _here(part), said(part["today"].note) or _NONE


def _value(part: NumberEstimate, name: str) -> str:
    """The value, and in the user's currency where it is of dollars."""
    figures = (part.get(name), part.get(local_name(name)))
    return " = ".join(value_text(figure) for figure in figures if figure is not None) or _NONE


def _here(part: NumberEstimate) -> str:
    if "here" not in part:
        return _NONE
    return beginning(part["here"].note) if part["here"].value is None else value_text(part["here"])


def _how(figure: Figure) -> str:
    return "; ".join(filter(None, (said(figure.note), (figure.formula or "").partition("\n")[0])))


def _inputs(estimate: NumberEstimate) -> Iterator[str]:
    inputs = estimate.details.inputs
    if inputs:
        names = ", ".join(f"{key} ({_plain(value)})" for key, value in inputs.items())
        yield tell(
            "Put in your own with {option:inputs={first}=…}; it takes {inputs}",
            first=next(iter(inputs)),
            inputs=names,
        )


def _plain(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)
