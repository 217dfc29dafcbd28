"""The tokens of one call, as the provider counted them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...catalog.api_usage import Place, Shape, value_at
from ...catalog.limits import CONTEXT_TOKENS
from ...records import dataclass


class NonsenseError(Exception):
    """Counts that no call can have: below zero, more than any model takes, a part that is more than all."""


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call was billed for, in tokens; None where the answer does not say.

    Ollama leaves the input out where it had the prompt in its cache (ollama#2068).

    `input` and `output` are all of them. Of the input, `cached` was read from a cache and `written` was
    written to one, `written_1h` of that for an hour and the rest for five minutes. `audio_input` is sound,
    `cached_audio` of it from a cache, and so on for pictures and video. Of the output, `reasoning` is
    thinking, `audio_output` is sound, and so on; `text_output` is said to be text. `citation` stands beside
    both.
    """

    input: int | None
    output: int
    cached: int | None = None
    written: int | None = None
    written_1h: int | None = None
    audio_input: int | None = None
    reasoning: int | None = None
    audio_output: int | None = None
    cached_audio: int | None = None
    image_input: int | None = None
    video_input: int | None = None
    cached_image: int | None = None
    text_output: int | None = None
    image_output: int | None = None
    video_output: int | None = None
    citation: int | None = None

    def __post_init__(self) -> None:
        media_input = (self.audio_input or 0) + (self.image_input or 0) + (self.video_input or 0)
        if max((self.cached or 0) + (self.written or 0), media_input) > (self.input or 0):
            raise NonsenseError("more is cached than was sent")
        if (self.written_1h or 0) > (self.written or 0):
            raise NonsenseError("more is written for an hour than is written")
        if (self.cached_audio or 0) > min(self.cached or 0, self.audio_input or 0):
            raise NonsenseError("more sound is cached than is sound, or is cached")
        if (self.cached_image or 0) > min(self.cached or 0, self.image_input or 0):
            raise NonsenseError("more pictures are cached than are pictures, or are cached")
        media_output = (self.audio_output or 0) + (self.image_output or 0) + (self.video_output or 0)
        if max(self.reasoning or 0, media_output) > self.output:
            raise NonsenseError("a part of the output is more than all of it")


def read_tokens(shape: Shape, usage: Mapping[str, Any]) -> Tokens | None:
    """The tokens of a usage of that shape; None where it counts nothing.

    Raises:
        NonsenseError: counts that no call can have.

    >>> from ...catalog.api_usage import route_of
    >>> chat = route_of("/v1/chat/completions").shapes[-1]
    >>> found = read_tokens(chat, {"prompt_tokens": 21, "completion_tokens": 0, "total_tokens": 81})
    >>> found.input, found.output
    (21, 60)
    """
    if shape.needs is not None and value_at(shape.needs, usage) is None:
        return None
    counts = {name: _sum(fields, usage) for name, fields in shape.counts.items()}
    given, output = counts.pop("input"), counts.pop("output", None)
    if given is None and output is None:
        return None
    output = output or 0
    if shape.total is not None and given is not None:
        # xAI and Google's compatible endpoint leave thinking out of the output, but not out of the total
        # (sub2api#5771, CLIProxyAPI#5733).
        output = max(output, (_count(value_at(shape.total, usage)) or 0) - given)
    # Others leave it out of both: what is more than all of the output stands beside it.
    reasoning = counts.get("reasoning") or 0
    return Tokens(given, output + (reasoning if reasoning > output else 0), **counts)


def _sum(fields: Iterable[tuple[Place, ...]], usage: Mapping[str, Any]) -> int | None:
    found = [
        next((count for place in places if (count := _count(value_at(place, usage))) is not None), None)
        for places in fields
    ]
    known = [count for count in found if count is not None]
    return sum(known) if known else None


def _count(stated: object) -> int | None:
    """A count as JSON has it: Cohere's are floats."""
    if stated is None:
        return None
    if isinstance(stated, bool) or not isinstance(stated, int | float) or int(stated) != stated:
        raise NonsenseError("no count")
    if not 0 <= stated <= CONTEXT_TOKENS:
        raise NonsenseError("no call has so many tokens")
    return int(stated)
