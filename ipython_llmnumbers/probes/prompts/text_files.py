"""Read a text file of any size in pieces, cut where no tokenizer joins what stands on both sides.

Tokenizers split a text before they merge: a line break never joins the letter behind it,
and a letter never joins the space before the next word. A text that is cut there has the
same tokens in pieces as in one (a test compares them for every vocabulary), so a file can
be counted within bounded memory.
"""

from __future__ import annotations

import codecs
import math
from collections.abc import Iterator
from typing import BinaryIO

from ...errors import FileError
from ...files.containers import HEAD_BYTES, container_of
from ...files.encodings import UTF8
from ...files.reading import file_size_bytes, open_file, user_path
from ...patterns import pattern
from ...records import dataclass

_READ_BYTES = 1 << 20
# A piece that offers no place to cut is cut here all the same, and said to be.
_MOST_CHARS = 8 << 20
_WINDOW = 10_000
_CUT_BYTES = 1 << 16
_LETTER = pattern(r"[^\W\d_]")
_LONGEST_CHAR_BYTES = 4
_CUTS = (pattern(r"\n(?=[^\W\d_])"), pattern(r"(?<=[^\W\d_])(?= [^\W\d_])"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file: its text, the bytes read for it, and whether it was cut at a safe place."""

    text: str
    n_bytes: int
    is_safe_cut: bool = True


def text_file_bytes(path: str) -> int:
    """The size of a file of text that can be read.

    Raises:
        FileError: there is no such file, it is a folder, a device or a pipe, or it is packed.
    """
    with open_file(user_path(path)) as file:
        kind = container_of(file.read(HEAD_BYTES))
        if kind:
            raise FileError(
                "{path} is a {kind} file, not text; {option:paths} counts what is packed, and tables",
                path=path,
                kind=kind,
            )
        return file_size_bytes(file)


def read_pieces(path: str) -> Iterator[Piece]:
    """The text of a file in pieces of about a megabyte; bytes that are no UTF-8 become U+FFFD.

    What is added to the file meanwhile is not read: a log may grow as fast as it is counted.

    Raises:
        FileError: as `text_file_bytes`.
    """
    with open_file(user_path(path)) as file:
        yield from pieces_of(file, file_size_bytes(file))


def pieces_of(file: BinaryIO, most_bytes: float = math.inf, encoding: str = UTF8) -> Iterator[Piece]:
    """The text of an open file, of at most so many bytes, in the same pieces."""
    codec = "utf-8-sig" if encoding == UTF8 and at_start(file) else encoding
    decoder = codecs.getincrementaldecoder(codec)(errors="replace")
    rest, n_bytes, left = "", 0, most_bytes
    while block := file.read(int(min(left, _READ_BYTES))):
        left -= len(block)
        rest += decoder.decode(block)
        n_bytes += len(block)
        cut = _last_cut(rest)
        if cut:
            yield Piece(rest[:cut], n_bytes)
            rest, n_bytes = rest[cut:], 0
        elif len(rest) >= _MOST_CHARS:
            yield Piece(rest, n_bytes, is_safe_cut=False)
            rest, n_bytes = "", 0
    yield Piece(rest + decoder.decode(b"", final=True), n_bytes)


def first_cut(file: BinaryIO, start: int, end: int, encoding: str = UTF8) -> tuple[int, bool]:
    """The first byte from `start` on where a text may be cut, and whether the cut is a safe one.

    Who reads the text before it and who reads the text behind it find the same place. The end of the text
    is a safe cut; where there is no other within a few megabytes, `start` itself is an unsafe one. Of another
    encoding, one that keeps ASCII, a character may begin anywhere: the cut is a line break.
    """
    file.seek(start)
    if encoding != UTF8:
        return _line_cut(file, start, end, encoding), True
    rest = b""
    while len(rest) < _MOST_CHARS and start + len(rest) < end:
        block = file.read(min(_CUT_BYTES, end - start - len(rest)))
        if not block:
            return end, True
        rest += block
        # What is no UTF-8 keeps its length in bytes this way, and is no letter.
        text = rest.decode("utf-8", "surrogateescape")
        for cut in _CUTS:
            if found := cut.search(text):
                return start + len(text[: found.end()].encode("utf-8", "surrogateescape")), True
    if start + len(rest) >= end:
        return end, True
    n_rest_of_char = next((n for n, byte in enumerate(rest[:4]) if byte & 0xC0 != 0x80), 0)
    return start + n_rest_of_char, False


def _line_cut(file: BinaryIO, start: int, end: int, encoding: str) -> int:
    """The start of the first line from `start` on that begins with a letter."""
    at = start
    while at < end and (line := file.readline(_CUT_BYTES)):
        at += len(line)
        if line.endswith(b"\n"):
            beginning = file.read(min(_LONGEST_CHAR_BYTES, max(0, end - at)))
            if _LETTER.match(beginning.decode(encoding, "replace")):
                return at
            file.seek(at)
    return end


def at_start(file: BinaryIO) -> bool:
    """Whether nothing of a file is read yet; what cannot tell is read from its start."""
    try:
        return file.tell() == 0
    except (OSError, ValueError):
        return True


def _last_cut(text: str) -> int:
    """A place to cut near the end, looked for in windows: a text may have a million of them."""
    for start in range(len(text) - _WINDOW, -_WINDOW, -_WINDOW):
        for cut in _CUTS:
            # One character more on the right: a place is told by the one behind it.
            places = [match.end() for match in cut.finditer(text, max(0, start), start + _WINDOW + 1)]
            if places:
                return places[-1]
    return 0
