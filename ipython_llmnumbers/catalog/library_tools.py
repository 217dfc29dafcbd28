"""Tools that come with a library, as it writes them out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from ..records import dataclass
from .toml_tables import read_table


@dataclass(frozen=True, slots=True)
class LibraryTool:
    """What a library sends of a tool; `places` name what the call that makes it is given, by its place."""

    declaration: Mapping[str, Any]
    places: tuple[str, ...] = ()


def library_tool(class_name: str) -> LibraryTool | None:
    """The tool that a class or function of a library makes; None of any other.

    >>> library_tool("WikipediaQueryRun").declaration["name"]
    'wikipedia'
    """
    return _tools().get(class_name)


@cache
def _tools() -> Mapping[str, LibraryTool]:
    found: dict[str, LibraryTool] = {}
    for row in read_table("library_tools.toml")["tools"]:
        said = {key: row[key] for key in ("name", "description", "parameters") if key in row}
        tool = LibraryTool(said, tuple(row.get("places", ())))
        found |= dict.fromkeys(row["classes"], tool)
    return found
