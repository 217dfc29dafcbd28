"""The header of a `.safetensors` file: names, types, shapes and bytes of its tensors, without the data.

Format: https://huggingface.co/docs/safetensors, eight bytes of length, then JSON. What its own library
refuses is refused here (`SafeTensors::deserialize` and `Metadata::validate` in safetensors/src/tensor.rs),
so that a file with an answer is one that loads; a test holds the two beside each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from ...errors import CatalogError
from ...files.formats import FormatError, parse_json
from ...files.reading import file_size_bytes, open_file
from ...messages import say, shorten
from ._mistaken import not_the_weights
from .tensors import Tensor

# The format's own limit for a header, and what real ones stay far below: a model in one file has some
# thousand tensors, and the longest of the metadata are the notes of a LoRA's training.
_MOST_HEADER_BYTES = 100_000_000
_MOST_MARKS = 10_000_000
_MOST_DIMENSIONS = 8
# `Dtype::bitsize`; four and six bits are packed.
_BITS = {
    "F4": 4,
    **dict.fromkeys(("F6_E2M3", "F6_E3M2"), 6),
    **dict.fromkeys(("BOOL", "U8", "I8"), 8),
    **dict.fromkeys(("F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}


def read_safetensors(path: Path) -> list[Tensor]:
    """The tensors of one file.

    Raises:
        CatalogError: not such a file, one that its library would refuse, or one that is cut short.
        FileError: it cannot be read.
    """
    with open_file(path) as file:
        header, data_bytes = _header(path, file)
    tensors, end = [], 0
    # The data has no holes: a tensor begins where the one before it ends.
    for begin, tensor in sorted(_tensors(path, header), key=lambda each: (each[0], each[1].bytes)):
        if begin != end:
            raise _broken(path, tensor.name, say("its data does not begin where the data before it ends"))
        end += tensor.bytes
        tensors.append(tensor)
    if not tensors:
        raise CatalogError("{path}: its header names no tensors", path=path)
    if end > data_bytes:
        raise CatalogError(
            "{path}: cut short, {n:,} bytes are missing; download it again", path=path, n=end - data_bytes
        )
    if end < data_bytes:
        raise CatalogError(
            "{path}: {n:,} bytes behind its last tensor belong to none; download it again",
            path=path,
            n=data_bytes - end,
        )
    return tensors


def _header(path: Path, file: BinaryIO) -> tuple[dict[str, Any], int]:
    """The header, and how many bytes of data are behind it."""
    start, size = file.read(8), file_size_bytes(file)
    length = int.from_bytes(start, "little")
    if len(start) < 8 or not 2 <= length <= min(_MOST_HEADER_BYTES, size - 8):
        raise not_the_weights(path, start + file.read(200), ".safetensors")
    content = file.read(length)
    if sum(map(content.count, (b",", b"[", b"{"))) > _MOST_MARKS:
        raise _unusable(path, say("longer than that of any model"))
    if not content.lstrip(b" \t\r\n").startswith(b"{"):
        raise not_the_weights(path, start + content[:200], ".safetensors")
    try:
        header: dict[str, Any] = parse_json(content, unique_keys=True)
    except FormatError as error:
        raise _unusable(path, error.problem) from None
    notes = header.pop("__metadata__", None)
    notes = {} if notes is None else notes
    if not isinstance(notes, dict) or not all(isinstance(each, str) for each in notes.values()):
        raise _unusable(path, say("__metadata__ holds something else than texts"))
    return header, size - 8 - length


def _tensors(path: Path, header: dict[str, Any]) -> Iterator[tuple[int, Tensor]]:
    """Each tensor with where its data begins."""
    for name, given in header.items():
        entry = given if isinstance(given, dict) else {}
        kind, shape, offsets = (entry.get(key) for key in ("dtype", "shape", "data_offsets"))
        if not isinstance(kind, str) or kind not in _BITS:
            raise _broken(path, name, say("a type that is not known"))
        if not _are_whole(shape) or len(shape) > _MOST_DIMENSIONS:
            raise _broken(path, name, say("a shape that is no list of sizes"))
        if not _are_whole(offsets) or len(offsets) != 2:
            raise _broken(path, name, say("offsets that are not two whole numbers"))
        begin, end = offsets
        bits = math.prod(shape) * _BITS[kind]
        if bits >= 2**64 or (end - begin) * 8 != bits:
            raise _broken(path, name, say("other bytes than its shape and type need"))
        yield begin, Tensor(name, tuple(shape), kind.casefold(), end - begin)


def _are_whole(value: object) -> TypeGuard[list[int]]:
    """Whether these are whole numbers of 64 bits; JSON writes true, 2.0 and 1e999 as well."""
    return isinstance(value, list) and all(type(each) is int and 0 <= each < 2**64 for each in value)


def _broken(path: Path, name: str, problem: str) -> CatalogError:
    return _unusable(path, say("tensor {name}: {problem}", name=shorten(name), problem=problem))


def _unusable(path: Path, problem: str) -> CatalogError:
    return CatalogError(
        "{path}: its header is broken ({problem}); download it again", path=path, problem=problem
    )
