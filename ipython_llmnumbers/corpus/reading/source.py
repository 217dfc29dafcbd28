"""The source of a span: opened, unpacked, and in UTF-8 where it has to be read as a whole."""

from __future__ import annotations

import codecs
import csv
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from ...errors import FileError
from ...files.containers import unpacked
from ...files.encodings import UTF8, in_utf8, keeps_ascii, line_in_utf8
from ...files.places import open_place, shown_place
from ...messages import say
from ..parts import MOST_ROW_BYTES, Span
from ..tally import Tally


@contextmanager
def opened(span: Span, tally: Tally) -> Iterator[BinaryIO]:
    """The source of a span, unpacked; what was added to it since it was planned is not read."""
    with open_place(span.place) as (file, size):
        if size > span.source_bytes:
            tally.remark(
                say("{path} grew meanwhile: what was added is not counted", path=shown_place(span.place))
            )
        elif size < span.source_bytes:
            raise FileError(
                "{path}: became shorter while it was counted; count it again", path=shown_place(span.place)
            )
        yield source_of(span, file)


def source_of(span: Span, file: BinaryIO) -> BinaryIO:
    """The file of a span, unpacked; in UTF-8 where its encoding has to be read as a whole."""
    source = unpacked(file, span.packing) if span.packing else file
    return source if keeps_ascii(span.encoding) else in_utf8(source, span.encoding)


def encoding_of(span: Span) -> str:
    """The encoding of what `opened` opens."""
    return span.encoding if keeps_ascii(span.encoding) else UTF8


def first_rows(span: Span, file: BinaryIO) -> Iterator[bytes]:
    """The lines of JSON Lines from the start that are not blank, in UTF-8."""
    while line := file.readline(MOST_ROW_BYTES):
        if line.strip():
            yield in_utf8_line(span, line.removeprefix(codecs.BOM_UTF8))


def in_utf8_line(span: Span, line: bytes) -> bytes:
    """A line of a span's source, as `opened` opens it, in UTF-8."""
    encoding = encoding_of(span)
    return line if encoding == UTF8 else line_in_utf8(line, encoding)


def all_in_utf8(span: Span, file: BinaryIO) -> BinaryIO:
    """A span's source, as `opened` opens it, in UTF-8 to its end."""
    encoding = encoding_of(span)
    return file if encoding == UTF8 else in_utf8(file, encoding)


def csv_reader(span: Span, lines: Iterator[str], *, is_strict: bool = False) -> Any:
    """The standard library's reader of a CSV file as its span tells."""
    quoting: Any = csv.QUOTE_MINIMAL if span.has_marks else csv.QUOTE_NONE
    return csv.reader(lines, delimiter=span.delimiter, strict=is_strict, quoting=quoting)


def check_decoded(span: Span, line: bytes) -> None:
    """Refuse a first line that is no text in the encoding of the file: its names would be nonsense."""
    try:
        is_text = "\0" not in line.decode()
    except UnicodeDecodeError:
        is_text = False
    if not is_text:
        raise not_text(span.place, span.encoding)


def not_text(place: str, encoding: str) -> FileError:
    """The error of a file that is not in the encoding that it was taken to be in."""
    return FileError(
        "{path}: not text in {encoding}; give its {option:encoding}, such as cp932 or utf-16",
        path=shown_place(place),
        encoding=encoding.upper() if encoding == UTF8 else encoding,
    )
