"""Files by their names, patterns and addresses: on this machine, or wherever fsspec reaches.

An address such as `s3://bucket/part-*.jsonl` is opened by fsspec, and only where the user named one.
"""

from __future__ import annotations

import glob
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlsplit

from ..errors import FileError, UsageError
from ..messages import shorten
from .reading import file_size_bytes, is_folder, open_file, user_path

_SCHEME = "://"


def is_address(place: str) -> bool:
    """Whether a place is an address for fsspec, and no file of this machine's."""
    return _SCHEME in place


def places(pattern: str) -> list[str]:
    """The files that a name, a glob pattern, a folder or an address means, sorted.

    Raises:
        FileError: there is none.
    """
    found = _addresses(pattern) if is_address(pattern) else _paths(pattern)
    if not found:
        raise FileError("{path}: no such file, and no file matches", path=shorten(pattern))
    return found


def shown_place(place: str) -> str:
    """A place without what an address may hold of keys: user, password and query."""
    if not is_address(place):
        return place
    parts = urlsplit(place)
    return f"{parts.scheme}{_SCHEME}{parts.netloc.rpartition('@')[2]}{parts.path}"


@contextmanager
def open_place(place: str) -> Iterator[tuple[BinaryIO, int]]:
    """A file to read, and its size in bytes now.

    Raises:
        FileError: as `open_file`; or the address cannot be opened.
    """
    if not is_address(place):
        with open_file(Path(place)) as file:
            yield file, file_size_bytes(file)
        return
    system, path = _system(place)
    try:
        size = int(system.info(path)["size"] or 0)
        remote = system.open(path, "rb")
    except Exception as error:  # each of fsspec's systems has errors of its own, whose text may hold a key
        raise FileError(
            "{path}: cannot be opened ({kind})", path=shown_place(place), kind=type(error).__name__
        ) from None
    with remote as file:
        yield file, size


def _paths(pattern: str) -> list[str]:
    path = user_path(pattern)
    if is_folder(path):
        path = path / "**" / "*"
    elif path.exists():
        return [str(path)]  # a name may hold what a pattern means
    # Unlike `Path.glob`, it takes an absolute pattern, and leaves hidden files out as a shell does.
    found = glob.iglob(str(path), recursive=True)  # noqa: PTH207
    return sorted(each for each in found if not is_folder(Path(each)))


def _addresses(pattern: str) -> list[str]:
    system, path = _system(pattern)
    if not glob.has_magic(path):
        return [pattern]
    try:
        found = system.glob(path)
    except Exception as error:
        raise FileError(
            "{path}: cannot be listed ({kind})", path=shown_place(pattern), kind=type(error).__name__
        ) from None
    return sorted(system.unstrip_protocol(each) for each in found)


def _system(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise UsageError(
            "{path}: an address needs fsspec: pip install 'ipython-llmnumbers[corpus]'",
            path=shown_place(address),
        ) from None
    try:
        system, path = url_to_fs(address)
    except Exception as error:  # an unknown protocol, or one whose package is not installed
        reason = str(error) if isinstance(error, ImportError | ValueError) else type(error).__name__
        raise FileError("{path}: {reason}", path=shown_place(address), reason=shorten(reason)) from None
    return system, str(path)


def modified_ns(place: str) -> int:
    """When a file was last written, in nanoseconds; 0 where only its address is known."""
    try:
        return 0 if is_address(place) else Path(place).stat().st_mtime_ns
    except OSError:
        return 0
