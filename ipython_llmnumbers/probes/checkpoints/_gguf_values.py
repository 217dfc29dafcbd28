"""The values in the header of a `.gguf` file: numbers, texts and lists, within limits of time and memory."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import CatalogError
from ...files.reading import file_size_bytes
from ...messages import say

# What is longer is a vocabulary or a whole tokenizer.json, which say nothing of memory.
_KEPT_BYTES, _KEPT_NUMBERS = 1 << 20, 4_096
_MOST_KEPT_BYTES = 64 << 20
# Steps of walking through all lists: one an item, and one for each so many bytes of a text. The largest
# vocabularies have a million texts with their merges, of ten bytes.
_MOST_STEPS, _STEP_BYTES = 4_000_000, 64
_LEAST_CHUNK_BYTES, _MOST_CHUNK_BYTES = 4_096, 1 << 20
_NUMBERS = {
    0: "<B",
    1: "<b",
    2: "<H",
    3: "<h",
    4: "<I",
    5: "<i",
    6: "<f",
    7: "<?",
    10: "<Q",
    11: "<q",
    12: "<d",
}
_STRING, _ARRAY = 8, 9
_LENGTH = struct.Struct("<Q")


class GgufValues:
    """Reads one value after the other; what is wrong is a `CatalogError` or a `struct.error`."""

    def __init__(self, file: BinaryIO, path: Path) -> None:
        self.file, self.path, self.size = file, path, file_size_bytes(file)
        self.n_steps = self.kept_bytes = 0

    def value(self, kind: int) -> Any:
        if kind == _STRING:
            return self.text(None)
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind != _ARRAY:
            raise self.broken(say("a value is of a type that is not known"))
        return self.items()

    def items(self) -> list[Any] | range:
        inner, count = self.number("<I"), self.number("<Q")
        if inner != _STRING and inner not in _NUMBERS:
            raise self.broken(say("a list holds something else than numbers or texts"))
        form = _NUMBERS.get(inner, "<Q")  # of a text, its length is there at least
        if count > self.left() // struct.calcsize(form):
            raise self.broken(say("a list is longer than the file"))
        if inner == _STRING:
            self.skip_texts(count)
        elif count <= _KEPT_NUMBERS:
            return self.numbers(form, count)
        else:
            self.file.seek(count * struct.calcsize(form), 1)
        return range(count)

    def skip_texts(self, count: int) -> None:
        """Walk through a vocabulary by the lengths of its texts, many at once where they are short."""
        size = _LEAST_CHUNK_BYTES
        while count:
            start, before = self.file.tell(), count
            chunk, place = self.file.read(size), 0
            last = len(chunk) - _LENGTH.size
            while count and place <= last:
                place += _LENGTH.size + _LENGTH.unpack_from(chunk, place)[0]
                count -= 1
            if not place:
                raise self.broken(say("it ends within"))
            if start + place > self.size:
                raise self.broken(say("a text is longer than the file"))
            self.walk(before - count + place // _STEP_BYTES)
            self.file.seek(start + place)
            size = min(2 * size, _MOST_CHUNK_BYTES) if place < 2 * size else _LEAST_CHUNK_BYTES

    def walk(self, n_steps: int) -> None:
        self.n_steps += n_steps
        if self.n_steps > _MOST_STEPS:
            raise self.broken(say("its lists are longer than any vocabulary"))

    def numbers(self, form: str, count: int) -> list[Any]:
        self.walk(count)
        data = self.file.read(count * struct.calcsize(form))
        return list(struct.unpack(f"<{count}{form[1]}", data))

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.file.read(struct.calcsize(form)))[0]

    def text(self, most: int | None) -> str:
        """A text; one of a value, for which there is no `most`, is left out where it is long."""
        length = self.number("<Q")
        if length > self.left():
            raise self.broken(say("a text is longer than the file"))
        if most is None and length > _KEPT_BYTES:
            self.file.seek(length, 1)
            return ""
        if length > (most or _KEPT_BYTES):
            raise self.broken(say("a name of {n:,} bytes, longer than {most:,}", n=length, most=most))
        self.kept_bytes += length
        if self.kept_bytes > _MOST_KEPT_BYTES:
            raise self.broken(say("its texts are longer than those of any model"))
        data = self.file.read(length)
        if len(data) < length:
            raise self.broken(say("it ends within"))
        return data.decode("utf-8", "replace")

    def left(self) -> int:
        return self.size - self.file.tell()

    def broken(self, problem: str) -> CatalogError:
        return CatalogError(
            "{path}: its header is broken ({problem}); download it again", path=self.path, problem=problem
        )
