"""Requests that are written as JSON: over HTTP, in batches, as the body of a call."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ...catalog.api_clients import address_host, arguments
from ...patterns import pattern
from ..evaluate.plain import is_open, keyed
from ..evaluate.texts import Text
from ..evaluate.values import Made, State, Value
from ..prompt import Prompt
from .beside import sent_beside
from .call_site import CallSite, finished, flattened
from .draft import Draft
from .models import UNKNOWN_HOST, at_host

_POSTS = pattern(r"(?:^|\.)(?:requests|httpx|session|client|http|aiohttp)\w*\.(?:post|stream|request)$", re.I)
_API_PATH = pattern(
    r"/(?:chat/completions|completions|responses|messages|embeddings|v\d/chat|api/(?:chat|generate)|converse)\b"
    r"|:(?:streamGenerateContent|generateContent)"
)


def is_post(name: str) -> bool:
    """Whether a call of that dotted name sends something over HTTP."""
    return bool(_POSTS.search(name))


def with_body(
    body: Value,
    call: CallSite,
    state: State,
    *,
    beside: Mapping[str, Value] | None = None,
    processing: str | None = None,
) -> Prompt | None:
    """A request that is written as JSON: its messages, or its text."""
    inner = body.args[0] if isinstance(body, Made) and body.last_name == "dumps" and body.args else body
    entries = keyed(inner, state)
    draft = Draft(state)
    beside = beside or {}
    if entries is None:
        draft.n_unknown += 1
        return finished(draft, "", call, state, named=beside)
    named = {**flattened({str(key): value for key, value in entries.items()}, state), **beside}
    argument = next((entries[key] for key in arguments("body") if entries.get(key) is not None), None)
    if argument is None and not is_open(inner, state):
        return None
    is_text = isinstance(argument, Text) and ("prompt" in entries or "inputText" in entries)
    request: Any = draft.text(argument) if is_text else sent_beside(draft, named)
    if not is_text:
        request["messages"] = draft.messages(argument)
    draft.n_unknown += is_open(inner, state)
    return finished(draft, request, call, state, named=named, processing=processing)


def posted(call: CallSite, state: State) -> list[Prompt] | None:
    """`requests.post(url, json={…})` to an address that takes prompts."""
    address = call.argument(("url", 1 if call.last_name in ("request", "stream") else 0))
    body = call.argument(("json", "data", "content"))
    return sent_to(address.text if isinstance(address, Text) else "", body, call, state)


def sent_to(url: str, body: Value, call: CallSite, state: State) -> list[Prompt] | None:
    """What is sent to an address, empty where it is not known; None where it takes no prompts."""
    entries = keyed(body.args[0] if isinstance(body, Made) and body.args else body, state) or {}
    names_model = isinstance(entries.get("model"), Text) and state.items(entries.get("messages")) is not None
    if not (_API_PATH.search(url) if url else names_model):
        return None
    found = with_body(body, call, state)
    if found is None:
        return None
    host = address_host(url) if url.startswith("http") else UNKNOWN_HOST
    in_url = re.search(r"/models/([\w.\-]+):", url)
    model = found.model or (in_url[1] if in_url else None)
    return [replace(found, model=at_host(host, model) if model else None)]


def batched(call: CallSite, state: State) -> Iterator[Prompt]:
    """Anthropic's batches: each request has its arguments in `params`."""
    requests = state.items(call.keywords["requests"])
    for each in requests.values if requests else ():
        params = (keyed(each, state) or {}).get("params")
        found = with_body(params, call, state, processing="batch") if params is not None else None
        if found is not None:
            yield found


def batch_line(entries: Mapping[Any, Value], state: State) -> Prompt | None:
    """A line of OpenAI's batch file, `{"custom_id": …, "url": "/v1/…", "body": …}`; None of what is none."""
    url = entries.get("url")
    if not {"custom_id", "method", "body"} <= set(entries) or not isinstance(url, Text):
        return None
    if not url.text.startswith("/v"):
        return None
    call = CallSite("batches.create", None, (), {}, False, ast.Call(ast.Name("batches"), [], []))
    return with_body(entries["body"], call, state, processing="batch")
