"""The calls of client libraries that send prompts, whose models a client sells, and a library's own tools."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from ..records import dataclass
from .toml_tables import read_table

_TABLE, _TOOLS = "api_clients.toml", "library_tools.toml"


@dataclass(frozen=True, slots=True)
class SendingCall:
    """A call that sends a prompt, and the arguments that may hold it: keywords, or places.

    `form`, `of` and `model_first` are explained at the head of the table.
    """

    prompt: tuple[str | int, ...]
    form: str
    of: str | None
    model_first: bool


def sending_calls(name: str) -> tuple[SendingCall, ...]:
    """What a call of that dotted name may be: those with the longest end of it first.

    >>> sending_calls("client.chat.completions.create")[0].prompt
    ('messages',)
    >>> sending_calls("subprocess.run")[0].of
    'model'
    """
    parts = name.split(".")
    ends = [".".join(parts[start:]) for start in range(len(parts))]
    if any(end in read_table(_TABLE)["not_by_tokens"]["ends"] for end in ends):
        return ()
    return tuple(call for end in ends for call in _calls().get(end, ()))


def arguments(what: str) -> tuple[str, ...]:
    """How an argument beside the prompt may be named: `model`, `tools`, `max_output`, …"""
    return tuple(read_table(_TABLE)["arguments"][what])


def client_host(class_name: str) -> str | None:
    """Who sells the models of a client of that class: empty for their maker; None of another class.

    >>> client_host("groq.Groq"), client_host("OpenAI"), client_host("Path")
    ('groq', '', None)
    """
    hosts = _hosts_of_classes()
    last_two = ".".join(class_name.split(".")[-2:])
    return hosts.get(last_two, hosts.get(class_name.rpartition(".")[2]))


def takes_model_first(class_name: str) -> bool:
    """Whether the first argument of a class is the model, without its name."""
    return class_name.rpartition(".")[2] in read_table(_TABLE)["model_first"]["classes"]


def address_host(address: str) -> str:
    """Who sells what is asked for at an address; of one that no row names, the name of its machine.

    >>> address_host("https://api.groq.com/openai/v1"), address_host("http://localhost:8000/v1")
    ('groq', 'localhost')
    """
    machine = address.partition("://")[2].partition("/")[0] or address
    known = provider_host(machine)
    return machine.partition(":")[0] if known is None else known


@lru_cache(maxsize=256)
def provider_host(machine: str) -> str | None:
    """Who sells what a known provider's machine answers, "" for the models' maker; None of another machine.

    >>> provider_host("api.openai.com"), provider_host("api.groq.com"), provider_host("example.com")
    ('', 'groq', None)
    """
    hosts: Mapping[str, str] = read_table(_TABLE)["hosts"]
    return next((host for part, host in hosts.items() if part in machine), None)


def named_provider(prefix: str) -> str | None:
    """Who is named before the colon of `openai:gpt-5`; None where nobody is."""
    provider: str | None = read_table(_TABLE)["providers"].get(prefix)
    return provider


@cache
def _calls() -> Mapping[str, list[SendingCall]]:
    found: dict[str, list[SendingCall]] = {}
    for row in read_table(_TABLE)["calls"]:
        for end in row["ends"]:
            found.setdefault(end, []).append(_call(row))
    return found


def _call(row: Mapping[str, Any]) -> SendingCall:
    return SendingCall(
        tuple(row["prompt"]), row.get("form", "chat"), row.get("of"), row.get("model_first", False)
    )


@cache
def _hosts_of_classes() -> Mapping[str, str]:
    rows = read_table(_TABLE)["clients"]
    return {name: row.get("host", "") for row in rows for name in row["classes"]}


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
    for row in read_table(_TOOLS)["tools"]:
        said = {key: row[key] for key in ("name", "description", "parameters") if key in row}
        tool = LibraryTool(said, tuple(row.get("places", ())))
        found |= dict.fromkeys(row["classes"], tool)
    return found
