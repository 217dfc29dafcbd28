"""Where the parts of a file really begin: a byte range is cut at a line, or where no tokenizer joins.

Who reads the part before a cut and who reads the part behind it find the same place by themselves, so
that a plan needs only numbers.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import BinaryIO

from ..probes.prompts.text_files import first_cut
from .parts import Span

_BLOCK = 1 << 20


def edges_of(file: BinaryIO, span: Span) -> tuple[int, int, int]:
    """The first byte of a span, the first behind it, and whether (1 or 0) it begins at no safe place."""
    if span.form == "text":
        start, safe_start = _text_edge(file, span, span.start)
        end, _ = _text_edge(file, span, span.end)
        return start, max(start, end), int(not safe_start)
    start = _row_edge(file, span, span.start, is_quoted=span.opens_quoted)
    end = _row_edge(file, span, span.end, is_quoted=span.ends_quoted)
    return start, max(start, end), 0


def quoted_at(file: BinaryIO, places: list[int]) -> list[bool]:
    """Whether each of these places, in rising order, lies between quotation marks of a CSV file.

    A mark within a field is written twice (RFC 4180, 2.7), so that an odd number of them before a place
    means that a field is open there.
    """
    file.seek(0)
    n_marks, at, found = 0, 0, []
    for place in places:
        while at < place:
            block = file.read(min(_BLOCK, place - at))
            if not block:
                break
            n_marks += block.count(b'"')
            at += len(block)
        found.append(n_marks % 2 == 1)
    return found


def _text_edge(file: BinaryIO, span: Span, at: int) -> tuple[int, bool]:
    if at in (0, span.source_bytes):
        return at, True
    return first_cut(file, at, span.source_bytes)


def _row_edge(file: BinaryIO, span: Span, at: int, *, is_quoted: bool) -> int:
    """The start of the first row at or behind a place."""
    if at in (0, span.source_bytes):
        return at
    find = _line_end if span.form == "jsonl" else _csv_line_end
    # The byte before decides whether a row begins right here; a mark there is told by `quoted_at` already.
    file.seek(at - 1)
    before = file.read(1)
    if before == b"\n" and not is_quoted:
        return at
    return _find(file, at, span.source_bytes, find, is_quoted=is_quoted)


_Find = Callable[[bytes, bool], tuple[int, bool]]


def _find(file: BinaryIO, at: int, end: int, find: _Find, *, is_quoted: bool) -> int:
    file.seek(at, os.SEEK_SET)
    while at < end:
        block = file.read(min(_BLOCK, end - at))
        if not block:
            return end
        found, is_quoted = find(block, is_quoted)
        if found >= 0:
            return min(at + found + 1, end)
        at += len(block)
    return end


def _line_end(block: bytes, _is_quoted: bool) -> tuple[int, bool]:
    return block.find(b"\n"), False


def _csv_line_end(block: bytes, is_quoted: bool) -> tuple[int, bool]:
    """The first line break outside of marks; -1 where there is none, and whether a field is open then."""
    at = -1
    while True:
        line_end = block.find(b"\n", at + 1)
        is_quoted ^= block.count(b'"', at + 1, line_end if line_end >= 0 else len(block)) % 2 == 1
        if line_end < 0 or not is_quoted:
            return line_end, is_quoted
        at = line_end
