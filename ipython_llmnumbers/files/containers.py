"""Tell packed files and tables by their first bytes, whatever they are called, and unpack what can be."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, BinaryIO, cast

from ..errors import UsageError
from ..patterns import pattern

HEAD_BYTES = 512
"""What `container_of` looks at."""

# Each by its maker's own description of the format, except those that libmagic's `magic/Magdir` tells alike.
_BEGINNINGS: Mapping[bytes, str] = MappingProxyType(
    {
        b"\x1f\x8b": "gzip",
        b"PK\x03\x04": "zip",
        b"BZh": "bzip2",
        b"\xfd7zXZ\x00": "xz",
        b"\x28\xb5\x2f\xfd": "zstd",
        b"7z\xbc\xaf\x27\x1c": "7z",
        b"Rar!\x1a\x07": "rar",
        b"\x04\x22\x4d\x18": "lz4",
        b"PAR1": "parquet",
        b"ARROW1": "arrow",
        b"\xff\xff\xff\xff": "arrow stream",
        b"FEA1": "feather 1",
        b"\x89HDF\r\n\x1a\n": "HDF5",
        b"%PDF-": "PDF",
        b"\x89PNG\r\n": "PNG",
        b"\xff\xd8\xff": "JPEG",
        b"SQLite format 3": "SQLite",
        b"GGUF": "GGUF",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "old Office",
    }
)
# POSIX, pax, "ustar Interchange Format". Most of an archive of texts is text.
_TAR_AT = 257
# RFC 8878, 3.1.2: what pzstd and seekable zstd begin with; LZ4 shares it, and is seldom met.
_SKIPPED_FRAME = pattern(rb"[\x50-\x5f]\x2a\x4d\x18")
PACKED = frozenset({"gzip", "bzip2", "xz", "zstd"})
"""What `unpacked` reads."""


def container_of(head: bytes) -> str:
    r"""What a file holds that is no plain text, by its first bytes; empty where they tell nothing.

    >>> container_of(b"\x1f\x8b\x08"), container_of(b"PAR1"), container_of(b"Parity")
    ('gzip', 'parquet', '')
    """
    if head[_TAR_AT:].startswith(b"ustar"):
        return "tar"
    if _SKIPPED_FRAME.match(head):
        return "zstd"
    return next((kind for begins, kind in _BEGINNINGS.items() if head.startswith(begins)), "")


def unpacked(file: BinaryIO, kind: str) -> BinaryIO:
    """What is packed in a file, as a file to read from its start; `kind` is one of `PACKED`.

    Raises:
        UsageError: zstd, without pyarrow.
    """
    match kind:
        case "gzip":
            return cast(BinaryIO, gzip.GzipFile(fileobj=file))
        case "bzip2":
            return cast(BinaryIO, bz2.BZ2File(file))
        case "xz":
            return cast(BinaryIO, lzma.LZMAFile(file))
        case _:
            stream: Any = arrow().CompressedInputStream(_Open(file), "zstd")
            return io.BufferedReader(stream, 1 << 20)


class _Open(io.RawIOBase):
    """A file that stays open when what reads it is gone: pyarrow closes its own."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)


def arrow() -> Any:
    """pyarrow, which reads Parquet, Arrow and zstd.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import pyarrow
    except ImportError:
        raise UsageError(
            "Parquet, Arrow and zstd need pyarrow: pip install 'ipython-llmnumbers[corpus]'"
        ) from None
    return pyarrow


def is_text(kind: Any) -> bool:
    """Whether a pyarrow type is that of texts."""
    types = arrow().types
    return bool(types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind))


def text_columns(schema: Any) -> list[str]:
    """The columns of a pyarrow schema that hold text: as it is, or in a dictionary of what repeats."""
    is_dictionary = arrow().types.is_dictionary
    return [
        each.name
        for each in schema
        if is_text(each.type.value_type if is_dictionary(each.type) else each.type)
    ]
