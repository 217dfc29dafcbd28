"""The documents of a span, in batches of some kilobytes; rows without one are told to the tally."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice
from typing import BinaryIO

from ...files.encodings import UTF8
from ...files.formats import FormatError, parse_json_row
from ...files.json_arrays import array_values
from ...files.places import open_place, shown_place
from ...messages import say
from ...probes.prompts.text_files import LONG_BYTES, SHORT_BYTES, pieces_of
from ...records import dataclass
from .. import tally as reasons
from ..parts import MOST_ROW_BYTES, Span
from ..tally import Tally
from .edges import edges_of
from .rows import Document, document_of, not_decoded
from .source import all_in_utf8, csv_reader, encoding_of, in_utf8_line, not_text, opened
from .tables import arrow_documents, at_row, documents_of, parquet_documents

# As much as `SHORT_BYTES`, for the same reasons.
_BATCH_BYTES = 1 << 18


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


def batches_of(span: Span, tally: Tally, *, has_cheap_cuts: bool) -> Iterator[Batch]:
    """The documents of a span; `has_cheap_cuts`: a text that is cut has the same tokens.

    Raises:
        FileError: the source cannot be read, or is not what its plan says.
    """
    match span.form:
        case "texts":
            yield from _batches(documents_of(span, span.values, span.start, tally, partial(at_row, span)))
        case "parquet":
            with open_place(span.place) as (file, _):
                yield from _batches(parquet_documents(span, file, tally))
        case "arrow" | "arrow stream":
            with opened(span, tally) as file:
                yield from _batches(arrow_documents(span, file, tally))
        case "text":
            with opened(span, tally) as file:
                yield from _pieces(span, file, tally, SHORT_BYTES if has_cheap_cuts else LONG_BYTES)
        case "json array":
            with opened(span, tally) as file:
                rows = array_values(all_in_utf8(span, file))
                yield from _batches(documents_of(span, rows, 0, tally, partial(at_row, span)))
        case _:
            read = _json_rows if span.form == "jsonl" else _csv_rows
            with opened(span, tally) as file:
                yield from _batches(read(span, file, tally))


def _pieces(span: Span, file: BinaryIO, tally: Tally, piece_bytes: int) -> Iterator[Batch]:
    left: float = float("inf")
    n_cuts = 0
    if not span.is_stream:
        start, end, n_cuts = edges_of(file, span)
        file.seek(start)
        left = end - start
    foreign = not_text(span.place, span.encoding)
    for piece in pieces_of(file, foreign, left, encoding_of(span), piece_bytes):
        tally.n_replaced += piece.n_replaced
        yield Batch([piece.text], piece.n_text_bytes, True, n_cuts + (not piece.is_safe_cut))
        n_cuts = 0


def _json_rows(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Document]:
    start, end = (0, -1) if span.is_stream else edges_of(file, span)[:2]
    if not span.is_stream:
        file.seek(start)
    is_utf8 = encoding_of(span) == UTF8
    at = start
    while end < 0 or at < end:
        line = file.readline(MOST_ROW_BYTES)
        if not line:
            return
        where, at = partial(_at_byte, span, at), at + len(line)
        if len(line) == MOST_ROW_BYTES and not line.endswith(b"\n"):
            tally.refuse(reasons.TOO_LONG, where())
            at += _skip_line(file)
            continue
        if at == len(line):
            line = line.removeprefix(codecs.BOM_UTF8)
        if not is_utf8:
            line = in_utf8_line(span, line)
        try:
            row = parse_json_row(line)
        except FormatError:
            if line.strip():
                tally.refuse(reasons.NOT_PARSED if _is_utf8(line) else not_decoded(span), where())
            continue
        document = document_of(row, span, where, tally)
        if document is not None:
            yield document


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
    start, lines, encoding = 0, iter(file), encoding_of(span)
    if not span.is_stream:
        start, end, _ = edges_of(file, span)
        file.seek(start)
        lines = _lines_to(file, end - start)
    # A byte that is no character stays what it is: the row is told apart below.
    texts = (line.decode(encoding, "surrogateescape") for line in lines)
    limit = csv.field_size_limit(MOST_ROW_BYTES)
    # Quotation marks that are not as in RFC 4180 would join fields, and be counted as another text.
    reader = csv_reader(span, texts, is_strict=True)
    n_head_rows = 0 if start else span.n_head_rows
    try:
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
            if n_head_rows:
                n_head_rows -= 1
                continue
            if any(row[span.n_columns :]):
                tally.refuse(reasons.TOO_MANY, where())
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


def _batches(documents: Iterable[Document]) -> Iterator[Batch]:
    """The documents in batches; of a source that breaks, all that could be read before."""
    texts: list[str] = []
    sizes: list[int] = []
    n_bytes = 0
    try:
        for own_texts, own_bytes in documents:
            texts += own_texts
            sizes.append(len(own_texts))
            n_bytes += own_bytes
            if n_bytes >= _BATCH_BYTES:
                batch = _batch(texts, sizes, n_bytes)
                texts, sizes, n_bytes = [], [], 0
                yield batch
    except Exception:
        if sizes:
            yield _batch(texts, sizes, n_bytes)
        raise
    if sizes:
        yield _batch(texts, sizes, n_bytes)


def _batch(texts: list[str], sizes: list[int], n_bytes: int) -> Batch:
    is_single = all(size == 1 for size in sizes)
    return Batch(texts, n_bytes, sizes=None if is_single else sizes)


def _at_byte(span: Span, at: int) -> str:
    return say("{path}, byte {n:,}", path=shown_place(span.place), n=at)


def _at_line(span: Span, start: int, lines: int) -> str:
    return say(
        "{path}, {lines:,} lines behind byte {n:,}", path=shown_place(span.place), lines=lines, n=start
    )
