"""The numbers, one line for each; and one number opened down to its sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from ...estimates.numbers.details import AllNumbers, NumberChange, NumberChanges, NumberEstimate
from ...figures import Figure, Note, is_number, local_name
from ...messages import said, say, tell
from ..figure_text import (
    AS_PRINTED,
    AS_SOLD,
    IN_BOTH,
    IN_SHORT,
    beginning,
    point_text,
    range_or_number_text,
    range_or_point_text,
    source_text,
    tokens_text,
)
from ..formats import short_number
from ..labels import label
from ..layout import Answer, Layout, Table, joined_facts

_NONE = "–"
# What stands on the first screen.
_FIRST_SCREEN = 25
# A GPU's memory is told as it is sold.
_SOLD = "gpu_memory"
# How a unit is written in a narrow column, where the title says the rest.
_IN_SHORT = {"USD": IN_SHORT, "× per year": "×"}
# The units of a row that are written out where another stands in one of its cells.
_PER = {"tokens/character": say("{number}/character")}


def numbers(estimate: AllNumbers) -> Layout:
    """One line for each number; what does not come out opens below, and those of late 2026 if asked for."""
    rows = [
        (f"{index}. {said(part.details.title)}", part) for index, part in enumerate(estimate.parts, start=1)
    ]
    first, late = rows[:_FIRST_SCREEN], rows[_FIRST_SCREEN:]
    is_more = bool(estimate.request.get("more"))
    tables = [_table("", first)]
    if is_more:
        tables.append(_table(tell("Numbers of late 2026"), late))
    remarks = tuple(
        (title, _value(part, "recomputed"), _remarks(part)) for title, part in rows if "published" in part
    )
    remarked = (tell("Number"), label("recomputed"), tell("Remark"))
    tables.append(Table(tell("Remarks"), remarked, remarks, is_folded=True, only_folds=True))
    more = "" if is_more else tell("{n} more with {option:more}", n=len(late))
    about = joined_facts(tell("every LLM developer should know"), tell("each opens by its number"), more)
    source = estimate.parts[0]["published"]
    lines = (tell("Published: {source}", source=source_text(source)),)
    answer = Answer(tell("{n} numbers", n=len(rows if is_more else first)), about)
    return Layout(tuple(tables), lines, estimate.notes, answer=answer)


def _table(title: str, rows: list[tuple[str, NumberEstimate]]) -> Table:
    """The numbers of one screen; a column that would be empty is left out."""
    columns: list[tuple[str, Callable[[NumberEstimate], str]]] = [
        (label("published"), lambda part: said(part.details.headline) or _NONE)
    ]
    if not any("published" in part for _, part in rows):
        columns = []
    columns.append((label("today"), lambda part: _cell(part, "today")))
    if any("here" in part and part["here"].value is not None for _, part in rows):
        columns.append((label("here"), _here))
    right = frozenset(range(1, len(columns) + 1))
    columns.append((tell("Of"), _of))
    header = (tell("Number"), *(name for name, _ in columns))
    cells = tuple((name, *(cell(part) for _, cell in columns)) for name, part in rows)
    return Table(title, header, cells, right)


def number(estimate: NumberEstimate) -> Layout:
    """The number as the inputs of 2023 give it, and every figure of it, each open down to its sources."""
    # An amount in another currency is made of the one above it, which opens already.
    converted = {local_name(figure.name) for figure in estimate.figures if figure.unit.startswith("USD")}
    explained = tuple(_in_both(figure) for figure in estimate.figures if figure.name not in converted)
    lines = tuple(_inputs(estimate))
    return Layout((), lines, estimate.notes, explained, answer=_number_answer(estimate))


def changes(estimate: NumberChanges) -> Layout:
    """What moved since a day, with the causes; what did not, with what it ages with."""
    moved = [part for part in estimate.parts if "times" in part]
    stayed = [part for part in estimate.parts if "times" not in part]
    day = estimate.request.get("since", "")
    rows = tuple(
        (
            said(part.details.title),
            _cell(part, "then"),
            _cell(part, "today"),
            point_text(part["times"]),
            said(part.details.cause),
        )
        for part in moved
    )
    header = (tell("Number"), day, label("today"), "×", tell("Why"))
    others = tuple(
        (said(part.details.title), _cell(part, "today"), said(part.details.ages_with or ""))
        for part in stayed
    )
    tables = (
        Table("", header, rows, frozenset({1, 2, 3})),
        Table(
            tell("Not moved, or without a day"),
            (tell("Number"), label("today"), tell("Ages with")),
            others,
            is_folded=True,
            only_folds=bool(rows),
        ),
    )
    note = say("A price that its table gives no day for is taken as it is there.")
    if len(estimate.parts) == 1:
        (part,) = estimate.parts
        times = point_text(part["times"]) if moved else tell("not moved")
        answer = Answer(times, joined_facts(said(part.details.title), tell("since {day}", day=day)))
    else:
        of = tell("of {all} numbers, since {day}", all=len(estimate.parts), day=day)
        answer = Answer(tell("{n} moved", n=len(moved)), of)
    return Layout(tables if rows else tables[1:], notes=(Note(note),) if rows else (), answer=answer)


def change(estimate: NumberChange) -> Layout:
    """One number then and today."""
    return Layout((), notes=(Note(estimate.details.cause),), explained=estimate.figures)


def _number_answer(estimate: NumberEstimate) -> Answer:
    """What comes of the user's own inputs, else of those of 2023; what was published, and today's value."""
    title, given = said(estimate.details.title), estimate.request.get("inputs")
    if given and "worked" in estimate:
        # It is of the number's inputs, and in its own unit: seldom the number itself.
        own = ", ".join(f"{name}={_plain(value)}" for name, value in given.items())
        as_in_2023 = ""
        if "worked_2023" in estimate:
            as_in_2023 = f"{label('worked_2023')}: {_worked(estimate['worked_2023'])}"
        of = tell("formula of “{title}”", title=title)
        return Answer(_worked(estimate["worked"]), joined_facts(label("worked"), own, of, as_in_2023))
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
    return tokens_text(figure) if figure.unit == "tokens" else range_or_point_text(_in_both(figure))


def _short(estimate: NumberEstimate, name: str) -> str:
    """What was published as it was printed, and today's value with what it is of."""
    if name == "published":
        return said(estimate.details.headline)
    value, of = _value(estimate, name), _of(estimate)
    return f"{value} ({of})" if of else value


