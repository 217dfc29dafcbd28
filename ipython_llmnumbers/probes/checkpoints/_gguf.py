"""The header of a `.gguf` file: its keys, and the tensors with their types, without the data.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. What llama.cpp refuses to load is
refused here (`gguf_init_from_file_impl` in ggml/src/gguf.cpp). Every length, count and shape is a claim:
it is checked against what is left of the file, and against what no real file has.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from ...files.reading import open_file
from ...messages import say, shorten
from ...records import dataclass
from ._gguf_values import GgufValues
from ._mistaken import not_the_weights
from .tensors import Tensor

_MOST_KEYS = 100_000
_MOST_TENSORS = 300_000
_MOST_KEY_BYTES = 65_535
_MOST_NAME_BYTES = 63  # GGML_MAX_NAME of ggml.h, without the zero at its end
# GGML_MAX_DIMS of ggml.h; and what no row or model comes near.
_MOST_DIMENSIONS, _MOST_ROW, _MOST_PARAMS = 4, 2**40, 2**50
_MOST_ALIGNMENT = 1 << 20
_DEFAULT_ALIGNMENT = 32  # GGUF_DEFAULT_ALIGNMENT
_ALIGNMENT_KEY, _UINT32 = "general.alignment", 4

GgufTypes = Mapping[int, tuple[str, int, int]]
"""The name, the block and the bytes of a block of each type, by its number."""


@dataclass(slots=True)
class GgufHeader:
    """The keys by name, the tensors, and the bytes of data that are missing.

    A list of texts, or a long one, is the `range` of its places: only its length is known.
    """

    keys: dict[str, Any] = field(default_factory=dict)
    tensors: list[Tensor] = field(default_factory=list)
    missing_bytes: int = 0


def read_gguf(path: Path, types: GgufTypes) -> GgufHeader:
    """The header of one file.

    Raises:
        CatalogError: not a GGUF file of version 2 or 3, cut short, or with something that no engine loads.
        FileError: it cannot be read.
    """
    with open_file(path) as file:
        reader = _Reader(file, path)
        try:
            return reader.header(types)
        except struct.error:
            raise reader.broken(say("it ends within")) from None


class _Reader(GgufValues):
    def header(self, types: GgufTypes) -> GgufHeader:
        magic = self.file.read(4)
        if magic != b"GGUF":
            raise not_the_weights(self.path, magic + self.file.read(200), ".gguf")
        version = self.number("<I")
        if version and not version & 0xFFFF:
            raise self.broken(say("it is big-endian, which no engine here reads"))
        if version not in {2, 3}:
            raise CatalogError(
                "{path}: GGUF version {version} is not known; 2 and 3 are", path=self.path, version=version
            )
        n_tensors, n_keys = self.number("<Q"), self.number("<Q")
        if n_tensors > _MOST_TENSORS or n_keys > _MOST_KEYS:
            raise self.broken(say("it counts more tensors or keys than any model has"))
        found = GgufHeader()
        for _ in range(n_keys):
            self.key(found.keys)
        self.read_tensors(found, n_tensors, types)
        return found

    def key(self, keys: dict[str, Any]) -> None:
        name = self.text(_MOST_KEY_BYTES)
        if not name:
            raise self.broken(say("a key has no name"))
        if name in keys:
            raise self.broken(say("key {name} is there twice", name=shorten(name)))
        kind = self.number("<I")
        if name == _ALIGNMENT_KEY and kind != _UINT32:
            raise self.no_alignment()
        keys[name] = self.value(kind)

    def read_tensors(self, found: GgufHeader, n_tensors: int, types: GgufTypes) -> None:
        alignment = found.keys.get(_ALIGNMENT_KEY, _DEFAULT_ALIGNMENT)
        if not 0 < alignment <= _MOST_ALIGNMENT or alignment & (alignment - 1):
            raise self.no_alignment()
        names: set[str] = set()
        end = 0
        for _ in range(n_tensors):
            tensor, offset = self.tensor(types)
            if tensor.name in names:
                raise self.tensor_broken(tensor.name, say("it is there twice"))
            if offset != end:
                raise self.tensor_broken(tensor.name, say("its data does not follow the data before it"))
            names.add(tensor.name)
            found.tensors.append(tensor)
            end = offset + _padded(tensor.bytes, alignment)
            last_byte = offset + tensor.bytes
        if n_tensors:
            found.missing_bytes = max(0, _padded(self.file.tell(), alignment) + last_byte - self.size)

    def no_alignment(self) -> CatalogError:
        return self.broken(say("general.alignment is no power of two"))

    def tensor(self, types: GgufTypes) -> tuple[Tensor, int]:
        """A tensor, and where its data begins behind the header."""
        name = self.text(_MOST_NAME_BYTES)
        n_dimensions = self.number("<I")
        if n_dimensions > _MOST_DIMENSIONS:
            raise self.tensor_broken(name, say("it has more than four dimensions"))
        # The first dimension is the length of a row.
        shape = tuple(self.number("<Q") for _ in range(n_dimensions))
        number, offset = self.number("<I"), self.number("<Q")
        if number not in types:
            raise CatalogError(
                "{path}: tensor {name} has type {number}, which is not known",
                path=self.path,
                name=shorten(name),
                number=number,
            )
        kind, block, block_bytes = types[number]
        params = Tensor(name, shape, kind, 0).params
        if not all(0 < size <= _MOST_ROW for size in shape) or params > _MOST_PARAMS:
            raise self.tensor_broken(name, say("a shape that no model has"))
        if (shape[0] if shape else 1) % block:
            raise self.tensor_broken(name, say("its rows are not whole blocks of {kind}", kind=kind))
        return Tensor(name, shape, kind, params // block * block_bytes), offset

    def tensor_broken(self, name: str, problem: str) -> CatalogError:
        return self.broken(say("tensor {name}: {problem}", name=shorten(name), problem=problem))


def _padded(n_bytes: int, alignment: int) -> int:
    return -(-n_bytes // alignment) * alignment
