"""The documents of a span, in batches of about a megabyte; rows without one are told to the tally."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any, BinaryIO

from ...errors import FileError
from ...files.containers import arrow, unpacked
from ...files.encodings import UTF8, in_utf8, keeps_ascii, line_in_utf8
from ...files.formats import FormatError, parse_json_row
from ...files.places import open_place, shown_place
from ...messages import say
from ...probes.prompts.text_files import pieces_of
from .. import tally as reasons
from ..parts import MOST_ROW_BYTES, TABLE_ROWS, Span
from ..tally import Tally
from .chats import BESIDE_MESSAGES
from .edges import edges_of
from .rows import Document, Where, document_of, not_decoded

_BATCH_BYTES = 1 << 20
# A text of which more characters than this are no UTF-8, or zero bytes, is none.
_MOST_FOREIGN = 0.03


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts to count: those of whole documents, or pieces of the one text that a span is.

    `sizes` is how many texts each document has, None where each has one. `n_cuts` is how many places were cut
    where a tokenizer may join both sides.
    """

    texts: list[str]
    n_bytes: int
    is_pieces: bool = False
    n_cuts: int = 0
    sizes: Sequence[int] | None = None

    @property
    def n_documents(self) -> int:
        """How many documents end in it; none of a text in pieces."""
        if self.is_pieces:
            return 0
        return len(self.texts) if self.sizes is None else len(self.sizes)

    def lengths(self, counts: Sequence[int]) -> Iterable[int]:
        """How long each document is, by the counts of all texts."""
        if self.sizes is None:
            return counts
        left = iter(counts)
        return (sum(islice(left, size)) for size in self.sizes)


def batches_of(span: Span, tally: Tally) -> Iterator[Batch]:
    """The documents of a span.

    Raises:
        FileError: the source cannot be read, or is not what its plan says.
    """
    match span.form:
        case "texts":
            yield from _batches(_documents(span, span.values, span.start, tally, partial(_at_row, span)))
        case "parquet":
            with open_place(span.place) as (file, _):
                yield from _batches(_parquet(span, file, tally))
        case "arrow" | "arrow stream":
            with _opened(span, tally) as file:
                yield from _batches(_arrow(span, file, tally))
        case "text":
            with _opened(span, tally) as file:
                yield from _pieces(span, file, tally)
        case _:
            rows = _json_rows if span.form == "jsonl" else _csv_rows
            with _opened(span, tally) as file:
                yield from _batches(rows(span, file, tally))


@contextmanager
def _opened(span: Span, tally: Tally) -> Iterator[BinaryIO]:
    """The source of a span, unpacked; what was added to it since it was planned is not read."""
    with open_place(span.place) as (file, size):
        if size > span.source_bytes:
            tally.remark(say("{path} grew meanwhile: what was added is not counted", path=_name(span)))
        elif size < span.source_bytes:
            raise FileError("{path}: became shorter while it was counted; count it again", path=_name(span))
        source = unpacked(file, span.packing) if span.packing else file
        yield source if keeps_ascii(span.encoding) else in_utf8(source, span.encoding)


def _encoding(span: Span) -> str:
    """The encoding of what `_opened` opens."""
    return span.encoding if keeps_ascii(span.encoding) else UTF8


def _pieces(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Batch]:
    left: float = float("inf")
    n_cuts = 0
    if not span.is_stream:
        start, end, n_cuts = edges_of(file, span)
        file.seek(start)
        left = end - start
    n_chars = n_foreign = 0
    for piece in pieces_of(file, left, _encoding(span)):
        text = piece.text
        n_replaced = 0 if text.isascii() else text.count("\ufffd")
        n_chars, n_foreign = n_chars + len(text), n_foreign + n_replaced + text.count("\0")
        # By all that was read: the last piece may be a few characters.
        if n_foreign > _MOST_FOREIGN * n_chars:
            raise not_text(span.place, span.encoding)
        tally.n_replaced += n_replaced
        yield Batch([text], len(text.encode()), True, n_cuts + (not piece.is_safe_cut))
        n_cuts = 0


def not_text(place: str, encoding: str) -> FileError:
    """The error of a file that is not in the encoding that it was taken to be in."""
    return FileError(
        "{path}: not text in {encoding}; give its {option:encoding}, such as cp932 or utf-16",
        path=shown_place(place),
        encoding=encoding.upper() if encoding == UTF8 else encoding,
    )


def _json_rows(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Document]:
    start, end = (0, -1) if span.is_stream else edges_of(file, span)[:2]
    if not span.is_stream:
        file.seek(start)
    at = start
    while end < 0 or at < end:
        line = file.readline(MOST_ROW_BYTES)
        if not line:
            return
        where, at = partial(_at_byte, span, at), at + len(line)
        if len(line) == MOST_ROW_BYTES and not line.endswith(b"\n"):
            tally.refuse(reasons.TOO_LONG, where())
            at += _skip_line(file)
        elif line.strip():
            line = line.removeprefix(codecs.BOM_UTF8) if at == len(line) else line
            line = in_utf8_line(span, line)
            try:
                row = parse_json_row(line)
            except FormatError:
                tally.refuse(reasons.NOT_PARSED if _is_utf8(line) else not_decoded(span), where())
                continue
            document = document_of(row, span, where, tally)
            if document is not None:
                yield document


