"""What an answer says beside its tokens, as `api_answers.toml` states it: its pace, its tools, its server."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from ..patterns import matches
from ..records import dataclass
from .api_usage import Place, alternatives, value_at
from .toml_tables import read_table

_TABLE = "api_answers.toml"


@dataclass(frozen=True, slots=True)
class Tool:
    """What is billed beside the tokens: how often a provider's own tool was used, pages, or seconds.

    `rate` is the fee's name in the price table, for a thousand, of sound for an hour, "" where none is known.
    `unit` is what is counted. `has_free` says that
    the first of a day or a month cost nothing, so that nobody but the provider knows what one costs. The rest
    is explained at the head of the table.
    """

    name: str
    unit: str
    rate: str
    has_free: bool
    count: tuple[Place, ...]
    items: tuple[Place, ...]
    type: str | None
    action: str | None
    once: tuple[str, ...]
    always: tuple[str, ...]


def tools_in(event: Mapping[str, Any]) -> Iterator[tuple[int, int]]:
    """How often each tool was used, by the number of its row, as an answer says it or an event of a stream.

    >>> usage = {"server_tool_use": {"web_search_requests": 5, "web_fetch_requests": 1}}
    >>> [(tools()[row].name, n) for row, n in tools_in({"usage": usage})]
    [('web_searches', 5)]
    """
    at = _tools_at()
    for key in at.keys() & event.keys():
        for number in at[key]:
            if (used := _used(tools()[number], event)) > 0:
                yield number, used


@cache
def tools() -> tuple[Tool, ...]:
    """Everything that is billed beside the tokens, in the order of the table."""
    return tuple(
        Tool(
            row["name"],
            row.get("unit", "calls"),
            row.get("rate", ""),
            row.get("has_free", False),
            alternatives(row["count"]) if "count" in row else (),
            alternatives(row["items"]) if "items" in row else (),
            row.get("type"),
            row.get("action"),
            tuple(row.get("once", ())),
            tuple(row.get("always", ())),
        )
        for row in read_table(_TABLE)["tools"]
    )


@cache
def _tools_at() -> Mapping[str, tuple[int, ...]]:
    """The rows that look into an answer under each of its keys: most answers have few of them."""
    keys = {place[0] for tool in tools() for place in (*tool.count, *tool.items)}
    return {
        key: tuple(
            number
            for number, tool in enumerate(tools())
            if any(place[0] == key for place in (*tool.count, *tool.items))
        )
        for key in keys
    }


def tools_of(used: Mapping[int, int], model: str) -> list[tuple[Tool, int]]:
    """What of that is billed to a model, with what it does in each call.

    >>> used = dict(tools_in({"candidates": [{"groundingMetadata": {"webSearchQueries": ["a", "", "b"]}}]}))
    >>> [n for name in ("gemini-2.5-pro", "gemini-3-pro") for _, n in tools_of(used, name)]
    [1, 2]
    """
    billed = {tool.name: (tool, 1) for tool in tools() if _is(model, tool.always)}
    for number, n in used.items():
        tool = tools()[number]
        billed[tool.name] = (tool, 1 if _is(model, tool.once) else n)
    return list(billed.values())


def modes_in(event: Mapping[str, Any]) -> dict[str, str]:
    """The words that an answer has for how it was made: `service_tier`, `speed`, `inference_geo`.

    >>> modes_in({"usage": {"speed": "fast", "inference_geo": "not_available"}})
    {'speed': 'fast', 'inference_geo': 'not_available'}
    """
    found = {}
    for name, place in _modes():
        if place[0] in event:
            word = value_at(place, event)
            if word and isinstance(word, str):
                found[name] = word
    return found


@cache
def _modes() -> tuple[tuple[str, Place], ...]:
    rows = read_table(_TABLE)["modes"]
    return tuple((row["name"], place) for row in rows for place in alternatives(row["places"]))


def mode_context(mode: str, word: str) -> Mapping[str, str] | None:
    """A kind of processing in the words of the price table; None of a word that it does not have.

    >>> mode_context("service_tier", "flex"), mode_context("speed", "standard"), mode_context("speed", "warp")
    ({'service_tier': 'flex'}, {}, None)
    """
    row = next(row for row in read_table(_TABLE)["modes"] if row["name"] == mode)
    if word.casefold() in row["usual"]:
        return {}
    pair = row["contexts"].get(word.casefold())
    return None if pair is None else dict([pair])


def surcharge(mode: str, word: str, model: str) -> Decimal | None:
    """How many times the usual rates a model costs so; None where no row states it.

    >>> surcharge("speed", "fast", "claude-opus-4-6"), surcharge("inference_geo", "us", "claude-sonnet-4-6")
    (Decimal('6'), Decimal('1.1'))
    """
    for row in read_table(_TABLE)["surcharges"]:
        if (row["mode"], row["word"]) == (mode, word.casefold()) and _is(model, row["match"]):
            return Decimal(row["times"])
    return None


def server_in(event: Mapping[str, Any]) -> str:
    """The server of one's own that an answer, or an event of a stream, is of; "" where it may be anybody's.

    >>> server_in({"choices": [{"stop_reason": None}]}), server_in({"system_fingerprint": "fp_44709d6fcb"})
    ('vLLM', '')
    """
    for outer, names in _servers_by_key().items():
        inside = value_at(outer, event) if outer else event
        if isinstance(inside, dict) and (found := names.keys() & inside.keys()):
            return names[min(found)]
    for key, start, name in _servers_by_beginning():
        if key in event and str(event[key]).startswith(start):
            return name
    return ""


@cache
def _servers_by_key() -> Mapping[Place, Mapping[str, str]]:
    """The servers by the keys that only they write, by where those stand."""
    found: dict[Place, dict[str, str]] = {}
    for row in read_table(_TABLE)["servers"]:
        for *outer, key in (each.split(".") for each in row.get("places", ())):
            found.setdefault(tuple(outer), {})[key] = row["name"]
    return found


@cache
def _servers_by_beginning() -> tuple[tuple[str, str, str], ...]:
    rows = read_table(_TABLE)["servers"]
    return tuple((key, start, row["name"]) for row in rows for key, start in row.get("begins", {}).items())


def server_of(headers: Mapping[str, str]) -> str:
    """The server of one's own that names itself in the headers of an answer.

    >>> server_of({"server": "llama.cpp"}), server_of({"server": "uvicorn"})
    ('llama.cpp', '')
    """
    named = headers.get("server")
    return _servers_by_header().get(named, "") if named else ""


def is_gateway(headers: Mapping[str, str]) -> bool:
    """Whether the headers of an answer say that it was asked of another.

    >>> is_gateway({"server": "uvicorn", "x-litellm-call-id": "3a1f"}), is_gateway({"server": "uvicorn"})
    (True, False)
    """
    return any(row["header"] in headers for row in read_table(_TABLE)["gateways"])


@cache
def _servers_by_header() -> Mapping[str, str]:
    return {row["header"]: row["name"] for row in read_table(_TABLE)["servers"] if "header" in row}


def _used(tool: Tool, event: Mapping[str, Any]) -> int:
    stated = _first(tool.count, event)
    if isinstance(stated, int | float) and not isinstance(stated, bool):
        return int(stated)
    items = _first(tool.items, event)
    return sum(_counts(tool, item) for item in items) if isinstance(items, list) else 0


def _counts(tool: Tool, item: Any) -> bool:
    if tool.type is None:
        return bool(item)
    if value_at(("type",), item) != tool.type:
        return False
    # An item of the time before the actions has none, and is a search.
    return tool.action in (None, value_at(("action", "type"), item) or tool.action)


def _first(places: tuple[Place, ...], event: Mapping[str, Any]) -> Any:
    for place in places:
        if place[0] in event and (found := value_at(place, event)) is not None:
            return found
    return None


def _is(model: str, patterns: Iterable[str]) -> bool:
    name = model.casefold().rpartition("/")[2]
    return matches(name, patterns)
