"""The header of a `.safetensors` file: names, types, shapes and bytes of its tensors, without the data.

Format: https://huggingface.co/docs/safetensors, eight bytes of length, then JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...errors import CatalogError
from .tensors import Tensor

# The format's own limit for a header.
_MOST_HEADER_BYTES = 100_000_000


def read_safetensors(path: Path) -> list[Tensor]:
    """The tensors of one file.

    Raises:
        CatalogError: not such a file, or one that ends before its tensors do.
    """
    size = path.stat().st_size
    with path.open("rb") as file:
        start = file.read(8)
        length = int.from_bytes(start, "little")
        if len(start) < 8 or not 2 <= length <= min(_MOST_HEADER_BYTES, size - 8):
            raise CatalogError("{path}: not a .safetensors file, or cut short", path=path)
        try:
            header = json.loads(file.read(length))
        except ValueError:
            raise CatalogError("{path}: its header is not JSON; download it again", path=path) from None
    tensors = list(_tensors(path, header, size - 8 - length)) if isinstance(header, dict) else []
    if not tensors:
        raise CatalogError("{path}: its header names no tensors", path=path)
    return tensors


def _tensors(path: Path, header: dict[str, Any], data_bytes: int) -> Iterator[Tensor]:
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        try:
            shape = tuple(int(size) for size in entry["shape"])
            begin, end = (int(offset) for offset in entry["data_offsets"])
            kind = str(entry["dtype"])
        except (KeyError, TypeError, ValueError):
            raise _broken(path) from None
        if not 0 <= begin <= end or len(shape) > 8 or any(size < 0 for size in shape):
            raise _broken(path)
        if end > data_bytes:
            raise CatalogError(
                "{path}: cut short, {n:,} bytes are missing; download it again", path=path, n=end - data_bytes
            )
        yield Tensor(name, shape, kind.casefold(), end - begin)


def _broken(path: Path) -> CatalogError:
    return CatalogError("{path}: its header is broken; download it again", path=path)
