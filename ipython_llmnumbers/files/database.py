"""SQLite files of ours: opened only where one of ours stands, or nothing yet.

A file tells who wrote it in its first hundred bytes (sqlite.org, database file format, 1.3: the user version
stands at byte 60, the application id at 68). They are read before SQLite opens the file: it would take an
unknown file for a damaged one, and recover what another program is about to.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from ..errors import FileError
from ..records import dataclass
from .reading import file_size_bytes, is_folder, is_there, open_file

_MAGIC = b"SQLite format 3\x00"
_HEAD_BYTES = 100
# How long a kernel waits for another that writes, in seconds.
_WAIT_S = 5.0


@dataclass(frozen=True, slots=True)
class DatabaseFormat:
    """What tells a database of ours. `version` is that of its tables, which the statements `tables` make."""

    application_id: int
    version: int
    tables: tuple[str, ...]


@contextmanager
def open_database(path: Path, form: DatabaseFormat) -> Iterator[sqlite3.Connection]:
    """A connection to a database of that format, which is made where nothing stands; it is closed behind.

    It is in WAL mode, so that several processes may write, and one that is killed leaves what it committed.

    Raises:
        FileError: a file of another program or version, or the system or SQLite refuses.
    """
    is_new = not is_there(path) or _is_empty(path, form)
    try:
        with closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as connection:
            if is_new:
                _make(connection, form)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection
    except sqlite3.Error as error:
        if is_new and not is_folder(path.parent):
            raise FileError("{path}: its folder is not there; make it, or name another", path=path) from None
        raise FileError(
            "{path} cannot be used ({reason}); mend that, or name another file",
            path=path,
            reason=str(error),
        ) from None


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All that is done inside, or nothing: also after a crash, and beside another process that writes."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def _is_empty(path: Path, form: DatabaseFormat) -> bool:
    """Whether there is nothing in it yet.

    Raises:
        FileError: it is not ours, or of another version.
    """
    with open_file(path) as file:
        if not file_size_bytes(file):
            return True
        head = file.read(_HEAD_BYTES)
    version, application_id = (int.from_bytes(head[at : at + 4]) for at in (60, 68))
    if not head.startswith(_MAGIC) or application_id != form.application_id:
        raise FileError(
            "{path} is there already, and is no ledger of this extension; name another file", path=path
        )
    if version != form.version:
        raise FileError(
            "{path} is of version {other}, and this extension reads version {version};"
            " use the extension that wrote it, or name another file",
            path=path,
            other=version,
            version=form.version,
        )
    return False


def _make(connection: sqlite3.Connection, form: DatabaseFormat) -> None:
    """Make the tables, unless another process has meanwhile; all or none of them, also after a crash."""
    with transaction(connection):
        (found,) = connection.execute("PRAGMA application_id").fetchone()
        if found == form.application_id:
            return
        for statement in form.tables:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {form.application_id}")
        connection.execute(f"PRAGMA user_version = {form.version}")
