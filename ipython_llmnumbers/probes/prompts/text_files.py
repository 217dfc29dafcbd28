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
from ...files.encodings import BAD, BAD_CHAR, UTF8, marked_encoding
from ...files.reading import file_size_bytes, open_file, user_path
from ...patterns import pattern
from ...records import dataclass

LONG_BYTES = 1 << 20
SHORT_BYTES = 1 << 18
"""What is read at once where pieces may be short: memory that is used again costs less to read into than
fresh memory. Still shorter ones cost more than they spare: Python starts cold behind each call of one."""

# A piece that offers no place to cut is cut here all the same, and said to be.
_MOST_CHARS = 8 << 20
# Where the end of what was read offers none, more is read before all of it is looked through.
_END_CHARS = 1 << 16
_WINDOW = 1_000
_CUT_BYTES = 1 << 16
# A file is refused or not by so much of it: until then no piece is handed out.
_JUDGED_BYTES = 1 << 20
_LETTER = pattern(r"[^\W\d_]")
_LONGEST_CHAR_BYTES = 4
# A text of which more characters than this are none in its encoding, or control characters, is none: so
# are files that are no text told by file(1), and Japanese in UTF-16 that happens to be valid UTF-8.
_MOST_FOREIGN = 0.03
_CONTROLS = bytes(set(range(32)) - set(b"\a\b\t\n\v\f\r\x1b"))
# Of so many characters so many at least; of a longer text as large a share.
_JUDGED_OF_CHARS, _JUDGED_CHARS = 1 << 16, 1 << 10
# Behind the first of these, and before the second; each begins with a character that is quickly found.
_CUTS = ((pattern(r"\n(?=[^\W\d_])"), 1), (pattern(r" (?=[^\W\d_])(?<=[^\W\d_] )"), 0))


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a file: its text, the bytes read for it, and whether it was cut at a safe place.

    `n_text_bytes` are those of the text in UTF-8, in which `n_replaced` characters are U+FFFD, as their bytes
    are none in the encoding. Both, and `n_bytes`, are of what was read for it: right in the sum of pieces.
    """

    text: str
    n_bytes: int
    is_safe_cut: bool = True
    n_text_bytes: int = 0
    n_replaced: int = 0


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file of text: its bytes, and the encoding that its byte order mark tells, else UTF-8."""

    size: int
    encoding: str


def text_file(path: str) -> TextFile:
    """What is known of a file of text before it is read.

    Raises:
        FileError: there is no such file, it is a folder, a device or a pipe, or it is packed.
    """
    with open_file(user_path(path)) as file:
        head = file.read(HEAD_BYTES)
        if kind := container_of(head):
            raise FileError(
                "{path} is a {kind} file, not text; {option:paths} counts what is packed, and tables",
                path=path,
                kind=kind,
            )
        return TextFile(file_size_bytes(file), marked_encoding(head) or UTF8)


def read_pieces(path: str) -> Iterator[Piece]:
    """The text of a file in pieces of about a megabyte, as its byte order mark says, else UTF-8.

    What is added to the file meanwhile is not read: a log may grow as fast as it is counted.

    Raises:
        FileError: as `text_file`; or it is in another encoding.
    """
    told = text_file(path)
    not_text = FileError(
        "{path}: not text in {encoding}; {option:paths} with {option:encoding}, such as cp932, counts it",
        path=path,
        encoding=told.encoding.upper(),
    )
    with open_file(user_path(path)) as file:
        yield from pieces_of(file, not_text, told.size, told.encoding)


def pieces_of(
    file: BinaryIO,
    not_text: FileError,
    most_bytes: float = math.inf,
    encoding: str = UTF8,
    piece_bytes: int = LONG_BYTES,
) -> Iterator[Piece]:
    """The text of an open file, of at most so many bytes, in pieces of about `piece_bytes`, cut so as well.

    Bytes that are no character of the encoding become U+FFFD.

    Raises:
        FileError: `not_text`, where so many are none that the encoding is another one.
    """
    reader = _Reader(encoding, has_mark=encoding == UTF8 and at_start(file))
    n_read = 0
    held: list[Piece] = []
    # What cannot be cut is not put together again and again.
    while block := file.read(int(min(most_bytes - n_read, max(piece_bytes, len(reader.text))))):
        n_read += len(block)
        reader.read(block)
        if cut := reader.cut():
            held.append(reader.piece(cut))
        elif len(reader.text) >= _MOST_CHARS:
            held.append(reader.piece(len(reader.text), is_safe_cut=False))
        if n_read >= _JUDGED_BYTES:
            if reader.is_foreign:
                raise not_text
            yield from held
            held = []
    reader.read(b"", is_end=True)
    if reader.is_foreign:
        raise not_text
    yield from held
    yield reader.piece(len(reader.text))


