"""Read the user's files: regular ones alone, opened once, never more than was agreed.

A name may be too long, a folder, a pipe that nobody writes to, or a device without an end, and a
file may grow while it is read. Each of these is one line for the user.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import BinaryIO

from ..errors import FileError, LaterError
from ..messages import say, shorten

# As long as a path may be (Linux's PATH_MAX); a longer word is no name of a file.
MOST_PATH_CHARS = 4_096
# Control files of the kernel, such as memory.stat, are a page or two.
_MOST_SYSTEM_BYTES = 65_536

# Without O_NONBLOCK, opening a pipe waits for its writer. Windows has neither flag, and needs O_BINARY.
_OPEN_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
)

# Where files may be opened; None is everywhere.
_folders: ContextVar[tuple[str, ...] | None] = ContextVar("llmnumbers_folders", default=None)


@contextmanager
def reading_only_under(folders: Iterable[Path]) -> Iterator[None]:
    """Read no file for a while that is not in these folders, wherever a link leads.

    `user_path` refuses the name of another one before the system is asked about it: on Windows,
    looking at a path such as `\\\\host\\share` sends the user's credentials to that host.
    """
    given = [_plain(each) for each in folders]
    token = _folders.set((*given, *map(os.path.realpath, given)))
    try:
        yield
    finally:
        _folders.reset(token)


def user_path(name: str | os.PathLike[str]) -> Path:
    """The path that a user wrote, with `~` expanded; it need not exist.

    Raises:
        FileError: no file can have this name.

    >>> user_path("models/config.json").name
    'config.json'
    """
    text = os.fspath(name)
    if len(text) > MOST_PATH_CHARS:
        raise _no_name(text, os.strerror(errno.ENAMETOOLONG))
    try:
        os.fsencode(text)
        path = Path(text).expanduser()
        _check_folder(path)
        path.stat()  # the system tells its own limits when it is asked
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        pass
    except UnicodeError:
        raise _no_name(text, say("a lone surrogate")) from None
    except RuntimeError:
        raise _no_name(text, say("no such user's home")) from None
    except (OSError, ValueError) as error:
        raise _no_name(text, _reason(error)) from None
    return path


def is_there(path: Path) -> bool:
    """Whether anything is there, readable or not; no error."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return False
    except OSError:
        return True
    return True


def is_file(path: Path) -> bool:
    """Whether a regular file is there; whatever the system says of the name, no error."""
    return _mode(path, stat.S_ISREG)


def is_folder(path: Path) -> bool:
    """Whether a folder is there; whatever the system says of the name, no error."""
    return _mode(path, stat.S_ISDIR)


def files_in(folder: Path, pattern: str, most: int = 10_000) -> list[Path]:
    """The regular files of a folder whose names match a glob pattern, sorted.

    Raises:
        FileError: the folder cannot be read, or holds more than `most` of them.
    """
    found: list[Path] = []
    try:
        for path in folder.glob(pattern):
            _check_folder(path)
            if is_file(path):
                found.append(path)
            elif path.exists() and not is_folder(path):
                raise _not_regular(path)
            if len(found) > most:
                raise FileError("{path}: more than {n:,} files there", path=folder, n=most)
    except OSError as error:
        raise unreadable(folder, error) from None
    return sorted(found)


def folders_in(folder: Path) -> list[Path]:
    """The folders of a folder, sorted; none where there is nothing to read."""
    try:
        return sorted(each for each in folder.iterdir() if is_folder(each))
    except OSError:
        return []


@contextmanager
def open_file(path: Path, most_bytes: int | None = None) -> Iterator[BinaryIO]:
    """A regular file to read.

    Raises:
        FileError: nothing there, no regular file, larger than `most_bytes`, or it fails while it is read.
    """
    with _opened(path) as file:
        size = file_size_bytes(file)
        if most_bytes is not None and size > most_bytes:
            raise FileError(
                "{path}: {n:,} bytes; such a file has {most:,} at most", path=path, n=size, most=most_bytes
            )
        try:
            yield file
        except OSError as error:
            raise unreadable(path, error) from None


def file_size_bytes(file: BinaryIO) -> int:
    """The size of an open file, whatever now stands under its name."""
    return os.fstat(file.fileno()).st_size


def read_bytes(path: Path, most_bytes: int) -> bytes:
    """The content of a regular file of at most `most_bytes`; what is added meanwhile is not read.

    Raises:
        FileError: as `open_file`.
    """
    with open_file(path, most_bytes) as file:
        return file.read(file_size_bytes(file))


def read_system_text(path: Path) -> str | None:
    """A control file of the system's, which states no size of its own; None where it cannot be read."""
    try:
        descriptor = os.open(path, _OPEN_FLAGS)
        with os.fdopen(descriptor, "rb") as file:
            return (file.read(_MOST_SYSTEM_BYTES) or b"").decode("utf-8", "replace").strip()
    except (OSError, ValueError):
        return None


def read_system_number(path: Path) -> int | None:
    """The number in a control file; None where there is no file, or it says something else such as `max`."""
    text = read_system_text(path) or ""
    return int(text) if text.isdecimal() and len(text) < 20 else None


def unreadable(path: Path, error: Exception) -> FileError:
    """The error of a file that the system does not let us read."""
    return FileError("{path}: cannot be read ({reason})", path=path, reason=_reason(error))


def _mode(path: Path, is_kind: Callable[[int], bool]) -> bool:
    try:
        return not _is_elsewhere(path) and is_kind(path.stat().st_mode)
    except (OSError, ValueError):
        return False


def _check_folder(path: Path) -> None:
    if _is_elsewhere(path):
        raise LaterError("{path} is outside the served folder; it is read when the cell runs", path=path)


def _is_elsewhere(path: Path) -> bool:
    """Whether a path lies outside the folders to read in: by its name, and only then by its links."""
    folders = _folders.get()
    if folders is None:
        return False
    names = (find(path) for find in (_plain, os.path.realpath))
    return not all(any(Path(name).is_relative_to(each) for each in folders) for name in names)


def _plain(path: Path) -> str:
    """An absolute name without `..`, that the system has not been asked about."""
    return os.path.normpath(path.absolute())


def _opened(path: Path) -> BinaryIO:
    try:
        _check_folder(path)
        descriptor = os.open(path, _OPEN_FLAGS)
        try:
            mode = os.fstat(descriptor).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError
            if not stat.S_ISREG(mode) or _lies_about_its_size(descriptor):
                raise _not_regular(path)
            return os.fdopen(descriptor, "rb")
        except BaseException:
            os.close(descriptor)
            raise
    except (FileNotFoundError, NotADirectoryError):
        raise FileError("{path}: no such file", path=path) from None
    except (OSError, ValueError) as error:
        if is_folder(path):  # which Windows refuses to open
            raise FileError("{path} is a folder; name a file", path=path) from None
        raise unreadable(path, error) from None


def _lies_about_its_size(descriptor: int) -> bool:
    """Whether a file says that it is empty and is not, as those of /proc do, some of which never end."""
    if os.fstat(descriptor).st_size:
        return False
    is_empty = os.read(descriptor, 1) == b""
    os.lseek(descriptor, 0, os.SEEK_SET)
    return not is_empty


def _not_regular(path: Path) -> FileError:
    return FileError("{path} is not a regular file; name another", path=path)


def _no_name(text: str, reason: str) -> FileError:
    return FileError("{path} cannot be a file's name ({reason})", path=shorten(text), reason=reason)


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or say("unreadable")
