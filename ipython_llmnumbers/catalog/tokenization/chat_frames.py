"""What a provider adds to the text of a chat: the rule for a model's frames and tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Literal

from ...figures import Figure, assumed, given, published
from ...messages import say
from ...patterns import matches
from ...records import dataclass
from ..names import ModelName, parse_name
from ..toml_tables import read_table, source_of

_TABLE = "tokenization/chat_frames.toml"

# Between the leanest frame of the table and the most that a template in use writes: a system message of its
# own (Kimi K3's), and marks that the vocabulary does not have ("<|user|>" of Zephyr: 24 tokens for nine of
# text in deepset-ai/haystack-cookbook, zephyr-7b-beta-for-rag.ipynb, cell 26).
_UNKNOWN_FRAME = say("no frame is published for this model; the spread over published ones")


@dataclass(frozen=True, slots=True)
class FrameRule:
    """Tokens around messages, as figures: once a request, a message, a system message, a name.

    `own_system_tokens` are those of the system message that a template writes where none is given.
    `plain_tokens` are those around a text that is sent without messages; None where there are none.
    `responses_most_tokens` is how many more OpenAI's Responses may count.
    """

    reply_tokens: Figure
    message_tokens: Figure
    system_tokens: Figure
    own_system_tokens: Figure
    name_tokens: Figure
    plain_tokens: Figure | None = None
    responses_most_tokens: int = 0


@dataclass(frozen=True, slots=True)
class TypeScriptRule:
    """OpenAI's notation of tools: tokens beside the declarations, once a request, where there is a system
    message, and for the name of the tool that has to be called."""

    once_tokens: Figure
    with_system_tokens: Figure
    chosen_tokens: Figure


@dataclass(frozen=True, slots=True)
class ToolListRule:
    """The list of tools as one JSON: tokens of what stands around it, and how it is written.

    `written` is "spaced" as Python writes it, "compact", or "declarations" for the functions alone, compact.
    """

    once_tokens: Figure
    written: str = "spaced"


@dataclass(frozen=True, slots=True)
class ToolPromptRule:
    """A prompt before the schemas of tools: tokens, and those where a tool must be called.

    Beside the JSON of a schema, `each_tokens` stand around it, and `named_tokens` name the one that must be
    called; None where nobody knows how the schemas are written. `written` is the longest that their JSON is.
    """

    auto_tokens: Figure
    forced_tokens: Figure
    each_tokens: Figure | None = None
    named_tokens: Figure | None = None
    written: Literal["compact", "spaced", "indented"] = "indented"


ToolRule = TypeScriptRule | ToolListRule | ToolPromptRule


@lru_cache(maxsize=256)
def frame_rule(model: str | ModelName) -> FrameRule:
    """The frame of a model's messages; a range where nobody publishes it.

    >>> frame_rule("gpt-4o").message_tokens.value
    4
    """
    row = _row("frames", model)
    if row is None:
        message = assumed("message_tokens", 4, "tokens", _UNKNOWN_FRAME, low=2, high=8)
        return FrameRule(
            assumed("reply_tokens", 3, "tokens", _UNKNOWN_FRAME, low=0, high=100),
            message,
            replace(message, name="system_tokens"),
            given("own_system_tokens", 0, "tokens", say("none is known")),
            assumed("name_tokens", 1, "tokens", _UNKNOWN_FRAME, low=0, high=2),
        )
    reply, message, name = (_figure(row, key, f"{key}_tokens") for key in ("reply", "message", "name"))
    plain = _figure(row, "plain", "plain_tokens") if "plain" in row else None
    system = _figure(row, "system" if "system" in row else "message", "system_tokens")
    own = _figure({"own_system": 0, **row}, "own_system", "own_system_tokens")
    return FrameRule(reply, message, system, own, name, plain, row.get("responses_most", 0))


@lru_cache(maxsize=256)
def tool_rule(model: str | ModelName) -> ToolRule:
    """What tools cost beside their schemas; a range where nobody publishes it.

    >>> tool_rule("claude-3-haiku").forced_tokens.value
    340
    """
    row = _row("tools", model)
    if row is None:
        note = say("no rule for tools is published for this model; none at all, or the most of the known")
        unknown = assumed("prompt_tokens", 100, "tokens", note, low=0, high=804)
        return ToolPromptRule(unknown, unknown)
    if row["rule"] == "schemas":
        nothing = given("prompt_tokens", 0, "tokens", say("none is known"))
        return ToolPromptRule(nothing, nothing, written="spaced")
    if row["rule"] == "list":
        return ToolListRule(_figure(row, "once_tokens", "once_tokens"), row.get("written", "spaced"))
    if row["rule"] == "typescript":
        keys = ("once_tokens", "with_system_tokens", "chosen_tokens")
        return TypeScriptRule(*(_figure(row, key, key) for key in keys))
    auto, forced = (_figure(row, f"{key}_tokens", "prompt_tokens") for key in ("auto", "forced"))
    schemas = read_table(_TABLE)["claude_schemas"]
    each, named = (_figure(schemas, key, key) for key in ("each_tokens", "named_tokens"))
    return ToolPromptRule(auto, forced, each, named)


@lru_cache(maxsize=64)
def built_in_tool_tokens(kind: str) -> Figure | None:
    """What a tool of the provider's own costs, by its type such as `bash_20250124`; None if unknown.

    >>> built_in_tool_tokens("bash_20250124").value
    245
    """
    row = _first_match(read_table(_TABLE)["built_in_tools"], kind)
    return None if row is None else _figure(row, "tokens", "built_in_tokens")


def _row(section: str, model: str | ModelName) -> Mapping[str, Any] | None:
    name = parse_name(model)
    sellers = {name.host, name.vendor}
    rows = [row for row in read_table(_TABLE)[section] if sellers.intersection(row.get("hosts", sellers))]
    return _first_match(rows, name.base)


def _first_match(rows: Sequence[Mapping[str, Any]], name: str) -> Mapping[str, Any] | None:
    return next((row for row in rows if matches(name, row["match"])), None)


def _figure(row: Mapping[str, Any], key: str, name: str) -> Figure:
    source = source_of(read_table(_TABLE), row)
    return published(name, row[key], "tokens", source, low=row.get(f"{key}_low"), high=row.get(f"{key}_high"))
