"""Text in other encodings than UTF-8: which one a file has, and how it is read in parts.

The names are those of Python's `codecs`. A byte that an encoding has no character for is never dropped: it
stays a byte that is no UTF-8, so that whoever reads a damaged file counts its bad places in one way.
"""

from __future__ import annotations

import codecs
import io
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import BinaryIO, cast

UTF8 = "utf-8"

# The Unicode Standard, 23.8, table 23-6; the longer marks first, one begins with another.
_MARKS: Mapping[bytes, str] = MappingProxyType(
    {
        codecs.BOM_UTF32_LE: "utf-32",
        codecs.BOM_UTF32_BE: "utf-32",
        codecs.BOM_UTF8: UTF8,
        codecs.BOM_UTF16_LE: "utf-16",
        codecs.BOM_UTF16_BE: "utf-16",
    }
)
# Python's text codecs that write host names and literals, and no files; `undefined` refuses everything.
_NOT_OF_FILES = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"})
_BLOCK = 1 << 16

BAD = "llmnumbers.bad"
"""An error handler, for decoding and encoding: each place without a character is `BAD_CHAR`, and back."""

BAD_CHAR = "\udcff"
"""What no text in any encoding holds: a lone surrogate."""


def encoding_named(name: str) -> str:
    """Python's own name of a text encoding; empty where it has none of that name.

    >>> encoding_named("Shift-JIS"), encoding_named("latin1"), encoding_named("rot13"), encoding_named("x")
    ('shift_jis', 'iso8859-1', '', '')
    """
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    is_text = getattr(found, "_is_text_encoding", True) and found.incrementaldecoder is not None
    if not is_text or found.name.replace("-", "_") in _NOT_OF_FILES:
        return ""
    return UTF8 if found.name == "utf-8-sig" else found.name


def marked_encoding(head: bytes) -> str:
    r"""The encoding that a file's byte order mark tells; empty where it has none.

    >>> marked_encoding(b"\xff\xfea\0"), marked_encoding(b"\xef\xbb\xbfa"), marked_encoding(b"a")
    ('utf-16', 'utf-8', '')
    """
    return next((encoding for mark, encoding in _MARKS.items() if head.startswith(mark)), "")


def decoded(content: bytes, errors: str = "strict") -> str:
    r"""The text of a file that is held in memory: as its byte order mark says, else UTF-8.

    Raises:
        UnicodeDecodeError: it is not, and `errors` is strict.

    >>> decoded(b"\xff\xfea\0"), decoded(b"\xef\xbb\xbfa"), decoded(b"a")
    ('a', 'a', 'a')
    """
    encoding = marked_encoding(content) or UTF8
    return content.decode("utf-8-sig" if encoding == UTF8 else encoding, errors)


@cache
def keeps_ascii(encoding: str) -> bool:
    """Whether a byte of a line break, a comma or a tab is always that, so that a file can be cut there.

    >>> keeps_ascii("cp932"), keeps_ascii("gb18030"), keeps_ascii("utf-16"), keeps_ascii("iso2022_jp")
    (True, True, False, False)
    """
    plain = bytes(range(128))
    # ISO 2022 changes what ASCII's bytes mean behind this escape.
    for ascii_bytes in (plain, b"\x1b$B"):
        try:
            if ascii_bytes.decode(encoding) != ascii_bytes.decode("ascii"):
                return False
        except UnicodeDecodeError:
            return False
    return not any(
        _is_one_character(bytes([lead, mark]), encoding) for lead in range(128, 256) for mark in b'\n\r",;\t'
    )


def _is_one_character(pair: bytes, encoding: str) -> bool:
    try:
        return len(pair.decode(encoding)) < 2
    except UnicodeDecodeError:
        return False


def in_utf8(file: BinaryIO, encoding: str) -> BinaryIO:
    """A file of another encoding as one of UTF-8, to be read from its start to its end.

    A byte order mark is not part of it.
    """
    return cast(BinaryIO, io.BufferedReader(_Recoded(file, encoding), _BLOCK))


def line_in_utf8(line: bytes, encoding: str) -> bytes:
    r"""A line of another encoding in UTF-8.

    >>> line_in_utf8(b"caf\xe9", "latin-1"), line_in_utf8(b"a\x81", "cp1252")
    (b'caf\xc3\xa9', b'a\xff')
    """
    return line.decode(encoding, BAD).encode("utf-8", BAD)


class _Recoded(io.RawIOBase):
    """Reads a file through a decoder; it stays open when this is closed."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=BAD)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        while not self._left:
            block = self._file.read(_BLOCK)
            self._left = self._decoder.decode(block, final=not block).encode("utf-8", BAD)
            if not block:
                break
        n_bytes = min(len(buffer), len(self._left))
        buffer[:n_bytes], self._left = self._left[:n_bytes], self._left[n_bytes:]
        return n_bytes


def _bad_place(error: UnicodeError) -> tuple[str | bytes, int]:
    """One byte that is no UTF-8 for a place that has no character, or half of one."""
    if isinstance(error, UnicodeDecodeError):
        return BAD_CHAR, error.end
    assert isinstance(error, UnicodeEncodeError)
    return b"\xff" * (error.end - error.start), error.end


codecs.register_error(BAD, _bad_place)
