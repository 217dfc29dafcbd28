"""The rows of tables: Parquet and Arrow files, and rows at hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO

from ...files.containers import arrow
from ...files.places import shown_place
from ...messages import say
from ..parts import TABLE_ROWS, Span
from ..tally import Tally
from .chats import BESIDE_MESSAGES
from .rows import Document, Where, document_of


def parquet_documents(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Document]:
    arrow()
    from pyarrow import parquet

    table = parquet.ParquetFile(file)
    # Only what is within a column of objects is read; a name that is not there is passed over.
    holders = {name.rpartition(".")[0] for name in span.fields if name not in table.schema_arrow.names}
    within = [f"{holder}.{name}" for holder in holders for name in BESIDE_MESSAGES]
    columns = [*span.fields, *span.beside, *within]
    try:
        for group in range(span.start, span.end):
            n_rows = 0
            for batch in table.iter_batches(TABLE_ROWS, row_groups=[group], columns=columns):
                where = partial(_in_group, span, group)
                yield from documents_of(span, batch.to_pylist(), n_rows, tally, where)
                n_rows += batch.num_rows
    finally:
        table.close()


def arrow_documents(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Document]:
    ipc = arrow().ipc
    if span.form == "arrow":
        table = ipc.open_file(file)
        found: Iterable[Any] = (table.get_batch(number) for number in range(span.start, span.end))
    else:
        found = ipc.open_stream(file)
    for number, batch in enumerate(found, start=span.start):
        for at in range(0, batch.num_rows, TABLE_ROWS):
            rows = batch.slice(at, TABLE_ROWS).select(top_columns(batch.schema.names, span))
            where = partial(_in_batch, span, number)
            yield from documents_of(span, rows.to_pylist(), at, tally, where)


def top_columns(names: Sequence[str], span: Span) -> list[str]:
    """The columns that hold a span's fields, of which some may lead into one."""
    tops = (name if name in names else name.partition(".")[0] for name in span.fields)
    return list(dict.fromkeys((*tops, *span.beside)))


def documents_of(
    span: Span, rows: Iterable[Any], first: int, tally: Tally, place: Callable[[int], str]
) -> Iterator[Document]:
    """The documents of a table's rows; a bad one is told by its place."""
    for number, row in enumerate(rows, start=first):
        where: Where = partial(place, number)
        document = document_of(row, span, where, tally)
        if document is not None:
            yield document


def _in_group(span: Span, group: int, number: int) -> str:
    return say("{path}, row group {group:,}, row {n:,}", path=shown_place(span.place), group=group, n=number)


def _in_batch(span: Span, batch: int, number: int) -> str:
    return say("{path}, batch {group:,}, row {n:,}", path=shown_place(span.place), group=batch, n=number)


def at_row(span: Span, number: int) -> str:
    return say("{path}, row {n:,}", path=shown_place(span.place), n=number)
