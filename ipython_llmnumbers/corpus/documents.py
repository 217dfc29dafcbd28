"""The documents of a span, in batches of about a megabyte; rows without one are told to the tally."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, BinaryIO

from ..errors import FileError
from ..files.containers import arrow, unpacked
from ..files.formats import FormatError, parse_json_row
from ..files.places import open_place, shown_place
from ..messages import say
from ..probes.prompts.text_files import pieces_of
from ..records import dataclass
from . import tally as reasons
from .edges import edges_of
from .parts import MOST_ROW_BYTES, TABLE_ROWS, Span
from .tally import Tally

_BATCH_BYTES = 1 << 20
# A text of which more characters than this are no UTF-8, or zero bytes, is none.
_MOST_FOREIGN = 0.03


@dataclass(frozen=True, slots=True)
class Batch:
    """Texts to count: whole documents, or pieces of the one text that a span is.

    `n_cuts` is how many places were cut where a tokenizer may join both sides.
    """

    texts: list[str]
    n_bytes: int
    is_pieces: bool = False
    n_cuts: int = 0


def batches_of(span: Span, tally: Tally) -> Iterator[Batch]:
    """The documents of a span.

    Raises:
        FileError: the source cannot be read, or is not what its plan says.
    """
    match span.form:
        case "texts":
            yield from _batches(_values(span, span.values, span.start, tally, partial(_at_row, span)))
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


def value_at(row: Any, field: str) -> Any:
    """A row's value of a field, whose dots lead into objects where no key has them; a lone text is a row.

    Raises:
        KeyError: the field is not there.

    >>> value_at({"meta": {"text": "a"}}, "meta.text"), value_at("a", "")
    ('a', 'a')
    """
    if not field:
        return row
    if isinstance(row, dict) and field in row:
        return row[field]
    for key in field.split("."):
        if not isinstance(row, dict):
            raise KeyError(field)
        row = row[key]
    return row


@contextmanager
def _opened(span: Span, tally: Tally) -> Iterator[BinaryIO]:
    """The source of a span, unpacked; what was added to it since it was planned is not read."""
    with open_place(span.place) as (file, size):
        if size > span.source_bytes:
            tally.remark(say("{path} grew meanwhile: what was added is not counted", path=_name(span)))
        elif size < span.source_bytes:
            raise FileError("{path}: became shorter while it was counted; count it again", path=_name(span))
        yield unpacked(file, span.packing) if span.packing else file


def _pieces(span: Span, file: BinaryIO, tally: Tally) -> Iterator[Batch]:
    left: float = float("inf")
    n_cuts = 0
    if not span.packing:
        start, end, n_cuts = edges_of(file, span)
        file.seek(start)
        left = end - start
    for piece in pieces_of(file, left):
        text = piece.text
        if not text.isascii():
            n_replaced = text.count("\ufffd")
            _check_text(span, n_replaced, text)
            tally.n_replaced += n_replaced
        elif "\0" in text:
            _check_text(span, text.count("\0"), text)
        yield Batch([text], len(text.encode()), True, n_cuts + (not piece.is_safe_cut))
        n_cuts = 0


def _check_text(span: Span, n_foreign: int, text: str) -> None:
    if n_foreign + text.count("\0") > _MOST_FOREIGN * len(text):
        raise FileError("{path}: not text in UTF-8; convert it first, such as with iconv", path=_name(span))


def _json_rows(span: Span, file: BinaryIO, tally: Tally) -> Iterator[tuple[str, int]]:
    start, end = (0, -1) if span.packing else edges_of(file, span)[:2]
    if not span.packing:
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
            line = line.removeprefix(b"\xef\xbb\xbf") if at == len(line) else line
            try:
                value = value_at(parse_json_row(line), span.field)
            except FormatError:
                tally.refuse(reasons.NOT_PARSED if _is_utf8(line) else reasons.NOT_UTF8, where())
            except KeyError:
                tally.refuse(reasons.NO_FIELD, where())
            else:
                yield from _text_of(value, where, tally)


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


def _csv_rows(span: Span, file: BinaryIO, tally: Tally) -> Iterator[tuple[str, int]]:
    start, lines = 0, iter(file)
    if not span.packing:
        start, end, _ = edges_of(file, span)
        file.seek(start)
        lines = _lines_to(file, end - start)
    # A byte that is no UTF-8 stays what it is: the row is told apart below.
    texts = (line.decode("utf-8", "surrogateescape") for line in lines)
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
            if len(row) > span.column:
                yield from _text_of(row[span.column], where, tally)
            elif row:
                tally.refuse(reasons.NO_FIELD, where())
    finally:
        csv.field_size_limit(limit)


def _lines_to(file: BinaryIO, left: int) -> Iterator[bytes]:
    while left > 0 and (line := file.readline(left)):
        left -= len(line)
        yield line


def _parquet(span: Span, file: BinaryIO, tally: Tally) -> Iterator[tuple[str, int]]:
    arrow()
    from pyarrow import parquet

    table = parquet.ParquetFile(file)
    try:
        for group in range(span.start, span.end):
            n_rows = 0
            for batch in table.iter_batches(TABLE_ROWS, row_groups=[group], columns=[span.field]):
                where = partial(_in_group, span, group)
                yield from _values(span, batch.to_pylist(), n_rows, tally, where)
                n_rows += batch.num_rows
    finally:
        table.close()


def _arrow(span: Span, file: BinaryIO, tally: Tally) -> Iterator[tuple[str, int]]:
    ipc = arrow().ipc
    if span.form == "arrow":
        table = ipc.open_file(file)
        found: Iterable[Any] = (table.get_batch(number) for number in range(span.start, span.end))
    else:
        found = ipc.open_stream(file)
    for number, batch in enumerate(found, start=span.start):
        for at in range(0, batch.num_rows, TABLE_ROWS):
            column = batch.slice(at, TABLE_ROWS).select([span.field.partition(".")[0]])
            where = partial(_in_batch, span, number)
            yield from _values(span, column.to_pylist(), at, tally, where)


def _values(
    span: Span, rows: Iterable[Any], first: int, tally: Tally, place: Callable[[int], str]
) -> Iterator[tuple[str, int]]:
    """The texts of a table's rows; a bad one is told by its place."""
    for number, row in enumerate(rows, start=first):
        where = partial(place, number)
        try:
            value = value_at(row, span.field)
        except KeyError:
            tally.refuse(reasons.NO_FIELD, where())
        else:
            yield from _text_of(value, where, tally)


# Where a row is, said only of those that are shown.
_Where = Callable[[], str]


def _text_of(value: Any, where: _Where, tally: Tally) -> Iterator[tuple[str, int]]:
    """The text and its length in UTF-8, if it is one."""
    if isinstance(value, str):
        try:
            n_bytes = len(value.encode())
        except UnicodeEncodeError:
            tally.refuse(reasons.NOT_UTF8, where())
        else:
            yield value, n_bytes
    else:
        tally.refuse(reasons.NO_VALUE if value is None else reasons.NOT_TEXT, where())


def _batches(texts: Iterable[tuple[str, int]]) -> Iterator[Batch]:
    batch: list[str] = []
    size = 0
    for text, n_bytes in texts:
        batch.append(text)
        size += n_bytes
        if size >= _BATCH_BYTES:
            yield Batch(batch, size)
            batch, size = [], 0
    if batch:
        yield Batch(batch, size)


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
