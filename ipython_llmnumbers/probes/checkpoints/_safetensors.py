"""The header of a `.safetensors` file: names, types, shapes and bytes of its tensors, without the data.

Format: https://huggingface.co/docs/safetensors, eight bytes of length, then JSON. What its own library
refuses is refused here (`SafeTensors::deserialize` and `Metadata::validate` in safetensors/src/tensor.rs),
so that a file with an answer is one that loads; a test holds the two beside each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from ...errors import CatalogError
from ...files.formats import FormatError, compact_json, parse_json
from ...files.reading import file_size_bytes, open_file
from ...messages import say, shorten
from ._mistaken import not_the_weights
from .tensors import Tensor

# The format's own limit for a header.
_MOST_HEADER_BYTES = 100_000_000
# A tensor's entry has about twenty of these, so that 300,000 tensors are read: a model in one file has some
# thousand. Each is something that Python makes, or a step of a pattern.
_MARKS, _MOST_MARKS = (b'"', b"\\", b",", b"[", b"{"), 8_000_000
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
    if sum(map(content.count, _MARKS)) > _MOST_MARKS:
        raise _unusable(path, say("longer than that of any model"))
    if not content.lstrip(b" \t\r\n").startswith(b"{"):
        raise not_the_weights(path, start + content[:200], ".safetensors")
    try:
        header: dict[str, Any] = parse_json(content, unique_keys=True)
    except FormatError as error:
        raise _unusable(path, error.problem) from None
    if (b"\\ud" in content or b"\\uD" in content) and not _is_unicode(header):
        raise _unusable(path, say("a lone surrogate"))
    notes = header.pop("__metadata__", None)
    notes = {} if notes is None else notes
    if not isinstance(notes, dict) or not all(isinstance(each, str) for each in notes.values()):
        raise _unusable(path, say("__metadata__ holds something else than texts"))
    return header, size - 8 - length


def _is_unicode(header: dict[str, Any]) -> bool:
    r"""Whether no text in it has half of a pair: JSON can write one, as \ud800, and UTF-8 cannot."""
    try:
        compact_json(header).encode()
    except UnicodeEncodeError:
        return False
    return True


def _tensors(path: Path, header: dict[str, Any]) -> Iterator[tuple[int, Tensor]]:
    """Each tensor with where its data begins."""
    for name, given in header.items():
        entry = given if isinstance(given, dict) else {}
        kind, shape, offsets = (entry.get(key) for key in ("dtype", "shape", "data_offsets"))
        if not isinstance(kind, str) or kind not in _BITS:
            raise _broken(path, name, say("a type that is not known"))
        count = _n_elements(shape) if isinstance(shape, list) else None
        if count is None:
            raise _broken(path, name, say("a shape that is no list of sizes"))
        if not isinstance(offsets, list) or len(offsets) != 2 or not all(map(_is_whole, offsets)):
            raise _broken(path, name, say("offsets that are not two whole numbers"))
        begin, end = offsets
        bits = count * _BITS[kind]
        if bits >= 2**64 or (end - begin) * 8 != bits:
            raise _broken(path, name, say("other bytes than its shape and type need"))
        yield begin, Tensor(name, tuple(shape or ()), kind.casefold(), end - begin)


def _n_elements(shape: list[Any]) -> int | None:
    """The product of the sizes, or None if one of them is no size.

    It is taken in order, and left as soon as it passes 64 bits: the library refuses such a shape, even if
    a 0 comes after.
    """
    product = 1
    for size in shape:
        if not _is_whole(size):
            return None
        product *= size
        if product >= 2**64:
            break
    return product


def _is_whole(value: object) -> bool:
    """Whether it is a whole number of 64 bits; JSON writes true, 2.0 and -0 as well."""
    return type(value) is int and 0 <= value < 2**64


def _broken(path: Path, name: str, problem: str) -> CatalogError:
    return _unusable(path, say("tensor {name}: {problem}", name=shorten(name), problem=problem))


def _unusable(path: Path, problem: str) -> CatalogError:
    return CatalogError(
        "{path}: its header is broken ({problem}); download it again", path=path, problem=problem
    )
