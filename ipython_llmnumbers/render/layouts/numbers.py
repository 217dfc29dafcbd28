"""The numbers, one line for each; and one number opened down to its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...estimates.numbers.details import AllNumbers, NumberEstimate
from ...figures import Figure, local_name
from ...messages import said, tell
from ..figure_text import beginning, range_or_point_text, source_text, tokens_text
from ..labels import label
from ..layout import Answer, Layout, Table, joined_facts

_NONE = "–"


def numbers(estimate: AllNumbers) -> Layout:
    """One line for each number; what the inputs of 2023 give, and what does not come out, opens below."""
    rows = [
        (f"{index}. {said(part.details.title)}", part) for index, part in enumerate(estimate.parts, start=1)
    ]
    columns: list[tuple[str, Callable[[NumberEstimate], str]]] = [
        (label("published"), lambda part: said(part.details.headline) if "published" in part else _NONE),
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
        (title, _value(part, "recomputed"), _remarks(part)) for title, part in rows if "published" in part
    )
    remarked = (tell("Number"), label("recomputed"), tell("Remark"))
    folded = Table(tell("Remarks"), remarked, remarks, is_folded=True, only_folds=True)
    source = estimate.parts[0]["published"]
    lines = (tell("Published: {source}", source=source_text(source)), source.source.url or "")
    answer = Answer(
        tell("{n} numbers", n=len(rows)), tell("every LLM developer should know · each opens by its number")
    )
    return Layout((table, folded), lines, estimate.notes, answer=answer)


def number(estimate: NumberEstimate) -> Layout:
    """The number as the inputs of 2023 give it, and every figure of it, each open down to its sources."""
    # An amount in another currency is made of the one above it, which opens already.
    converted = {local_name(figure.name) for figure in estimate.figures if figure.unit.startswith("USD")}
    explained = tuple(figure for figure in estimate.figures if figure.name not in converted)
    lines = tuple(_inputs(estimate))
    return Layout((), lines, estimate.notes, explained, answer=_number_answer(estimate))


def _number_answer(estimate: NumberEstimate) -> Answer:
    """What comes of the user's own inputs, else of those of 2023; what was published, and today's value."""
    title, given = said(estimate.details.title), estimate.request.get("inputs")
    if given and "worked" in estimate:
        # It is of the number's inputs, and in its own unit: seldom the number itself.
        own = ", ".join(f"{name}={_plain(value)}" for name, value in given.items())
        return Answer(_worked(estimate["worked"]), joined_facts(label("worked"), own, title))
    name = next(name for name in ("recomputed", "published", "today") if name in estimate)
    others = (
        f"{label(other)}: {_short(estimate, other)}"
        for other in ("published", "today")
        if other != name and other in estimate
    )
    of = _of(estimate) if name == "today" else ""
    value = said(estimate.details.headline) if name == "published" else _value(estimate, name)
    return Answer(value, joined_facts(title, label(name), of, *others))


def _worked(figure: Figure) -> str:
    return tokens_text(figure) if figure.unit == "tokens" else range_or_point_text(figure)


def _short(estimate: NumberEstimate, name: str) -> str:
    """What was published as it was printed, and today's value with what it is of."""
    if name == "published":
        return said(estimate.details.headline)
    value, of = _value(estimate, name), _of(estimate)
    return f"{value} ({of})" if of else value


def _remarks(part: NumberEstimate) -> str:
    # Japanese sets no space behind a full stop.
    return " ".join(said(note.text) for note in part.notes).replace("。 ", "。")


def _value(part: NumberEstimate, name: str) -> str:
    """The range, else the value; and in the user's currency where it is of dollars."""
    figures = [figure for figure in (part.get(name), part.get(local_name(name))) if figure is not None]
    return " = ".join(range_or_point_text(figure) for figure in figures) or _NONE


def _of(part: NumberEstimate) -> str:
    """What today's value is of; why stands in the number itself."""
    return beginning(part["today"].note) if "today" in part else ""


def _here(part: NumberEstimate) -> str:
    if "here" not in part:
        return _NONE
    return beginning(part["here"].note) if part["here"].value is None else _value(part, "here")


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
