"""Read a text file of any size in pieces, cut where no tokenizer joins what stands on both sides.

Tokenizers split a text before they merge: a line break never joins the letter behind it,
and a letter never joins the space before the next word. A text that is cut there has the
same tokens in pieces as in one (a test compares them for every vocabulary), so a file can
be counted within bounded memory.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import FileError
from ...files.reading import file_size_bytes, open_file, user_path

_READ_BYTES = 1 << 20
# A piece that offers no place to cut is cut here all the same, and said to be.
_MOST_CHARS = 8 << 20
_WINDOW = 10_000
_CUTS = (re.compile(r"\n(?=[^\W\d_])"), re.compile(r"(?<=[^\W\d_])(?= [^\W\d_])"))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file: its text, the bytes read for it, and whether it was cut at a safe place."""

    text: str
    n_bytes: int
    is_safe_cut: bool = True


# How packed files and others that hold no plain text begin.
_NO_TEXT = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"PAR1": "parquet",
    b"%PDF-": "PDF",
    b"\x89PNG\r\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"SQLite format 3": "SQLite",
    b"GGUF": "GGUF",
}


def text_file_bytes(path: str) -> int:
    """The size of a file of text that can be read.

    Raises:
        FileError: there is no such file, it is a folder, a device or a pipe, or it is packed.
    """
    with open_file(user_path(path)) as file:
        head = file.read(16)
        kind = next((kind for begins, kind in _NO_TEXT.items() if head.startswith(begins)), None)
        if kind is not None:
            raise FileError(
                "{path} is a {kind} file, not text; unpack or convert it first", path=path, kind=kind
            )
        return file_size_bytes(file)


def read_pieces(path: str) -> Iterator[Piece]:
    """The text of a file in pieces of about a megabyte; bytes that are no UTF-8 become U+FFFD.

    What is added to the file meanwhile is not read: a log may grow as fast as it is counted.

    Raises:
        FileError: as `text_file_bytes`.
    """
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
    rest, n_bytes = "", 0
    with open_file(user_path(path)) as file:
        left = file_size_bytes(file)
        while block := file.read(min(left, _READ_BYTES)):
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


def _last_cut(text: str) -> int:
    """The last place to cut, looked for from the end in windows: a text may have a million of them."""
    for pattern in _CUTS:
        for start in range(len(text) - _WINDOW, -_WINDOW, -_WINDOW):
            # One character more on the right: a place is told by the one behind it.
            places = [match.end() for match in pattern.finditer(text, max(0, start), start + _WINDOW + 1)]
            if places:
                return places[-1]
    return 0
