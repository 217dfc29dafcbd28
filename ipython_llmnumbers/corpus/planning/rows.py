"""The fields of JSON Lines and arrays, told by their first rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import islice
from typing import Any, BinaryIO

from ...errors import FileError
from ...files.formats import FormatError, parse_json_row
from ...files.json_arrays import array_values
from ...files.places import shown_place
from ...messages import say
from ..parts import Span
from ..reading.chats import is_chat
from ..reading.rows import value_at
from ..reading.source import all_in_utf8, check_decoded, first_rows
from .csv_head import csv_span
from .fields import Fields, choose_fields, no_field

# A file of JSON Lines may begin with what describes it; so many rows are looked at for the fields.
_LOOKED_AT = 20


def fields_of_lines(span: Span, file: BinaryIO) -> Fields | None:
    """The fields of the first of two lines that are an object each, as C4's `.json.gz` has; else None."""
    lines = list(islice(first_rows(span, file), 2))
    try:
        rows = [parse_json_row(line) for line in lines if line.lstrip().startswith(b"{")]
    except FormatError:
        return None
    return Fields.of_row(rows[0]) if len(rows) == 2 else None


def is_one_array(span: Span, file: BinaryIO) -> bool:
    """Whether what is called JSON Lines is an array of objects: over several lines, or in its only one."""
    lines = first_rows(span, file)
    first = next(lines, b"").lstrip()
    if not first.startswith(b"["):
        return False
    try:
        row = parse_json_row(first)
    except FormatError:
        return True
    return next(lines, None) is None and not is_chat(row)


def fields_of_array(span: Span, file: BinaryIO) -> Fields | None:
    """The fields of the objects whose array a file is, as ShareGPT's is; None of any other file."""
    row = next(_array_rows(span, file), None)
    return Fields.of_row(row) if isinstance(row, dict) else None


def with_fields(span: Span, file: BinaryIO, wanted: Sequence[str], remarks: list[str]) -> Span:
    """The span with the fields that hold its texts; of a text, as it is.

    Raises:
        LLMNumbersError: it is not what its name says, or has no such field.
    """
    if span.form == "csv":
        return csv_span(span, file, wanted, remarks)
    if span.form == "text":
        return span
    rows = _array_rows(span, file) if span.form == "json array" else _json_rows(span, file)
    return replace(span, fields=_json_fields(span.place, list(islice(rows, _LOOKED_AT)), wanted))


def _array_rows(span: Span, file: BinaryIO) -> Iterator[Any]:
    """The first values of an array, as many as can be parsed."""
    with suppress(FormatError):
        yield from array_values(all_in_utf8(span, file))


def _json_rows(span: Span, file: BinaryIO) -> Iterator[Any]:
    """The rows of JSON Lines that can be parsed.

    Raises:
        FileError: the first one cannot.
    """
    for number, line in enumerate(first_rows(span, file)):
        try:
            yield parse_json_row(line)
        except FormatError as error:
            if not number:
                check_decoded(span, line)
                raise _no_lines(span.place, error.problem) from None


def _json_fields(place: str, rows: Sequence[Any], wanted: Sequence[str]) -> tuple[str, ...]:
    """The fields as the first row that has some has them; rows without them are bad rows."""
    if not rows:
        return tuple(wanted)
    first = rows[0]
    if isinstance(first, str) and not wanted:
        return ()
    if is_chat(first) and isinstance(first, list) and not wanted:
        return ()
    if isinstance(first, list):
        raise _no_lines(place, say("it begins with a list"))
    if not isinstance(first, dict):
        raise FileError(
            "{path}: its rows are of type {kind}, with no fields; write objects or texts",
            path=shown_place(place),
            kind=type(first).__name__,
        )
    objects = [row for row in rows if isinstance(row, dict)]
    if not wanted:
        fields = (Fields.of_row(row) for row in objects)
        return choose_fields(place, next((each for each in fields if each.found), Fields.of_row(first)))
    if not any(_has(row, name) for row in objects for name in wanted):
        raise no_field(place, wanted[0], list(first))
    return tuple(wanted)


def _has(row: object, name: str) -> bool:
    try:
        value_at(row, name)
    except KeyError:
        return False
    return True


def _no_lines(place: str, problem: str) -> FileError:
    return FileError(
        "{path}: not JSON Lines, a value in each line ({problem}); of one JSON value make lines with"
        " jq -c '.[]'",
        path=shown_place(place),
        problem=problem,
    )
