"""Where the parts of a file really begin: a byte range is cut at a line, or where no tokenizer joins.

Who reads the part before a cut and who reads the part behind it find the same place by themselves, so
that a plan needs only numbers.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import BinaryIO

from ...probes.prompts.text_files import first_cut
from ..parts import MOST_ROW_BYTES, Span

_BLOCK = 1 << 16
# A row whose end is farther off is told by its reader; here it ends the span.
_MOST_SEARCHED_BYTES = 4 * MOST_ROW_BYTES


def edges_of(file: BinaryIO, span: Span) -> tuple[int, int, int]:
    """The first byte of a span, the first behind it, and whether (1 or 0) it begins at no safe place."""
    if span.form == "text":
        start, safe_start = _text_edge(file, span, span.start)
        end, _ = _text_edge(file, span, span.end)
        return start, max(start, end), int(not safe_start)
    start = _row_edge(file, span, span.start, is_quoted=span.opens_quoted)
    end = _row_edge(file, span, span.end, is_quoted=span.ends_quoted)
    return start, max(start, end), 0


def csv_cuts(file: BinaryIO, places: Sequence[int], delimiter: str) -> list[tuple[int, bool]]:
    """Places near these, in rising order, each with whether a quoted field of a CSV file is open there.

    The state is followed from the start of the file: a mark that no field begins with is a letter like others
    (`5" pipe`), so that counting marks would be wrong from there on.
    """
    marks = _marks(delimiter)
    cuts: list[tuple[int, bool]] = [(0, False)]
    at, is_quoted = 0, False
    for place in places[1:]:
        file.seek(max(0, at - 1))
        data = file.read(place - max(0, at - 1))
        # A mark at the end may be the first half of one that is written twice.
        while data.endswith(b'"') and (more := file.read(1)):
            data += more
        place = max(0, at - 1) + len(data)
        is_quoted = _is_open_behind(marks, data, 1 if at else 0, is_quoted=is_quoted)
        cuts.append((place, is_quoted))
        at = place
    return cuts


def _text_edge(file: BinaryIO, span: Span, at: int) -> tuple[int, bool]:
    if at in (0, span.source_bytes):
        return at, True
    return first_cut(file, at, span.source_bytes, span.encoding)


def _row_edge(file: BinaryIO, span: Span, at: int, *, is_quoted: bool) -> int:
    """The start of the first row at or behind a place."""
    if at in (0, span.source_bytes):
        return at
    # The byte before tells whether a row or a field begins right here.
    file.seek(at - 1)
    rest = b""
    size = _BLOCK
    while True:
        block = file.read(min(size, span.source_bytes - (at - 1) - len(rest)))
        rest += block
        has_marks = span.form == "csv" and span.has_marks
        end = _csv_line_end(rest, span.delimiter, is_quoted) if has_marks else _line_end(rest)
        if end >= 0:
            return at + end
        if not block or len(rest) > _MOST_SEARCHED_BYTES:
            return span.source_bytes
        size = len(rest)  # a long row is not looked through again and again


def _line_end(data: bytes) -> int:
    """Where the first line ends, the first byte being that before; -1 where it does not."""
    return data.find(b"\n")


def _csv_line_end(data: bytes, delimiter: str, is_quoted: bool) -> int:
    """The same of a row, whose quoted fields may have line breaks."""
    opens, closes = _marks(delimiter)
    if not is_quoted and data.startswith(b"\n"):
        return 0
    at = 1
    while True:
        if is_quoted:
            close = closes.match(data, at)
            if close is None or close.end() == len(data):  # the mark may be the first half of two
                return -1
            at = close.end()
        line_end, field = data.find(b"\n", at), opens.search(data, at)
        if line_end >= 0 and (field is None or line_end < field.start()):
            return line_end
        if field is None:
            return -1
        at, is_quoted = field.end(), True


_Marks = tuple[re.Pattern[bytes], re.Pattern[bytes]]


@cache
def _marks(delimiter: str) -> _Marks:
    """What opens a quoted field, and the rest of one with the mark that closes it (RFC 4180, 2.5 to 2.7)."""
    opens = re.compile(rb"(?:\A|(?<=[\r\n" + re.escape(delimiter.encode()) + rb']))"')
    return opens, re.compile(rb'(?:[^"]++|"")*+"')


def _is_open_behind(marks: _Marks, data: bytes, at: int, *, is_quoted: bool) -> bool:
    """Whether a quoted field is open at the end of some bytes."""
    opens, closes = marks
    while True:
        if is_quoted:
            close = closes.match(data, at)
            if close is None:
                return True
            at = close.end()
        field = opens.search(data, at)
        if field is None:
            return False
        at, is_quoted = field.end(), True
