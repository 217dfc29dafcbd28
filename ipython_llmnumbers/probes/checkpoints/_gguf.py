"""The header of a `.gguf` file: its keys, and the tensors with their types, without the data.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Every length is checked against
what is left of the file before anything is read, so that a hostile header cannot claim memory.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import CatalogError
from .tensors import Tensor

_MOST_KEYS = 100_000
_MOST_TENSORS = 1_000_000
_MOST_KEY_BYTES = 65_536
# Longer lists are vocabularies, which say nothing of memory: only their length is kept.
_KEPT_ITEMS = 4_096
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


@dataclass(slots=True)
class GgufHeader:
    """The keys by name (a long list is its length), and the tensors with the number of their type."""

    keys: dict[str, Any] = field(default_factory=dict)
    tensors: list[Tensor] = field(default_factory=list)


def read_gguf(path: Path, types: Mapping[int, tuple[str, int, int]]) -> GgufHeader:
    """The header of one file; `types` gives each type's name, block and bytes by its number.

    Raises:
        CatalogError: not a GGUF file of version 2 or 3, cut short, or with a type that is not known.
    """
    with path.open("rb") as file:
        reader = _Reader(file, path, path.stat().st_size)
        try:
            return reader.header(types)
        except struct.error:
            raise reader.broken() from None


class _Reader:
    def __init__(self, file: BinaryIO, path: Path, size: int) -> None:
        self.file, self.path, self.size = file, path, size

    def header(self, types: Mapping[int, tuple[str, int, int]]) -> GgufHeader:
        if self.file.read(4) != b"GGUF":
            raise CatalogError("{path}: not a GGUF file", path=self.path)
        version = self.number("<I")
        if version not in {2, 3}:
            raise CatalogError(
                "{path}: GGUF version {version} is not known; 2 and 3 are", path=self.path, version=version
            )
        n_tensors, n_keys = self.number("<Q"), self.number("<Q")
        if n_tensors > _MOST_TENSORS or n_keys > _MOST_KEYS:
            raise self.broken()
        found = GgufHeader()
        for _ in range(n_keys):
            name = self.text(_MOST_KEY_BYTES)
            found.keys[name] = self.value(self.number("<I"))
        for _ in range(n_tensors):
            found.tensors.append(self.tensor(types))
        return found

    def tensor(self, types: Mapping[int, tuple[str, int, int]]) -> Tensor:
        name = self.text(_MOST_KEY_BYTES)
        n_dims = self.number("<I")
        if n_dims > 8:
            raise self.broken()
        # The first dimension is the length of a row.
        shape = tuple(self.number("<Q") for _ in range(n_dims))
        number, _offset = self.number("<I"), self.number("<Q")
        if number not in types:
            raise CatalogError(
                "{path}: tensor {name} has type {number}, which is not known",
                path=self.path,
                name=repr(name[:60]),
                number=number,
            )
        kind, block, block_bytes = types[number]
        tensor = Tensor(name, shape, kind, 0)
        if max(shape, default=0) > 2**40 or tensor.params > 2**50:
            raise self.broken()
        return Tensor(name, shape, kind, tensor.params // block * block_bytes)

    def value(self, kind: int, depth: int = 0) -> Any:
        if kind == _STRING:
            return self.text(self.left())
        if kind in _NUMBERS:
            return self.number(_NUMBERS[kind])
        if kind != _ARRAY or depth > 2:
            raise self.broken()
        inner, count = self.number("<I"), self.number("<Q")
        width = struct.calcsize(_NUMBERS[inner]) if inner in _NUMBERS else 8
        if count > self.left() // width:
            raise self.broken()
        if count <= _KEPT_ITEMS:
            return [self.value(inner, depth + 1) for _ in range(count)]
        if inner in _NUMBERS:
            self.file.seek(count * width, 1)
        else:
            for _ in range(count):
                self.skip(inner, depth)
        return count

    def skip(self, kind: int, depth: int) -> None:
        if kind != _STRING:
            self.value(kind, depth + 1)
            return
        length = self.number("<Q")
        if length > self.left():
            raise self.broken()
        self.file.seek(length, 1)

    def number(self, form: str) -> Any:
        return struct.unpack(form, self.file.read(struct.calcsize(form)))[0]

    def text(self, most: int) -> str:
        length = self.number("<Q")
        if length > min(most, self.left()):
            raise self.broken()
        return self.file.read(length).decode("utf-8", "replace")

    def left(self) -> int:
        return self.size - self.file.tell()

    def broken(self) -> CatalogError:
        return CatalogError("{path}: its header is broken or cut short; download it again", path=self.path)