def first_row(span: Span, file: BinaryIO) -> bytes:
    """The first line of JSON Lines that is not blank, in UTF-8; empty where there is none."""
    while (line := file.readline(MOST_ROW_BYTES)) and not line.strip():
        pass
    return in_utf8_line(span, line.removeprefix(codecs.BOM_UTF8))


def in_utf8_line(span: Span, line: bytes) -> bytes:
    """A line of a span's source, as `_opened` opens it, in UTF-8."""
    encoding = _encoding(span)
    return line if encoding == UTF8 else line_in_utf8(line, encoding)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def _skip_line(file: BinaryIO) -> int:
    """Read to the end of a line: how many bytes that were."""
    n_bytes = 0
    while line := file.readline(_BATCH_BYTES):
        n_bytes += len(line)
        if line.endswith(b"\n"):
            break
    return n_bytes


def _csv_rows(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Document]:
    start, lines, encoding = 0, iter(file), _encoding(span)
    if not span.is_stream:
        start, end, _ = edges_of(file, span)
        file.seek(start)
        lines = _lines_to(file, end - start)
    # A byte that is no character stays what it is: the row is told apart below.
    texts = (line.decode(encoding, "surrogateescape") for line in lines)
    limit = csv.field_size_limit(MOST_ROW_BYTES)
    reader = csv.reader(texts, delimiter=span.delimiter)
    try:
        if start == 0:
            next(reader, None)  # the names of the columns
        while True:
            where = partial(_at_line, span, start, reader.line_num)
            try:
                row = next(reader)
            except StopIteration:
                return
            except csv.Error:
                tally.refuse(reasons.NOT_PARSED, where())
                continue
            if not row:
                continue
            named = {
                name: row[at] for name, at in zip(span.fields, span.columns, strict=True) if at < len(row)
            }
            document = document_of(named, span, where, tally)
            if document is not None:
                yield document
    finally:
        csv.field_size_limit(limit)


def _lines_to(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (line := file.readline(left)):
        left -= len(line)
        yield line


def _parquet(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Document]:
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
                yield from _documents(span, batch.to_pylist(), n_rows, tally, where)
                n_rows += batch.num_rows
    finally:
        table.close()


def _arrow(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Document]:
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
            yield from _documents(span, rows.to_pylist(), at, tally, where)


def top_columns(names: Sequence[str], span: Span) -> list[str]:
    """The columns that hold a span's fields, of which some may lead into one."""
    tops = (name if name in names else name.partition(".")[0] for name in span.fields)
    return list(dict.fromkeys((*tops, *span.beside)))


def _documents(
    span: Span, rows: Iterable[Any], first: int, tally: Tally, place: Callable[[int], str]
) -> Iterator[Document]:
    """The documents of a table's rows; a bad one is told by its place."""
    for number, row in enumerate(rows, start=first):
        where: Where = partial(place, number)
        document = document_of(row, span, where, tally)
        if document is not None:
            yield document


def _batches(documents: Iterable[Document]) -> Iterator[Batch]:
    texts: list[str] = []
    sizes: list[int] = []
    n_bytes = 0
    for own_texts, own_bytes in documents:
        texts += own_texts
        sizes.append(len(own_texts))
        n_bytes += own_bytes
        if n_bytes >= _BATCH_BYTES:
            yield _batch(texts, sizes, n_bytes)
            texts, sizes, n_bytes = [], [], 0
    if sizes:
        yield _batch(texts, sizes, n_bytes)


def _batch(texts: list[str], sizes: list[int], n_bytes: int) -> Batch:
    is_single = all(size == 1 for size in sizes)
    return Batch(texts, n_bytes, sizes=None if is_single else sizes)


def _at_byte(span: Span, at: int) -> str:
    return say("{path}, byte {n:,}", path=_name(span), n=at)


def _at_line(span: Span, start: int, lines: int) -> str:
    return say("{path}, {lines:,} lines behind byte {n:,}", path=_name(span), lines=lines, n=start)


def _at_row(span: Span, number: int) -> str:
    return say("{path}, row {n:,}", path=_name(span), n=number)


def _in_group(span: Span, group: int, number: int) -> str:
    return say("{path}, row group {group:,}, row {n:,}", path=_name(span), group=group, n=number)


def _in_batch(span: Span, batch: int, number: int) -> str:
    return say("{path}, batch {group:,}, row {n:,}", path=_name(span), group=batch, n=number)


def _name(span: Span) -> str:
    return shown_place(span.place)
