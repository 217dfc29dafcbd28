"""Cut a body into its JSON texts, wherever its bytes are cut: events, lines, binary messages, or one text."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

from ...files.formats import parse_json
from ...patterns import pattern
from .encodings import UnreadableError

MOST_BYTES = 64_000_000
"""Of one JSON text: larger than any answer, of embeddings too."""

_BLANK_LINE = pattern(rb"\r\n\r\n|\n\n|\r\r")
_LINE_FEED = pattern(rb"\n")
_LONGEST_END = 3  # bytes of an end that may have come before the rest of it
_BEGINS_EVENT = pattern(rb"(?:\xef\xbb\xbf)?(?:data|event|id|retry)?:")


class Frames(Protocol):
    """What cuts a body; `end` gives what is left when no more comes."""

    def feed(self, data: bytes) -> Iterable[bytes]:
        """The texts that these bytes complete."""

    def end(self) -> Iterable[bytes]:
        """The text that stands at the end, complete or not."""


def frames(content_type: str, beginning: bytes) -> Frames:
    """What cuts a body that begins so: by its bytes, for servers send wrong content types too."""
    kind = content_type.partition(";")[0].strip().casefold()
    if kind == "application/vnd.amazon.eventstream":
        return BinaryEvents()
    if _BEGINS_EVENT.match(beginning.lstrip()):
        return Events()
    return Lines() if "ndjson" in kind or "jsonl" in kind else Whole()


class Events:
    """Server-sent events (WHATWG HTML, 9.2): the `data` of each; lines end in CR LF, LF or CR."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        for event in _cut(self._rest, data, _BLANK_LINE):
            yield from _event_data(event)

    def end(self) -> Iterator[bytes]:
        yield from _event_data(bytes(self._rest))
        self._rest.clear()


def _cut(rest: bytearray, data: bytes, end: re.Pattern[bytes]) -> Iterator[bytes]:
    """What ends in `rest` with these bytes; what does not stays in it.

    A long event comes in many portions: none is looked at twice, but for the few bytes in which an end may
    be cut.
    """
    looked_at = max(0, len(rest) - _LONGEST_END)
    rest += data
    if len(rest) > MOST_BYTES:
        raise UnreadableError("too long")
    start = 0
    for found in end.finditer(rest, looked_at):
        yield bytes(rest[start : found.start()])
        start = found.end()
    del rest[:start]


def _event_data(event: bytes) -> Iterator[bytes]:
    lines = [line[5:].removeprefix(b" ") for line in event.splitlines() if line.startswith(b"data:")]
    if lines:
        yield b"\n".join(lines)


class Lines:
    """A JSON text on each line."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield from filter(None, map(bytes.strip, _cut(self._rest, data, _LINE_FEED)))

    def end(self) -> Iterator[bytes]:
        rest = bytes(self._rest).strip()
        self._rest.clear()
        if rest:
            yield rest


class Whole:
    """One JSON text; where there are several, one on each line."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._size += len(data)
        if self._size > MOST_BYTES:
            raise UnreadableError("too long")
        self._parts.append(data)
        yield from ()

    def end(self) -> Iterator[bytes]:
        text, self._parts = b"".join(self._parts).strip(), []
        lines = text.split(b"\n") if text.startswith(b"{") else [text]
        is_lines = len(lines) > 1 and all(line.strip().startswith(b"{") for line in lines)
        yield from filter(None, map(bytes.strip, lines) if is_lines else [text])


class BinaryEvents:
    """AWS's event stream: a length, the headers' length, a checksum; headers; a payload; a checksum.

    The layout is that of `application/vnd.amazon.eventstream` (AWS SDK, event stream specification).
    A payload may wrap the model's own event in base64, under `bytes`.
    """

    _PRELUDE, _CHECKSUM = 12, 4

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while len(self._rest) >= self._PRELUDE:
            length, headers = (int.from_bytes(self._rest[at : at + 4]) for at in (0, 4))
            if not self._PRELUDE + headers + self._CHECKSUM <= length <= MOST_BYTES:
                raise UnreadableError("damaged")
            if len(self._rest) < length:
                return
            payload = bytes(self._rest[self._PRELUDE + headers : length - self._CHECKSUM])
            del self._rest[:length]
            if payload:
                yield _unwrapped(payload)

    def end(self) -> Iterator[bytes]:
        yield from ()


def _unwrapped(payload: bytes) -> bytes:
    if not payload.startswith(b'{"bytes"'):
        return payload
    return base64.b64decode(parse_json(payload)["bytes"])
