"""Undo what HTTP does to a body, as its bytes come: chunks, and compression."""

from __future__ import annotations

import sys
import zlib
from collections.abc import Callable
from typing import Any

Decode = Callable[[bytes], bytes]


class UnreadableError(Exception):
    """Bytes that cannot be read here; the call is then shown as one that was not."""


def decoder(encoding: str) -> Decode:
    """What undoes a `Content-Encoding`, portion by portion.

    Raises:
        UnreadableError: an encoding for which this process has loaded no library.

    >>> decoder("")(b"as it is")
    b'as it is'
    """
    decode: Decode = bytes
    for name in reversed([word.strip().casefold() for word in encoding.split(",") if word.strip()]):
        if name != "identity":
            decode = _then(decode, _one(name))
    return decode


def _then(first: Decode, second: Decode) -> Decode:
    return second if first is bytes else lambda data: second(first(data))


def _one(name: str) -> Decode:
    if name in ("gzip", "x-gzip"):
        return Inflated(31)
    if name == "deflate":
        return Inflated(None)
    # A client asks for these only where it has loaded the library; nothing is loaded for it.
    if name == "br":
        for library, method in (("brotli", "process"), ("brotlicffi", "decompress")):
            if library in sys.modules:
                return _method(sys.modules[library].Decompressor(), method)
    if name == "zstd" and "zstandard" in sys.modules:
        return _method(sys.modules["zstandard"].ZstdDecompressor().decompressobj(), "decompress")
    raise UnreadableError(name)


def _method(decompressor: Any, name: str) -> Decode:
    decompress: Decode = getattr(decompressor, name)
    return decompress


class Inflated:
    """gzip or deflate; a body may be several members, and `deflate` comes with and without zlib's header."""

    def __init__(self, window_bits: int | None) -> None:
        self._window_bits = window_bits
        self._inflate: Any = None
        self._beginning = b""

    def __call__(self, data: bytes) -> bytes:
        if self._inflate is None:
            data = self._beginning = self._beginning + data
            if len(data) < 2:
                return b""
            self._window_bits = self._window_bits or _window_bits(data)
            self._inflate = zlib.decompressobj(self._window_bits)
        assert self._window_bits is not None
        out = b""
        try:
            while data:
                out += self._inflate.decompress(data)
                data = self._inflate.unused_data
                if data:
                    self._inflate = zlib.decompressobj(self._window_bits)
        except zlib.error as error:
            raise UnreadableError("damaged") from error
        return out


def _window_bits(beginning: bytes) -> int:
    """Those of a `deflate`: by zlib's header (RFC 1950, 2.2) if there is one."""
    is_zlib = beginning[0] & 0x0F == 8 and int.from_bytes(beginning[:2]) % 31 == 0
    return zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS


class Dechunked:
    """The bodies of HTTP's chunks (RFC 9112, 7.1), from bytes that come in any portions."""

    def __init__(self) -> None:
        self._rest = b""
        self._left: int | None = None
        self.is_ended = False

    def __call__(self, data: bytes) -> bytes:
        self._rest += data
        out = []
        while not self.is_ended:
            if self._left is None and not self._reads_size():
                break
            assert self._left is not None
            body, self._rest = self._rest[: self._left], self._rest[self._left :]
            out.append(body)
            self._left -= len(body)
            if self._left:
                break
            self._left = None
        return b"".join(out)

    def _reads_size(self) -> bool:
        """Whether the next chunk's size is there; the line break behind a chunk is passed over."""
        line, found, rest = self._rest.partition(b"\r\n")
        while found and not line:
            line, found, rest = rest.partition(b"\r\n")
        if not found:
            return False
        self._left = int(line.partition(b";")[0], 16)
        self._rest = rest
        self.is_ended = self._left == 0
        return not self.is_ended
