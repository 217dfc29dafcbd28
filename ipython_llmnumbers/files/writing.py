"""Write the user's files: at every moment a file is the old one, whole, or the new one, whole."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

from ..errors import FileError, LaterError
from ..messages import say
from .reading import file_size_bytes, is_file, open_file

_MOST_OURS_BYTES = 100_000_000

_may_write: ContextVar[bool] = ContextVar("llmnumbers_may_write", default=True)


@contextlib.contextmanager
def writing_nothing() -> Iterator[None]:
    """Write no file for a while, whatever is asked for: a cell that is being typed has no effect."""
    token = _may_write.set(False)
    try:
        yield
    finally:
        _may_write.reset(token)


def write_text(
    path: Path,
    text: str,
    *,
    is_ours: Callable[[bytes], bool],
    overwrite: bool = False,
    mode: int = 0o666,
) -> None:
    """Write a text beside its place and rename it: neither a crash nor a full disk loses the old file.

    Args:
        path: where; its folder must exist.
        text: the whole content, as UTF-8.
        is_ours: told the content of a file that stands there, whether this package wrote it: that one
            is written again.
        overwrite: replace a file that somebody else wrote as well. Never a link, a folder or a device.
        mode: who may read and write a new file, less the umask.

    Raises:
        FileError: the text cannot be encoded, something else stands there, or the system refuses.
        LaterError: nothing is written now (`writing_nothing`).
    """
    _check_time(path)
    try:
        content = text.encode("utf-8")
    except UnicodeEncodeError as error:
        reason = say("character {n:,} is a lone surrogate, which no UTF-8 file holds", n=error.start + 1)
        raise _unwritable(path, reason) from None
    try:
        _check_place(path, is_ours, overwrite=overwrite)
        _replace(path, content, mode)
    except OSError as error:
        raise _unwritable(path, error.strerror or str(error)) from None


def make_folder(path: Path) -> None:
    """A folder to write into, with those that it lies in; one that is there stays as it is.

    Raises:
        FileError: something else stands there, or the system refuses.
        LaterError: nothing is written now (`writing_nothing`).
    """
    _check_time(path)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise FileError("{path} is there already, and is no folder; name another", path=path) from None
    except OSError as error:
        raise FileError(
            "{path} cannot be made ({reason}); name another folder",
            path=path,
            reason=error.strerror or str(error),
        ) from None


def _check_time(path: Path) -> None:
    if not _may_write.get():
        raise LaterError("{path} is written when the cell runs", path=path)


def _check_place(path: Path, is_ours: Callable[[bytes], bool], *, overwrite: bool) -> None:
    try:
        mode = os.lstat(path).st_mode
    except FileNotFoundError:
        return
    if stat.S_ISLNK(mode):
        raise _unwritable(path, say("it is a link to another file"))
    if stat.S_ISDIR(mode):
        raise _unwritable(path, say("it is a folder"))
    if not stat.S_ISREG(mode):
        raise _unwritable(path, say("it is not a regular file"))
    if not overwrite and not _is_ours(path, is_ours):
        raise FileError(
            "{path} is there already, and was not written by this extension; name another file, or give"
            " {option:overwrite=True}",
            path=path,
        )


def _is_ours(path: Path, is_ours: Callable[[bytes], bool]) -> bool:
    """An empty file holds nothing to lose; one that is too large to look into is nobody's but the user's."""
    with open_file(path) as file:
        size = file_size_bytes(file)
        return size == 0 or (size <= _MOST_OURS_BYTES and is_ours(file.read(size)))


def _replace(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_name(f".{path.name[:50]}.{os.urandom(8).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    descriptor = os.open(temporary, flags, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if is_file(path):
            temporary.chmod(stat.S_IMODE(path.stat().st_mode))
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """The rename itself survives a power cut once its folder is on the disk; Windows opens no folder."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _unwritable(path: Path, reason: str) -> FileError:
    return FileError("{path} cannot be written ({reason}); name another file", path=path, reason=reason)
