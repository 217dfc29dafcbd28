"""Tables and lists in memory as spans: their rows are sent to whoever counts, a megabyte at a time."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from math import isfinite
from typing import Any

from ..files.containers import arrow
from ..messages import say
from ..probes.prompts.dataframes import is_table, rows_in
from .parts import TABLE_ROWS, Span
from .planning.fields import Fields, beside, choose_fields
from .reading.tables import top_columns

_SPAN_BYTES = 1 << 20


def spans_of_object(value: Any, wanted: Sequence[str]) -> Iterator[Span]:
    """The rows of an object in spans: a column of texts or chats, or a table of pandas, polars, pyarrow or
    datasets.

    Raises:
        UsageError: it is none of these, or it is a table with no field of that name.
    """
    reader = _reader_of(value)
    if reader == "datasets":
        return _of_batches(value.with_format("arrow").iter(TABLE_ROWS), wanted)
    if reader == "batches":
        return _of_batches(value.to_batches(), wanted)
    if reader == "stream" and wanted:
        return _of_batches(arrow().RecordBatchReader.from_stream(value), wanted)
    if is_table(value):
        return _of_table(value, wanted)
    return _spans((), value.to_pylist() if hasattr(value, "to_pylist") else rows_in(value, say("the table")))


def is_object(value: Any) -> bool:
    """Whether a value is rows in memory, and no name of a file or a list of names."""
    return not isinstance(value, str) and _reader_of(value) is not None


def _reader_of(value: Any) -> str | None:
    """How the rows of an object are read, by what it can do: none of its libraries is imported."""
    if hasattr(value, "with_format") and hasattr(value, "features"):
        return "datasets"
    if hasattr(value, "to_batches"):
        return "batches"
    if hasattr(value, "__arrow_c_stream__") and is_table(value):
        return "stream"
    if (
        is_table(value)
        or hasattr(value, "to_list")
        or hasattr(value, "tolist")
        or hasattr(value, "to_pylist")
    ):
        return "rows"
    return None


def _of_batches(batches: Iterable[Any], wanted: Sequence[str]) -> Iterator[Span]:
    """The rows of pyarrow's batches, whose fields are told by their types."""
    left = iter(batches)
    first = next(left, None)
    if first is None:
        return _spans((), ())
    fields = Fields.of_schema(first.schema)
    chosen = choose_fields(say("the table"), fields, wanted)
    span = Span(say("the table"), "texts", 0, 0, 0, fields=chosen, beside=beside(fields, chosen))
    names = top_columns(fields.names, span)
    is_lone = _is_lone(names, chosen)

    def rows() -> Iterator[Any]:
        for batch in chain((first,), left):
            for at in range(0, batch.num_rows, TABLE_ROWS):
                part = batch.slice(at, TABLE_ROWS).select(names)
                yield from part.column(0).to_pylist() if is_lone else part.to_pylist()

    return _spans(() if is_lone else chosen, rows())


def _of_table(table: Any, wanted: Sequence[str]) -> Iterator[Span]:
    """The rows of a DataFrame, whose fields are told by their first values."""
    columns = {str(name): rows_in(table[name], say("the table")) for name in table.columns}
    firsts = {
        name: _plain(next((each for each in rows if each is not None), None))
        for name, rows in columns.items()
    }
    fields = Fields.of_row(firsts)
    chosen = choose_fields(say("the table"), fields, wanted)
    span = Span(say("the table"), "texts", 0, 0, 0, fields=chosen, beside=beside(fields, chosen))
    names = top_columns(fields.names, span)
    if _is_lone(names, chosen):
        return _spans((), columns[names[0]])
    rows = zip(*(columns[name] for name in names), strict=True)
    return _spans(chosen, (dict(zip(names, row, strict=True)) for row in rows))


def _is_lone(names: Sequence[str], chosen: Sequence[str]) -> bool:
    """Whether one column is all that is needed, so that a row is its value."""
    return tuple(names) == tuple(chosen) and len(names) == 1


def _spans(fields: tuple[str, ...], rows: Iterable[Any]) -> Iterator[Span]:
    held: list[Any] = []
    first = size = 0
    for row in rows:
        value = row if isinstance(row, str | None) else _plain(row)
        held.append(value)
        size += len(value.encode("utf-8", "replace")) if isinstance(value, str) else _json_bytes(value)
        if size >= _SPAN_BYTES:
            yield _span(fields, first, held, size)
            first, held, size = first + len(held), [], 0
    if held or not first:
        yield _span(fields, first, held, size)


def _json_bytes(value: Any) -> int:
    return len(json.dumps(value)) if isinstance(value, dict | list) else 0


def _plain(value: Any) -> Any:
    """A value in JSON's types; what they do not have is False, which is refused where it is counted."""
    if hasattr(value, "tolist"):  # numpy's
        value = value.tolist()
    if isinstance(value, str | bool | int | None) or (isinstance(value, float) and isfinite(value)):
        return value
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return False


def _span(fields: tuple[str, ...], first: int, rows: list[Any], size: int) -> Span:
    place = say("the table")
    return Span(place, "texts", first, first + len(rows), size, fields=fields, values=tuple(rows))
