"""Tables and lists in memory as spans: their rows are sent to whoever counts, a megabyte at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ..files.containers import arrow, text_columns
from ..messages import say
from ..probes.prompts.dataframes import is_table, rows_in
from .parts import TABLE_ROWS, Span
from .plan import choose_field

_SPAN_BYTES = 1 << 20


def spans_of_object(value: Any, wanted: str | None) -> Iterator[Span]:
    """The rows of an object in spans: a column of texts, or a table of pandas, polars, pyarrow or datasets.

    Raises:
        UsageError: it is none of these, or it is a table with no field of that name.
    """
    return _spans(_values(value, wanted))


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


def _values(value: Any, wanted: str | None) -> Iterator[Any]:
    reader = _reader_of(value)
    if reader == "datasets":
        return _of_batches(value.with_format("arrow").iter(TABLE_ROWS), wanted)
    if reader == "batches":
        return _of_batches(value.to_batches(), wanted)
    if reader == "stream" and wanted is not None:
        return _of_batches(arrow().RecordBatchReader.from_stream(value), wanted)
    if hasattr(value, "to_pylist"):
        return iter(value.to_pylist())
    column = value
    if wanted is not None and is_table(value):
        column = value[choose_field(say("the table"), [str(name) for name in value.columns], (), wanted)]
    return iter(rows_in(column, say("the table")))


def _of_batches(batches: Iterable[Any], wanted: str | None) -> Iterator[Any]:
    field = ""
    for batch in batches:
        if not field:
            names, textual = batch.schema.names, text_columns(batch.schema)
            field = choose_field(say("the table"), names, textual, wanted)
        column = batch.column(batch.schema.names.index(field))
        for at in range(0, len(column), TABLE_ROWS):
            yield from column.slice(at, TABLE_ROWS).to_pylist()


def _spans(values: Iterable[Any]) -> Iterator[Span]:
    rows: list[Any] = []
    first = size = 0
    for value in values:
        # What is no text is refused where it is counted; its own value has no part in that.
        rows.append(value if isinstance(value, str | None) else False)
        size += len(value.encode("utf-8", "replace")) if isinstance(value, str) else 0
        if size >= _SPAN_BYTES:
            yield _span(first, rows, size)
            first, rows, size = first + len(rows), [], 0
    if rows or not first:
        yield _span(first, rows, size)


def _span(first: int, rows: list[Any], size: int) -> Span:
    return Span(say("the table"), "texts", first, first + len(rows), size, values=tuple(rows))
