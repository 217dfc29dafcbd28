"""How a CSV file is written, told by its first rows: its delimiter, its marks, and its columns."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import chain, islice, pairwise
from pathlib import PurePosixPath
from typing import BinaryIO

from ...errors import FileError, UsageError
from ...files.places import shown_place
from ...messages import say
from ...patterns import pattern
from ...records import dataclass
from ..parts import Span
from ..reading.source import check_decoded, csv_reader, first_rows
from .fields import Fields, choose_fields, listed, no_field

_LOOKED_AT = 20
# So much of a file between tabs is looked at to tell whether its quotation marks are letters.
_MARKS_BYTES = 1 << 20
# Excel's own line before all others, as python/cpython#109644 describes it.
_SEP = pattern(r'(?i:"?sep=)(.)"?[,;\t|]*\s*')
_YEARS = range(1800, 2101)


@dataclass(frozen=True, slots=True)
class _Head:
    """The first rows: those before the data, the names of the columns, and some of the data."""

    n_rows: int
    names: list[str]
    rows: list[list[str]]
    has_names: bool = True


def csv_span(span: Span, file: BinaryIO, wanted: Sequence[str], remarks: list[str]) -> Span:
    """The span with the columns that hold its texts.

    Raises:
        LLMNumbersError: it is not what its name says, or has no such column.
    """
    read = first_rows(span, file)
    first = _first_line(span, next(read, b""))
    lines = (line.decode("utf-8", "replace") for line in read)
    told = _SEP.fullmatch(first)
    delimiter = told[1] if told else _delimiter(span.place, first)
    begin = list(islice(lines, 1)) if told else [first]
    span = replace(span, delimiter=delimiter)
    if delimiter == "\t":
        begin += _so_much(lines)
        span = replace(span, has_marks=not _marks_are_letters(begin))
    head = _head(_rows(span, chain(begin, lines)), wanted, int(bool(told)))
    chosen = _chosen(span, head, wanted, remarks)
    return replace(
        span,
        fields=chosen,
        columns=tuple(head.names.index(name) for name in chosen),
        n_columns=len(head.names),
        n_head_rows=head.n_rows,
    )


def _rows(span: Span, lines: Iterator[str]) -> Iterator[list[str]]:
    """The first rows of a file that can be parsed, and are not empty."""
    rows = csv_reader(span, lines)
    while True:
        try:
            row: list[str] = next(rows)
        except csv.Error:
            continue
        except StopIteration:
            return
        if row:
            yield row


def _first_line(span: Span, first: bytes) -> str:
    check_decoded(span, first)
    if b"\n" not in first and b"\r" in first.strip():
        raise FileError(
            "{path}: its rows end with CR alone; write them with LF, as tr '\\r' '\\n' does",
            path=shown_place(span.place),
        )
    return first.decode()


def _delimiter(place: str, head: str) -> str:
    """A tab of a `.tsv`; else what most often stands between the names of the columns."""
    if any(suffix.lower() == ".tsv" for suffix in PurePosixPath(place).suffixes):
        return "\t"
    return max(",;\t|", key=head.count)


def _so_much(lines: Iterator[str]) -> Iterator[str]:
    n_chars = 0
    for line in lines:
        yield line
        n_chars += len(line)
        if n_chars >= _MARKS_BYTES:
            return


def _marks_are_letters(lines: Sequence[str]) -> bool:
    """Whether a mark quotes nothing, as IANA has it for tabs (text/tab-separated-values).

    So it is where each line has all columns by its tabs, and with marks that quote there would be fewer rows.
    """
    n_tabs = lines[0].count("\t") if lines else 0
    if not n_tabs or not any('"' in line for line in lines):
        return False
    if any(line.count("\t") != n_tabs for line in lines):
        return False
    try:
        return sum(1 for _ in csv.reader(lines, delimiter="\t", strict=True)) < len(lines)
    except csv.Error:
        return True


def _head(rows: Iterator[list[str]], wanted: Sequence[str], n_before: int) -> _Head:
    first = next(rows, [])
    data = list(islice(rows, _LOOKED_AT))
    is_asked = bool(wanted) and set(wanted) <= {name.strip() for name in first} | set(first)
    if not is_asked and _is_data(first, data):
        return _Head(n_before, [str(n) for n in range(1, len(first) + 1)], [first, *data], has_names=False)
    return _Head(n_before + 1, first, data)


def _is_data(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first row is no names: beside a text it has a number where all rows below have one.

    Names may be numbers too: one behind the other, as pandas numbers columns, or years.
    """
    named = [(at, cell) for at, cell in enumerate(first) if cell]
    numbers = [(at, float(cell)) for at, cell in named if _is_number(cell)]
    if not rows or not numbers or len(numbers) == len(named):
        return False
    values = [value for _, value in numbers]
    if values[1:] and all(after - before == 1 for before, after in pairwise(values)):
        return False
    return any(
        value not in _YEARS and all(at < len(row) and _is_number(row[at]) for row in rows)
        for at, value in numbers
    )


def _chosen(span: Span, head: _Head, wanted: Sequence[str], remarks: list[str]) -> tuple[str, ...]:
    names = head.names
    textual = [name for at, name in enumerate(names) if not _is_number(_first_value(head.rows, at))]
    fields = Fields(names, textual or names)
    if not head.has_names:
        if not wanted and len(fields.found) > 1:
            raise UsageError(
                "{path}: its first line is data, not names; give {option:field}, one or more of its columns"
                " {names}",
                path=shown_place(span.place),
                names=listed(fields.found),
            )
        remarks.append(
            say(
                "{path}: its first line is data, not names; the columns are 1 to {n}",
                path=shown_place(span.place),
                n=len(names),
            )
        )
    chosen = choose_fields(span.place, fields, wanted)
    for name in chosen:
        if name not in names:
            raise no_field(span.place, name, names)
    return chosen


def _first_value(rows: Sequence[Sequence[str]], at: int) -> str:
    """The first value of a column that is not empty; a number where there is none."""
    return next((row[at] for row in rows if at < len(row) and row[at]), "0")


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