class _Reader:
    """Decodes blocks of a file, and holds the text that is in no piece yet.

    What it looks at costs a tenth of what the fastest engine needs for the same text, so that a character is
    looked for, and not counted, and the bytes of a text are not made anew to know how many there are.
    """

    def __init__(self, encoding: str, *, has_mark: bool) -> None:
        self.text = ""
        self._decoder = codecs.getincrementaldecoder(encoding)(errors=BAD)
        self._is_utf8 = encoding == UTF8
        self._may_have_mark = has_mark
        # Of a character in UTF-8 of which the rest is not read yet.
        self._begun = b""
        self._n_bytes = self._n_text_bytes = self._n_replaced = 0
        self._n_judged = self._n_foreign = 0
        # So many characters from the start of the text have no place to cut.
        self._n_searched = 0

    @property
    def is_foreign(self) -> bool:
        """Whether so much of all that was read is no text that the encoding is another one."""
        return self._n_foreign > _MOST_FOREIGN * self._n_judged

    def read(self, block: bytes, *, is_end: bool = False) -> None:
        self._n_bytes += len(block)
        if self._may_have_mark:
            block, self._may_have_mark = block.removeprefix(codecs.BOM_UTF8), False
        fresh, n_bytes = self._decoded(block, is_end=is_end)
        is_whole = fresh.isascii() or BAD_CHAR not in fresh
        self._judge(fresh)
        if not is_whole:
            self._n_replaced += fresh.count(BAD_CHAR)
            fresh = fresh.replace(BAD_CHAR, "\ufffd")
        self._n_text_bytes += n_bytes if self._is_utf8 and is_whole else len(fresh.encode())
        self.text += fresh

    def _decoded(self, block: bytes, *, is_end: bool) -> tuple[str, int]:
        """The text of a block, and how many bytes it had; what `codecs` does costs a copy of the block."""
        if not self._is_utf8:
            return self._decoder.decode(block, final=is_end), len(block)
        block = self._begun + block if self._begun else block
        fresh, n_bytes = codecs.utf_8_decode(block, BAD, is_end)
        self._begun = block[n_bytes:]
        return fresh, n_bytes

    def _judge(self, fresh: str) -> None:
        # An odd step: what repeats, as the zero bytes of UTF-16, does so in even ones.
        judged = fresh[:: 2 * (min(len(fresh), _JUDGED_OF_CHARS) // (2 * _JUDGED_CHARS)) + 1]
        data = judged.encode("utf-8", "replace")
        self._n_judged += len(judged)
        self._n_foreign += judged.count(BAD_CHAR) + len(data) - len(data.translate(None, _CONTROLS))

    def cut(self) -> int:
        """The last place to cut the text; 0 where there is none, or it is not worth looking for yet."""
        text = self.text
        cut = _last_cut(text, max(self._n_searched, len(text) - _END_CHARS))
        return cut or (_last_cut(text, self._n_searched) if len(text) >= _MOST_CHARS else 0)

    def piece(self, cut: int, *, is_safe_cut: bool = True) -> Piece:
        """The text up to there, which is let go of."""
        found = Piece(self.text[:cut], self._n_bytes, is_safe_cut, self._n_text_bytes, self._n_replaced)
        self.text = self.text[cut:]
        # A place is told by the characters on both sides.
        self._n_searched = max(0, len(self.text) - 2)
        self._n_bytes = self._n_text_bytes = self._n_replaced = 0
        return found


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
        for cut, at in _CUTS:
            if found := cut.search(text):
                before = text[: found.start() + at]
                return start + len(before.encode("utf-8", "surrogateescape")), True
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


def _last_cut(text: str, first: int) -> int:
    """A place to cut near the end, none before `first`: the last one of a window, lines before words."""
    for start in range(len(text) - _WINDOW, first - _WINDOW, -_WINDOW):
        for cut, at in _CUTS:
            # One character more on the right: a place is told by the one behind it.
            places = [match.start() for match in cut.finditer(text, max(first, start), start + _WINDOW + 1)]
            if places:
                return places[-1] + at
    return 0
