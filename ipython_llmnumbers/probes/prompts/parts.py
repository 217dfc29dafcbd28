"""What a message holds beside its text, each part in a unit of its own."""

from __future__ import annotations

from typing import Any

from ...records import dataclass


@dataclass(frozen=True, slots=True)
class Image:
    """A picture; its size in pixels is None where it is not at hand. `detail` is as it was asked for."""

    width: int | None
    height: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A PDF; the number of its pages is None where it is not at hand, or cannot be read."""

    n_pages: int | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Audio:
    """Sound; its length is None where it is not at hand, or cannot be read."""

    seconds: float | None


@dataclass(frozen=True, slots=True)
class Video:
    """Video with its sound, of which so many frames a second are looked at."""

    seconds: float | None
    frames_per_s: float = 1.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Rewritten:
    """A tool's call or result, whose JSON is not what the model reads: the provider writes it anew."""

    value: Any


@dataclass(frozen=True, slots=True)
class Thinking:
    """What a model thought in an earlier answer, as it is sent back."""

    text: str


@dataclass(frozen=True, slots=True)
class Uncounted:
    """A part that no rule counts; `what` it is."""

    what: str


Part = Image | Document | Audio | Video | Rewritten | Thinking | Uncounted
