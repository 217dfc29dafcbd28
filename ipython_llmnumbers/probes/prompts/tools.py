"""The tools of a request, in the shapes of OpenAI, Anthropic, Google, Mistral and Bedrock."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ...errors import UsageError
from ...records import dataclass


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. `built_in` is the type of a tool of the provider's own, such as `web_search`, else empty."""

    name: str
    description: str
    schema: Mapping[str, Any]
    declaration: Mapping[str, Any]
    built_in: str = ""


@dataclass(frozen=True, slots=True)
class ToolChoice:
    """Whether a tool must be called, must not be, and the name of the one that must."""

    is_forced: bool = False
    is_none: bool = False
    name: str = ""


def tools_in(request: Mapping[str, Any]) -> Iterator[Tool]:
    """The tools that a request declares.

    Raises:
        UsageError: they are no list of objects.
    """
    config = request.get("toolConfig", request.get("tool_config"))
    listed = request.get("tools") or (config.get("tools") if isinstance(config, Mapping) else None) or ()
    listed = request.get("functions") or listed  # OpenAI's name for them until November 2023
    is_list = isinstance(listed, Sequence) and not isinstance(listed, str)
    if not is_list or not all(isinstance(each, Mapping) for each in listed):
        raise UsageError("tools are a list of objects, each with a name and a schema")
    for each in listed:
        yield from _declared(each)


def choice_in(request: Mapping[str, Any]) -> ToolChoice:
    """Whether the model may, must or must not call a tool, in any provider's words."""
    choice = request.get("tool_choice", request.get("function_call"))
    config = request.get("toolConfig", request.get("tool_config"))
    if isinstance(config, Mapping):
        calling = config.get("function_calling_config", config.get("functionCallingConfig"))
        choice = config.get("toolChoice", calling.get("mode") if isinstance(calling, Mapping) else None)
    name = ""
    if isinstance(choice, Mapping):
        named = next(
            (each for each in choice.values() if isinstance(each, Mapping) and each.get("name")), choice
        )
        name = str(named.get("name") or "")
        kind = choice.get("type")
        choice = kind if isinstance(kind, str) else next(iter(choice), "")  # Bedrock: {"any": {}}
    word = choice.casefold() if isinstance(choice, str) else ""
    return ToolChoice(bool(name) or word in ("any", "required", "tool"), word == "none", name)


def _declared(tool: Mapping[str, Any]) -> Iterator[Tool]:
    """Each tool by itself: Google lists several in one object, OpenAI and Bedrock wrap each."""
    several = tool.get("function_declarations", tool.get("functionDeclarations"))
    if isinstance(several, Sequence) and not isinstance(several, str):
        yield from (_tool(each) for each in several if isinstance(each, Mapping))
    else:
        inner = tool.get("function", tool.get("toolSpec"))
        yield _tool(inner) if isinstance(inner, Mapping) else _tool(tool)


def _tool(tool: Mapping[str, Any]) -> Tool:
    keys = ("parameters", "input_schema", "inputSchema", "parameters_json_schema", "parametersJsonSchema")
    schema = next((tool[key] for key in keys if isinstance(tool.get(key), Mapping)), None)
    if schema is not None and isinstance(schema.get("json"), Mapping):
        schema = schema["json"]  # Bedrock
    kind = tool.get("type")
    built_in = ""
    if schema is None and not (tool.get("name") and kind in (None, "function", "custom")):
        built_in = str(kind if isinstance(kind, str) else next(iter(tool), ""))
    name, description = (str(tool.get(key) or "") for key in ("name", "description"))
    return Tool(name, description, schema or {}, tool, built_in)
