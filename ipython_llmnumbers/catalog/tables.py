"""Read the TOML tables beside this file, and turn a row's source into a `Source`.

A table states its sources once, under `[sources.KEY]` with `name`, `url` and
`checked`, and each row names one by `source = "KEY"`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from ..figures import Source


@cache
def read_table(filename: str) -> dict[str, Any]:
    """The packaged table of that name, parsed once a session."""
    return tomllib.loads(files(__package__).joinpath(filename).read_text(encoding="utf-8"))


def source_of(table: Mapping[str, Any], row: Mapping[str, Any]) -> Source:
    """The source that a row names; KeyError where the table lacks it, which a test forbids."""
    entry = table["sources"][row["source"]]
    return Source(entry["name"], entry.get("url"), entry["checked"])
