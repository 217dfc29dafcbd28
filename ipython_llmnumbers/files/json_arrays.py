"""The values of one large JSON array, one after the other, in bounded memory."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from typing import Any, BinaryIO

from ..messages import say, shorten
from ..patterns import pattern
from .formats import FormatError

# Whether a file is an array is known by its first character.
_FIRST_BLOCK, _BLOCK = 1 << 12, 1 << 20
_MOST_VALUE_CHARS = 64 << 20
_BETWEEN = pattern(r"[\s,]*")
_DECODER = json.JSONDecoder()


def array_values(file: BinaryIO) -> Iterator[Any]:
    """The values of the array that a file in UTF-8 is.

    A byte that is no UTF-8 becomes a lone surrogate, as Python's `surrogateescape` has it.

    Raises:
        FormatError: it is no array, has no end or more behind it, or a value cannot be parsed.

    >>> import io
    >>> list(array_values(io.BytesIO(b'[{"a": 1}, "b"]')))
    [{'a': 1}, 'b']
    """
    text = _Text(file)
    if text.next_char() != "[":
        raise FormatError(say("it is no array"))
    text.at += 1
    while (char := text.next_char()) != "]":
        if not char:
            raise FormatError(say("the array has no end"))
        yield text.value()
    text.at += 1
    if text.next_char():
        raise FormatError(say("there is more behind the array"))


class _Text:
    """The text of a file from a place on, of which so much is held as a value needs."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="surrogateescape")
        self._held = ""
        self._block = _FIRST_BLOCK
        self._is_at_end = False
        self.at = 0

    def next_char(self) -> str:
        """The first character behind white space and commas; empty at the end."""
        while True:
            between = _BETWEEN.match(self._held, self.at)
            assert between is not None
            self.at = between.end()
            if self.at < len(self._held):
                return self._held[self.at]
            if not self._more():
                return ""

    def value(self) -> Any:
        """The value that begins here."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._held, self.at)
            except RecursionError:
                raise FormatError(say("nested too deeply")) from None
            except ValueError as error:
                if len(self._held) - self.at > _MOST_VALUE_CHARS or not self._more():
                    raise FormatError(shorten(str(error))) from None
            else:
                # A number may go on behind what is held.
                if end < len(self._held) or not self._more():
                    self.at = end
                    return value

    def _more(self) -> bool:
        """Hold more of the file, and nothing that was read; whether there was more."""
        if self._is_at_end:
            return False
        rest = self._held[self.at :]
        block = self._file.read(max(self._block, len(rest)))  # a long value is not parsed again and again
        self._is_at_end, self._block = not block, _BLOCK
        self._held, self.at = rest + self._decoder.decode(block, final=not block), 0
        return True
