"""What stands beside the messages of a request: the system prompt, tools, the shape of the answer."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ...catalog.api_clients import arguments
from ...messages import say
from ..evaluate.plain import Plain, keyed, known
from ..evaluate.values import Items, State, Unknown, Value
from .draft import Draft

_NO_SCHEMA = ({"type": "text"}, {"type": "json_object"}, {"format": {"type": "text"}})


def sent_beside(draft: Draft, named: Mapping[str, Value]) -> dict[str, Any]:
    """The system prompt, tools and schema of the answer among the arguments of a call."""
    request: dict[str, Any] = {}
    for key in arguments("system"):
        if named.get(key) is not None:
            request.setdefault("system", draft.content(named[key]))
    for key in arguments("tools"):
        if named.get(key) is not None:
            request["tools"] = [*request.get("tools", ()), *_tools(draft, named[key])]
    for key in arguments("tool_choice"):
        choice = known(named.get(key), draft.state)
        if choice is not None and request.get("tools"):
            request["tool_choice"] = choice
    for key in arguments("answer_schema"):
        request |= _schema(draft, key, named.get(key))
    for key in arguments("earlier"):
        if named.get(key) is not None and not _is_empty(named[key], draft.state):
            draft.lack(say("what {source} adds"), Unknown(ast.Name(key)))
    return request


def _tools(draft: Draft, value: Value) -> list[Any]:
    """The tools that are written out; a function of Python or a tool of the server is not."""
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
        tool = _as_declared(plain.of(each))
        if tool is None or plain.n_unknown:
            draft.lack(say("tools {source}"), each)
        else:
            found.append(tool)
    return found


def _schema(draft: Draft, key: str, value: Value) -> dict[str, Any]:
    """The shape that the answer must have. It is sent, and no rule of its tokens is published."""
    plain = known(value, draft.state)
    if value is None or isinstance(plain, str | bool | int) or plain in _NO_SCHEMA:
        return {}
    if isinstance(value, Unknown) and isinstance(value.node, ast.Name) and value.node.id == "str":
        return {}
    if isinstance(plain, dict) and key == "text" and "format" not in plain:
        return {}
    draft.lack(say("the schema of the answer, {source}"), Unknown(ast.Name(key)))
    return {} if plain is None else {key: plain}


def _is_empty(value: Value, state: State) -> bool:
    content = state.content(value)
    return isinstance(content, Items) and not content.values and not content.more


def _as_declared(tool: Any) -> Mapping[str, Any] | None:
    """A tool with its name and schema, as prompts are read; None of one that only its server knows."""
    if not isinstance(tool, Mapping):
        return None
    spec = tool.get("toolSpec")
    if isinstance(spec, Mapping):
        schema = spec.get("inputSchema", {})
        return {**spec, "inputSchema": schema.get("json", schema) if isinstance(schema, Mapping) else schema}
    function = tool.get("function", tool)
    is_named = isinstance(function, Mapping) and isinstance(function.get("name"), str)
    is_google = "function_declarations" in tool or "functionDeclarations" in tool
    is_own = tool.get("type", "function") in ("function", "custom")
    return tool if is_google or (is_named and is_own) else None
