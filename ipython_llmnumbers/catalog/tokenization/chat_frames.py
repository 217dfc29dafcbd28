"""What a provider adds to the text of a chat: the rule for a model's frames, tools and images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Literal

from ...figures import Figure, Source, assumed, published
from ...messages import say
from ..names import ModelName, parse_name
from ..toml_tables import read_table, source_of

ImageRule = Literal["tiles", "patches", "area", "squares"]

# Between the leanest frame of the table and the most that a template in use writes a message.
_UNKNOWN_FRAME = say("no frame is published for this model; the spread over published ones")


@dataclass(frozen=True, slots=True)
class FrameRule:
    """Tokens around messages, as figures: once a request, a message, a name."""

    reply_tokens: Figure
    message_tokens: Figure
    name_tokens: Figure


@dataclass(frozen=True, slots=True)
class ToolRule:
    """Tokens for tools beside their schemas: once where there are any, and for each."""

    any_tokens: Figure
    each_tokens: Figure


@dataclass(frozen=True, slots=True)
class ImageCost:
    """How a model's images are counted; `numbers` are the rule's own constants.

    `greatest` is the size, in pixels, of the image that costs most; None where there is no end.
    """

    rule: ImageRule
    numbers: Mapping[str, Figure]
    source: Source
    greatest: tuple[int, int] | None


@lru_cache(maxsize=256)
def frame_rule(model: str | ModelName) -> FrameRule:
    """The frame of a model's messages; a range where nobody publishes it.

    >>> frame_rule("gpt-4o").message_tokens.value
    4
    """
    row = _row("frames", model)
    if row is None:
        return FrameRule(
            assumed("reply_tokens", 3, "tokens", _UNKNOWN_FRAME, low=0, high=6),
            assumed("message_tokens", 4, "tokens", _UNKNOWN_FRAME, low=2, high=8),
            assumed("name_tokens", 1, "tokens", _UNKNOWN_FRAME, low=0, high=2),
        )
    return FrameRule(*(_figure(row, key, f"{key}_tokens") for key in ("reply", "message", "name")))


@lru_cache(maxsize=256)
def tool_rule(model: str | ModelName) -> ToolRule:
    """What tools cost beside their schemas; a range where nobody publishes it."""
    row = _row("tools", model)
    if row is None:
        note = say("no rule for tools is published for this model; the spread over fitted ones")
        return ToolRule(
            assumed("any_tokens", 100, "tokens", note, low=0, high=586),
            assumed("each_tokens", 20, "tokens", note, low=0, high=53),
        )
    return ToolRule(_figure(row, "any", "any_tokens"), _figure(row, "each", "each_tokens"))


@lru_cache(maxsize=256)
def image_cost(model: str | ModelName) -> ImageCost | None:
    """How a model counts an image; None where its rule could not be sourced.

    >>> image_cost("gpt-4o").greatest
    (2048, 768)
    """
    row = _row("images", model)
    if row is None or row["rule"] == "unknown":
        return None
    names = {"base": "base_tokens", "per_tile": "tokens_per_tile", "tokens_per_patch": "tokens_per_patch"}
    numbers = {name: _figure(row, key, name) for key, name in names.items() if key in row}
    source = source_of(read_table("tokenization/chat_frames.toml"), row)
    greatest = tuple(row["greatest"]) if "greatest" in row else None
    return ImageCost(row["rule"], numbers, source, greatest)


def _row(section: str, model: str | ModelName) -> Mapping[str, Any] | None:
    base = parse_name(model).base
    rows = read_table("tokenization/chat_frames.toml")[section]
    return next((row for row in rows if any(fnmatchcase(base, each) for each in row["match"])), None)


def _figure(row: Mapping[str, Any], key: str, name: str) -> Figure:
    source = source_of(read_table("tokenization/chat_frames.toml"), row)
    return published(name, row[key], "tokens", source, low=row.get(f"{key}_low"), high=row.get(f"{key}_high"))
