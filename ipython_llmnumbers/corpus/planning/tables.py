"""The parts of Parquet and Arrow files: row groups and batches, as many together as make a span."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, BinaryIO

from ...files.containers import arrow, unpacked
from ..parts import Span
from .fields import Fields, beside, choose_fields


def parquet_spans(whole: Span, file: BinaryIO, wanted: Sequence[str], span_bytes: int) -> list[Span]:
    arrow()
    from pyarrow import parquet

    table = parquet.ParquetFile(file)
    sizes = [table.metadata.row_group(at).total_byte_size for at in range(table.metadata.num_row_groups)]
    # Sizes before compression tell how the bytes of the file share out.
    of_disk = whole.size / (sum(sizes) or 1)
    whole = _with_fields(whole, table.schema_arrow, wanted)
    return _grouped(whole, [round(size * of_disk) for size in sizes], span_bytes)


def arrow_spans(whole: Span, file: BinaryIO, wanted: Sequence[str], span_bytes: int) -> list[Span]:
    ipc = arrow().ipc
    if whole.form == "arrow stream":
        stream = ipc.open_stream(unpacked(file, whole.packing) if whole.packing else file)
        return [_with_fields(whole, stream.schema, wanted)]
    table = ipc.open_file(file)
    n_batches = table.num_record_batches
    sizes = [whole.size // n_batches] * n_batches if n_batches else []
    return _grouped(_with_fields(whole, table.schema, wanted), sizes, span_bytes)


def _with_fields(whole: Span, schema: Any, wanted: Sequence[str]) -> Span:
    fields = Fields.of_schema(schema)
    chosen = choose_fields(whole.place, fields, wanted)
    return replace(whole, fields=chosen, beside=beside(fields, chosen))


def _grouped(whole: Span, sizes: Sequence[int], span_bytes: int) -> list[Span]:
    spans: list[Span] = []
    start = size = 0
    for at, each in enumerate(sizes):
        size += each
        if size >= span_bytes or at == len(sizes) - 1:
            spans.append(replace(whole, start=start, end=at + 1, size=size, is_whole=False))
            start, size = at + 1, 0
    return spans
