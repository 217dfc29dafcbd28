"""Read the tables beside this file: of TOML, of JSON, of lines; and turn a row's source into a `Source`.

A table states its sources once, under `[sources.KEY]` with `name`, `url` and
`checked`, and each row names one by `source = "KEY"`. A source whose name is said to
people in their language has it as `title`.

TOML is written for those who check it; Python reads JSON in a thirtieth of the time. So the build writes each
table as JSON beside it (`hatch_build.py`), which is taken as long as the TOML is what it was made of.
"""

from __future__ import annotations

import binascii
import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from ..figures import Source
from ..messages import say

FOLDER = Path(__file__).parent
BUILT = ".json"  # behind the name of a table
# The fields of a row that are said to people, in their language.
_SAID = frozenset({"title", "headline", "question", "remark", "wording", "assumption", "reason", "note"})
# A day of TOML in JSON: the only key of an object.
_DAY = "a day of TOML"


@cache
def read_table(filename: str) -> dict[str, Any]:
    """The packaged table of that name, read once a session; what it says to people are messages."""
    toml = _packaged(filename)
    head, _, rows = b"", b"", b""
    with suppress(OSError):
        head, _, rows = _packaged(filename + BUILT).partition(b"\n")
    if head != _stamp(toml):
        _, _, rows = built_table(toml).partition(b"\n")
    table: dict[str, Any] = json.loads(rows, object_hook=_row)
    return table


def built_table(toml: bytes) -> bytes:
    """A table as the build writes it: what it was made of, and a line of JSON."""
    import tomllib

    rows = json.dumps(tomllib.loads(toml.decode()), default=_day, ensure_ascii=False, separators=(",", ":"))
    return _stamp(toml) + b"\n" + rows.encode() + b"\n"


def _stamp(toml: bytes) -> bytes:
    return b"%08x" % binascii.crc32(toml)


def _day(value: Any) -> dict[str, str]:
    if type(value) is not date:
        raise TypeError(f"a table holds {value!r}, which is no day")
    return {_DAY: value.isoformat()}


def _row(row: dict[str, Any]) -> Any:
    if _DAY in row:
        return date.fromisoformat(row[_DAY])
    for name in _SAID.intersection(row):
        if isinstance(row[name], str):
            row[name] = say(row[name])
    return row


@cache
def read_json_table(filename: str) -> dict[str, Any]:
    """The packaged extract of somebody else's table, parsed once a session; it says nothing to people."""
    table: dict[str, Any] = json.loads(_packaged(filename))
    return table


def own_json(line: str) -> Any:
    """What a line says that this package wrote itself; what a stranger may have written is for `files/`."""
    return json.loads(line)


def read_lines(filename: str) -> list[str]:
    """The lines of a packaged list that is too long for TOML."""
    return _packaged(filename).decode().splitlines()


def _packaged(filename: str) -> bytes:
    return FOLDER.joinpath(filename).read_bytes()


def source_of(table: Mapping[str, Any], row: Mapping[str, Any]) -> Source:
    """The source that a row names; KeyError where the table lacks it, which a test forbids."""
    entry = table["sources"][row["source"]]
    return Source(entry.get("title") or entry["name"], entry.get("url"), entry["checked"])
