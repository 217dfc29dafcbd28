"""`.gguf` files of which every field can be damaged: a list of fields, each with its bytes."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace

# The number of a type of values, and how `struct` writes one.
NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
STRING, LIST = 8, 9
# Types of tensors: number, block, bytes of a block.
F32, Q8_0, Q4_K, I8 = (0, 1, 4), (8, 32, 34), (12, 256, 144), (24, 1, 1)


@dataclass(frozen=True)
class Key:
    """A key, the number of its type, and the bytes of its value."""

    name: bytes
    kind: int
    value: bytes


@dataclass(frozen=True)
class Tensor:
    """A tensor: its name, the length of a row first in its shape, its type, and where its data begins."""

    name: bytes
    shape: tuple[int, ...]
    kind: tuple[int, int, int] = F32
    offset: int | None = None

    @property
    def n_bytes(self) -> int:
        params = 1
        for size in self.shape:
            params *= size
        return params // self.kind[1] * self.kind[2]


@dataclass(frozen=True)
class File:
    """A whole file. What is None is as it should be."""

    keys: tuple[Key, ...] = ()
    tensors: tuple[Tensor, ...] = ()
    alignment: int = 32
    magic: bytes = b"GGUF"
    version: int = 3
    n_tensors: int | None = None
    n_keys: int | None = None

    def with_tensor(self, **changes: object) -> File:
        """The same file with its last tensor changed."""
        return replace(self, tensors=(*self.tensors[:-1], replace(self.tensors[-1], **changes)))

    def with_key(self, *keys: Key) -> File:
        return replace(self, keys=(*self.keys, *keys))

    def fields(self) -> list[bytes]:
        """The bytes of each field of the header, in order."""
        n_tensors = len(self.tensors) if self.n_tensors is None else self.n_tensors
        n_keys = len(self.keys) if self.n_keys is None else self.n_keys
        found = [self.magic, struct.pack("<I", self.version), struct.pack("<Q", n_tensors)]
        found.append(struct.pack("<Q", n_keys))
        for key in self.keys:
            found += [struct.pack("<Q", len(key.name)), key.name, struct.pack("<I", key.kind), key.value]
        offset = 0
        for tensor in self.tensors:
            place = offset if tensor.offset is None else tensor.offset
            found += [struct.pack("<Q", len(tensor.name)), tensor.name, struct.pack("<I", len(tensor.shape))]
            found += [struct.pack("<Q", size) for size in tensor.shape]
            found += [struct.pack("<I", tensor.kind[0]), struct.pack("<Q", place)]
            offset += padded(tensor.n_bytes, self.alignment)
        return found

    def written(self, fields: Sequence[bytes] | None = None) -> bytes:
        """The file, with zeros for data; `fields` in the place of its own."""
        header = b"".join(self.fields() if fields is None else fields)
        size = sum(padded(tensor.n_bytes, self.alignment) for tensor in self.tensors)
        return header + bytes(padded(len(header), self.alignment) - len(header) + min(size, 1 << 20))


def padded(n_bytes: int, alignment: int) -> int:
    return -(-n_bytes // alignment) * alignment


def text(value: bytes) -> bytes:
    return struct.pack("<Q", len(value)) + value


def number_key(name: bytes, kind: int, value: float) -> Key:
    return Key(name, kind, struct.pack("<" + NUMBERS[kind], value))


def list_of(kind: int, count: int, items: bytes) -> bytes:
    return struct.pack("<IQ", kind, count) + items


def alignment_key(alignment: int, kind: int = 4) -> Key:
    return number_key(b"general.alignment", kind, alignment)
