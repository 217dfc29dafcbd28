"""The numbers, one line for each; and one number opened down to its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...estimates.numbers.details import AllNumbers, NumberEstimate
from ...figures import Figure, local_name
from ...messages import said, tell
from ..figure_text import beginning, point_text, range_text, source_text, value_text
from ..labels import label
from ..layout import Answer, Layout, Table

_NONE = "–"


def numbers(estimate: AllNumbers) -> Layout:
    """One row for each number; what of 2023 does not come out opens below."""
    rows = [
        (f"{index}. {said(part.details.title)}", part) for index, part in enumerate(estimate.parts, start=1)
    ]
    columns: list[tuple[str, Callable[[NumberEstimate], str]]] = [
        (label("published"), lambda part: said(part.details.headline) if "published" in part else _NONE),
        (label("recomputed"), lambda part: _value(part, "recomputed")),
        (label("today"), lambda part: _value(part, "today")),
    ]
    if any("here" in part and part["here"].value is not None for part in estimate.parts):
        columns.append((label("here"), _here))
    right = frozenset(range(1, len(columns) + 1))
    columns.append((tell("Of"), _of))
    header = (tell("Number"), *(name for name, _ in columns))
    table = Table(
        "", header, tuple((title, *(cell(part) for _, cell in columns)) for title, part in rows), right
    )
    remarks = tuple(
        # Japanese sets no space behind a full stop.
        (title, " ".join(said(note.text) for note in part.notes).replace("。 ", "。"))
        for title, part in rows
        if "published" in part and part.notes
    )
    remarked = (tell("Number"), tell("Remark"))
    folded = Table(tell("Remarks"), remarked, remarks, frozenset(), is_folded=True, only_folds=True)
    source = estimate.parts[0]["published"]
    lines = (tell("Published: {source}", source=source_text(source)), source.source.url or "")
    answer = Answer(
        tell("{n} numbers", n=len(rows)), tell("every LLM developer should know · open one: %llmnumbers 3")
    )
    return Layout((table, folded), lines, estimate.notes, answer=answer)


def number(estimate: NumberEstimate) -> Layout:
    """Every figure of one number, each of which opens down to its sources."""
    rows = tuple((label(figure.name), value_text(figure), _how(figure)) for figure in estimate.figures)
    table = Table("", ("", tell("Value"), tell("How it is known")), rows)
    # An amount in another currency is made of the one above it, which opens already.
    converted = {local_name(figure.name) for figure in estimate.figures if figure.unit.startswith("USD")}
    explained = tuple(figure for figure in estimate.figures if figure.name not in converted)
    answer = Answer(said(estimate.details.title), said(estimate.subject))
    return Layout((table,), tuple(_inputs(estimate)), estimate.notes, explained, answer=answer)


def _value(part: NumberEstimate, name: str) -> str:
    """The range, else the value; and in the user's currency where it is of dollars."""
    figures = [figure for figure in (part.get(name), part.get(local_name(name))) if figure is not None]
    return " = ".join(range_text(figure) or point_text(figure) for figure in figures) or _NONE


def _of(part: NumberEstimate) -> str:
    """What today's value is of."""
    return said(part["today"].note) if "today" in part else ""


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
