"""Functions in TypeScript, the notation in which OpenAI's models read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .tools import Tool

# The descriptions of properties within a property were left out by some models, and are read by others.
_DESCRIBED_LEVELS = 1


def as_typescript(tools: Sequence[Tool], *, all_descriptions: bool = False) -> str:
    """The declarations of functions as the model reads them.

    https://github.com/openai/harmony/blob/main/docs/format.md has the notation. A title, as pydantic writes
    one for a class and each of its fields, is a line of its own, with an empty one behind that of the class:
    82, 78 and 136 tokens, as billed in retkowsky/Azure-OpenAI-demos, "Structured outputs with Azure OpenAI
    GPT-4o 2024-08-06.ipynb", cells 12, 21 and 29.

    Args:
        tools: those of one's own.
        all_descriptions: also those of properties within properties.

    >>> print(as_typescript([Tool("now", "The time.", {}, {})]))
    namespace functions {
    <BLANKLINE>
    // The time.
    type now = () => any;
    <BLANKLINE>
    } // namespace functions
    """
    levels = 10**6 if all_descriptions else _DESCRIBED_LEVELS
    lines = ["namespace functions {", ""]
    for tool in tools:
        lines += [f"// {tool.description}"] if tool.description else []
        if _properties(tool.schema):
            members = _members(tool.schema, 0, levels)
            title = tool.schema.get("title")
            opening = ["(_:", f"// {title}", "//", "{"] if title else ["(_: {"]
            opening[0] = f"type {tool.name} = {opening[0]}"
            lines += [*opening, *members, "}) => any;", ""]
        else:
            lines += [f"type {tool.name} = () => any;", ""]
    return "\n".join([*lines, "} // namespace functions"])


def _properties(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def _members(schema: Mapping[str, Any], depth: int, levels: int) -> Iterator[str]:
    """A line for each property, and one before it with its description."""
    indent, required = "  " * depth, schema.get("required")
    for name, inner in _properties(schema).items():
        part = inner if isinstance(inner, Mapping) else {}
        if part.get("title"):
            yield f"{indent}// {part['title']}"
        if part.get("title") and part.get("description") and depth < levels:
            yield f"{indent}//"
        if part.get("description") and depth < levels:
            yield f"{indent}// {part['description']}"
        mark = "" if isinstance(required, list | tuple) and name in required else "?"
        yield f"{indent}{name}{mark}: {_type(part, depth, levels)},"


def _type(schema: Mapping[str, Any], depth: int, levels: int) -> str:
    choices = schema.get("anyOf")
    if isinstance(choices, list | tuple):
        return " | ".join(_type(each, depth, levels) for each in choices if isinstance(each, Mapping))
    allowed = schema.get("enum")
    if isinstance(allowed, list | tuple):
        return " | ".join(json.dumps(value, ensure_ascii=False, default=str) for value in allowed)
    match schema.get("type"):
        case "object" if _properties(schema):
            return "\n".join(["{", *_members(schema, depth + 1, levels), "  " * depth + "}"])
        case "array":
            items = schema.get("items")
            return f"{_type(items, depth, levels) if isinstance(items, Mapping) else 'any'}[]"
        case "integer" | "number":
            return "number"
        case str() as kind:
            return kind
        case list() | tuple() as kinds:
            return " | ".join(map(str, kinds))
        case _:
            return "any"
