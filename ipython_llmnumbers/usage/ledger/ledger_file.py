"""The ledger in a SQLite file: what several kernels append, and all of them read."""

from __future__ import annotations

import types
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import attrgetter
from pathlib import Path
from typing import Any, get_args, get_type_hints

from ...errors import FileError
from ...estimates.ledger.entry import Entry
from ...files.database import DatabaseFormat, open_database, transaction

# The SQLite type of a field, what writes it and what reads it, by its Python type. Money is its text: SQLite
# has no decimals.
_KINDS: dict[type, tuple[str, Callable[[Any], Any], Callable[[Any], Any]]] = {
    str: ("TEXT", str, str),
    int: ("INTEGER", int, int),
    float: ("REAL", float, float),
    Decimal: ("TEXT", lambda usd: format(usd, "f"), Decimal),
    datetime: ("TEXT", lambda at: at.astimezone(UTC).isoformat(), datetime.fromisoformat),
}


def _plain_type(hint: Any) -> type:
    """The type of a field's value where there is one; a word out of several is a text."""
    found = get_args(hint)[0] if isinstance(hint, types.UnionType) else hint
    return found if isinstance(found, type) else str


_COLUMNS = {each.name: _KINDS[_plain_type(get_type_hints(Entry)[each.name])] for each in fields(Entry)}
_FIELDS = attrgetter(*_COLUMNS)
_NAMES = ", ".join(_COLUMNS)
_TYPED_NAMES = ", ".join(f"{name} {kind}" for name, (kind, _, _) in _COLUMNS.items())
_FORMAT = DatabaseFormat(
    application_id=int.from_bytes(b"LLMN"),
    version=1,
    tables=(
        f"CREATE TABLE entries (id INTEGER PRIMARY KEY, {_TYPED_NAMES})",
        "CREATE INDEX entries_by_template ON entries (template) WHERE template IS NOT NULL",
    ),
)
_INSERT = f"INSERT INTO entries ({_NAMES}) VALUES ({', '.join('?' * len(_COLUMNS))})"


class LedgerFile:
    """A file of entries; it is opened for each use alone, so that no kernel keeps it from another.

    Raises:
        FileError: from each method: no file of ours, or the system refuses.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def check(self) -> None:
        """Make it, or see that it can be used."""
        with open_database(self.path, _FORMAT):
            pass

    def append(self, entries: Sequence[Entry]) -> None:
        """Write all of them, or none."""
        rows = list(map(_row, entries))
        with open_database(self.path, _FORMAT) as connection, transaction(connection):
            connection.executemany(_INSERT, rows)

    def entries(self) -> list[Entry]:
        """All of them, in the order of their time."""
        return self._read(f"SELECT {_NAMES} FROM entries ORDER BY at, id")

    def calls_of(self, template: str, most: int) -> list[Entry]:
        """The last calls of a template, the newest first."""
        which = "WHERE template = ? AND kind = 'call' ORDER BY at DESC, id DESC LIMIT ?"
        return self._read(f"SELECT {_NAMES} FROM entries {which}", template, most)

    def _read(self, query: str, *values: object) -> list[Entry]:
        with open_database(self.path, _FORMAT) as connection:
            rows = connection.execute(query, values).fetchall()
        try:
            return [_entry(row) for row in rows]
        except (TypeError, ValueError, InvalidOperation):
            raise FileError(
                "{path}: a line of it cannot be read; name another file", path=self.path
            ) from None


def _row(entry: Entry) -> list[Any]:
    values = zip(_FIELDS(entry), _COLUMNS.values(), strict=True)
    return [None if value is None else write(value) for value, (_, write, _) in values]


def _entry(row: Sequence[Any]) -> Entry:
    read: dict[str, Any] = {
        name: None if value is None else reader(value)
        for value, (name, (_, _, reader)) in zip(row, _COLUMNS.items(), strict=True)
    }
    return Entry(**read)
