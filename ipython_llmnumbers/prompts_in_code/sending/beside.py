"""What stands beside the messages of a request: the system prompt, tools, the shape of the answer."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ...catalog.api_clients import arguments
from ...messages import say
from ..evaluate.plain import Plain, keyed, known
from ..evaluate.values import Class, Items, State, Unknown, Value
from .draft import Draft
from .function_tools import class_schema, tool_of


def sent_beside(draft: Draft, named: Mapping[str, Value]) -> dict[str, Any]:
    """The system prompt, tools and schema of the answer among the arguments of a call."""
    request: dict[str, Any] = {}
    for key in arguments("system"):
        if named.get(key) is not None:
            request.setdefault("system", draft.content(named[key]))
    for key in arguments("tools"):
        if named.get(key) is not None:
            request["tools"] = [*request.get("tools", ()), *_tools(draft, named[key])]
    beside_tools = keyed(named.get("toolConfig"), draft.state) or {}  # Bedrock
    for key in arguments("tool_choice"):
        choice = known(named.get(key, beside_tools.get(key)), draft.state)
        if choice is not None and request.get("tools"):
            request["tool_choice"] = choice
    if named.get("answer_tool") is not None:
        tools = _tools(draft, draft.state.new(Items((named["answer_tool"],))))
        request |= {"tools": [*request.get("tools", ()), *tools], "tool_choice": "required"}
    for key in arguments("answer_schema"):
        request |= _schema(draft, key, named.get(key))
    for key in arguments("earlier"):
        if named.get(key) is not None and not _is_empty(named[key], draft.state):
            draft.lack(say("what {source} adds"), Unknown(ast.Name(key)))
    return request


def _tools(draft: Draft, value: Value) -> list[Any]:
    """The tools that are written out, and the functions of Python that libraries write out."""
    items = draft.state.items(value)
    inner = keyed(value, draft.state)
    if items is None and inner is not None and "tools" in inner:
        return _tools(draft, inner["tools"])
    if items is None:
        draft.lack(say("tools {source}"), value)
        return []
    if items.more:
        draft.lack(say("tools {source}"), value)
    found = []
    for each in items.values:
        plain = Plain(draft.state)
        tool = tool_of(each, plain)
        if plain.n_unknown or not isinstance(tool, Mapping):
            draft.lack(say("tools {source}"), each)
        else:
            found.append(tool)
    return found


def _schema(draft: Draft, key: str, value: Value) -> dict[str, Any]:
    """The shape that the answer must have, where it is written out or a class of the notebook's."""
    plain = known(value, draft.state)
    if isinstance(plain, Mapping):
        return {key: plain}
    if isinstance(value, Class) and key in ("response_format", "text_format"):  # openai-python's `parse`
        schema = class_schema(value, draft.state, is_strict=True)
        if schema is not None:
            held = {
                "type": "json_schema",
                "json_schema": {"name": value.name, "schema": schema, "strict": True},
            }
            return {"response_format": held}
    is_str = isinstance(value, Unknown) and isinstance(value.node, ast.Name) and value.node.id == "str"
    if value is not None and not is_str and not isinstance(plain, str | bool | int):
        draft.lack(say("the schema of the answer, {source}"), Unknown(ast.Name(key)))
    return {}


def _is_empty(value: Value, state: State) -> bool:
    content = state.content(value)
    return isinstance(content, Items) and not content.values and not content.more
