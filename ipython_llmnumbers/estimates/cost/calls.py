"""The calls of an estimate: how long each is, with its part of the doubt of the whole count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from ...figures import UNBOUNDED, Figure, Number, Source, measured
from ...messages import say
from .input_tokens import PromptCount


@dataclass(frozen=True, slots=True)
class Call:
    """The input tokens of one call: the least, the likely and the most."""

    low: Number
    tokens: int
    high: Number


def call_lengths(count: PromptCount) -> tuple[int, ...]:
    """The input tokens of each call: its own text, and an equal share of frames, tools and images."""
    total = count.input_tokens.value
    # Where a part is unknown, no more is known than that a call is as long as its text.
    beside = 0 if total is None else int(total) - sum(count.per_call)
    return tuple(tokens + beside // len(count.per_call) for tokens in count.per_call)


def calls_of(count: PromptCount) -> list[Call]:
    """The calls, each with its part of the doubt of the whole count."""
    whole, lengths = count.input_tokens, call_lengths(count)
    if not whole.value or not whole.has_range:
        return [Call(length, length, length) for length in lengths]
    if len(lengths) == 1:
        return [Call(whole.low or 0, lengths[0], whole.high or 0)]
    low, high = (float(end or 0) / float(whole.value) for end in (whole.low, whole.high))
    return [
        Call(round(length * low), length, UNBOUNDED if whole.is_at_least else round(length * high))
        for length in lengths
    ]


def input_of(group: Sequence[Call], calls: Sequence[Call], count: PromptCount) -> Figure:
    """What of the input of some calls, or of all, is billed at the rate of text."""
    if len(group) == len(calls) or count.input_tokens.value is None:
        return count.text_rate_tokens
    low, tokens, high = (sum(ends) for ends in zip(*((c.low, c.tokens, c.high) for c in group), strict=True))
    source = count.text.figure.source or Source(say("counted by ratio"), None, date.today())
    note = say("1 call") if len(group) == 1 else say("{n} calls", n=len(group))
    return measured("input_tokens", tokens, "tokens", source, low=low, high=high, note=note)
