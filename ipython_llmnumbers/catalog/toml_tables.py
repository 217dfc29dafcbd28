"""Read the tables beside this file: of TOML, of JSON, of lines; and turn a row's source into a `Source`.

A table states its sources once, under `[sources.KEY]` with `name`, `url` and
`checked`, and each row names one by `source = "KEY"`. A source whose name is said to
people in their language has it as `title`.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ..figures import Source
from ..messages import say

# The fields of a row that are said to people, in their language.
_SAID = {"title", "headline", "question", "remark", "wording", "assumption", "reason", "note"}


@cache
def read_table(filename: str) -> dict[str, Any]:
    """The packaged table of that name, parsed once a session; what it says to people are messages."""
    table = tomllib.loads(files(__package__).joinpath(filename).read_text(encoding="utf-8"))
    _make_messages(table)
    return table


@cache
def read_json_table(filename: str) -> dict[str, Any]:
    """The packaged extract of somebody else's table, parsed once a session; it says nothing to people."""
    table: dict[str, Any] = json.loads(files(__package__).joinpath(filename).read_text(encoding="utf-8"))
    return table


def read_lines(filename: str) -> list[str]:
    """The lines of a packaged list that is too long for TOML."""
    return files(__package__).joinpath(filename).read_text(encoding="utf-8").splitlines()


def _make_messages(row: dict[str, Any]) -> None:
    for name, value in row.items():
        rows = value if isinstance(value, list) else [value]
        for each in rows:
            if isinstance(each, dict):
                _make_messages(each)
        if name in _SAID and isinstance(value, str):
            row[name] = say(value)


def source_of(table: Mapping[str, Any], row: Mapping[str, Any]) -> Source:
    """The source that a row names; KeyError where the table lacks it, which a test forbids."""
    entry = table["sources"][row["source"]]
    return Source(entry.get("title") or entry["name"], entry.get("url"), entry["checked"])
