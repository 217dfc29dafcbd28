"""The declaration that Strands Agents makes of a function under its `@tool`.

As strands-agents 1.62.0 makes it (https://github.com/strands-agents/sdk-python, tools/decorator.py, checked
2026-11-28): the part of the docstring on the arguments describes the parameters, the rest the tool.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from typing import Any

from ...patterns import pattern
from .written import NotWrittenOut

_ARGUMENTS = ("args:", "arguments:", "parameters:", "param:", "params:")
# With these a docstring goes on after its arguments.
_AFTER = (
    *("returns:", "return:", "yields:", "yield:", "raises:", "raise:", "except:", "exceptions:", "examples:"),
    *("example:", "note:", "notes:", "see also:", "seealso:", "references:", "ref:"),
)
_OTHER_STYLES = pattern(r"^[^\S\n]*+(?::param\b|@param\b|-{3,}+[^\S\n]*+$)", re.MULTILINE)
_PARAMETER = pattern(r"(?P<name>\w+)(?: *\([^()]*\))?:(?: (?P<said>.*))?")
# Given by Strands itself.
NOT_ASKED_FOR = ("agent",)


def strands_tool(name: str, docstring: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """The declaration of a function with this docstring, and pydantic's schema of its parameters.

    Raises:
        NotWrittenOut: the docstring describes the parameters in a way that is not read here.
    """
    text = inspect.cleandoc(docstring)
    if _OTHER_STYLES.search(text):
        raise NotWrittenOut
    about, arguments = _parted(text)
    said = dict(_described(arguments))
    required = schema.get("required", ())
    properties = {
        key: _cleaned({"description": said.get(key) or f"Parameter {key}", **each}, key in required)
        for key, each in schema["properties"].items()
    }
    return {"name": name, "description": about or name, "parameters": {**schema, "properties": properties}}


def _parted(text: str) -> tuple[str, list[str]]:
    """What a docstring says of the function, and its lines on the arguments."""
    about: list[str] = []
    arguments: list[str] = []
    is_on_arguments = False
    for line in text.split("\n"):
        start = line.strip().lower()
        if start.startswith(_ARGUMENTS):
            is_on_arguments = True
        elif start.startswith(_AFTER) or not is_on_arguments:
            is_on_arguments = False
            about.append(line)
        else:
            arguments.append(line)
    return "\n".join(about).strip(), arguments


def _described(lines: list[str]) -> Iterator[tuple[str, str]]:
    """Each parameter with what the lines say of it; a line that is set in further goes on."""
    name = ""
    said: list[str] = []
    for line in inspect.cleandoc("\n" + "\n".join(lines)).split("\n"):
        begun = _PARAMETER.fullmatch(line)
        if begun:
            yield name, "\n".join(said).strip()
            name, said = begun["name"], [begun["said"] or ""]
        elif name and (line.startswith(" ") or not line):
            said.append(line.strip())
        elif line:
            raise NotWrittenOut
    yield name, "\n".join(said).strip()


def _cleaned(schema: Mapping[str, Any], is_required: bool) -> dict[str, Any]:
    """The schema of a parameter: what may be left out is not said to be null too."""
    found = dict(schema)
    match found.get("anyOf"):
        case [inner, {"type": "null"}] if not is_required:
            del found["anyOf"]
            found |= inner
    return {key: each for key, each in found.items() if key not in ("title", "additionalProperties")}