def _remarks(part: NumberEstimate) -> str:
    # Japanese sets no space behind a full stop.
    return " ".join(said(note.text) for note in part.notes).replace("。 ", "。")


def _cell(part: NumberEstimate, name: str) -> str:
    """A value for a narrow column: one unit for the sizes of the table, and large amounts in short."""
    figure = part.get(name)
    if figure is None:
        return _NONE
    if figure.unit.startswith("bytes") and figure.unit != "bytes/parameter":
        figure = replace(figure, unit=AS_SOLD if part.subject == _SOLD else AS_PRINTED)
    elif figure.unit in _IN_SHORT:
        figure = replace(figure, unit=_IN_SHORT[figure.unit])
    local = part.get(local_name(name))
    return " = ".join(range_or_number_text(each) for each in (figure, local) if each is not None)


def _value(part: NumberEstimate, name: str) -> str:
    """The range, else the value; and in the user's currency where it is of dollars."""
    figures = [figure for figure in (part.get(name), part.get(local_name(name))) if figure is not None]
    return " = ".join(range_or_point_text(_in_both(figure)) for figure in figures) or _NONE


def _in_both(figure: Figure) -> Figure:
    """A size as it was printed, or in decimal and in binary units; anything else as it is."""
    if figure.unit not in ("bytes", "bytes/token") or figure.value is None:
        return figure
    is_printed = figure.origin == "published" and figure.value % 10**6 == 0
    return replace(figure, unit=AS_PRINTED if is_printed or figure.has_range else IN_BOTH)


def _of(part: NumberEstimate) -> str:
    """What today's value is of; why stands in the number itself."""
    return beginning(part["today"].note) if "today" in part else ""


def _here(part: NumberEstimate) -> str:
    if "here" not in part:
        return _NONE
    figure = part["here"]
    if figure.value is None:
        return beginning(figure.note)
    if part.subject == _SOLD:
        return range_or_point_text(figure)  # what its driver reports, not what was sold
    if figure.unit in _PER and part["published"].unit != figure.unit:
        return said(_PER[figure.unit]).format(number=range_or_point_text(figure))
    return _cell(part, "here")


def _inputs(estimate: NumberEstimate) -> Iterator[str]:
    """What makes the number old, and what may be set: by the formula that takes it."""
    details = estimate.details
    if details.ages_with:
        yield tell("Ages with {what}", what=details.ages_with)
    if not details.inputs or not details.takes:
        return
    sets = list(dict.fromkeys(each for each in details.takes.values() if each))
    first = ", ".join(f"{key} ({_plain(details.inputs[key])})" for key in sets[0])
    yield tell(
        "Put in your own with {option:inputs={first}=…}; it takes {inputs}", first=sets[0][0], inputs=first
    )
    for other in sets[1:]:
        yield tell("or {inputs}", inputs=", ".join(other))


def _plain(value: object) -> str:
    """A number that may be set, as people write it: 13B, 60,000, 0.375."""
    if not is_number(value):
        return str(value)
    if value >= 1_000_000:
        return short_number(value)
    whole = int(value)
    return str(value) if value != whole else f"{whole:,}" if whole >= 10_000 else str(whole)
