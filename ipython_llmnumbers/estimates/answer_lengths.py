"""How long the next answer will be, by those that were recorded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..figures import Figure, Source, derive, given, measured
from ..formulas.cost import tokens_of_calls
from ..messages import say
from ..records import dataclass
from .kinds import WholeRange

FEWEST_FOR_A_RANGE = 20
"""From so many answers on, the 5th and the 95th percentile are among them."""


@dataclass(frozen=True, slots=True)
class AnswerLengths:
    """The lengths of answers to one prompt by one model, in tokens; there is at least one.

    >>> few = AnswerLengths((80, 50, 60))
    >>> few.low, few.middle, few.high
    (50, 60, 80)
    >>> many = AnswerLengths(tuple(range(1, 40)))
    >>> many.low, many.middle, many.high
    (2, 20, 38)
    """

    lengths: tuple[int, ...]

    @property
    def is_range(self) -> bool:
        """Whether there are enough for a range that holds nine of ten; else it is what was seen."""
        return len(self.lengths) >= FEWEST_FOR_A_RANGE

    @property
    def low(self) -> int:
        """The 5th percentile, or the least so far (tokens)."""
        return round(self._twentieths()[0]) if self.is_range else min(self.lengths)

    @property
    def high(self) -> int:
        """The 95th percentile, or the most so far (tokens)."""
        return round(self._twentieths()[-1]) if self.is_range else max(self.lengths)

    @property
    def middle(self) -> int:
        """The median (tokens)."""
        from statistics import median

        return round(median(self.lengths))

    def _twentieths(self) -> list[float]:
        from statistics import quantiles

        # The next of n + 1 answers in any order lies between the p (n + 1)-th and the q (n + 1)-th of the
        # n with a chance of q - p, whatever their distribution (Hyndman and Fan 1996, definition 6).
        return quantiles(self.lengths, n=20, method="exclusive")

    def figure(self, requests: int) -> Figure:
        """`output_tokens` of so many requests; each may be as short or as long."""
        n = len(self.lengths)
        if self.is_range:
            note = say("90 % of the last {n} recorded answers to this prompt", n=n)
        elif n == 1:
            note = say("as the one recorded answer to this prompt")
        else:
            note = say("the least and the most of {n} recorded answers to this prompt", n=n)
        one = measured(
            "output_tokens" if requests == 1 else "tokens_per_call",
            self.middle,
            "tokens",
            Source(say("the ledger")),
            low=self.low,
            high=self.high,
            note=note,
            approximate=True,
        )
        if requests == 1:
            return one
        times = given("requests", requests, "calls", say("one call for each prompt"))
        return derive(
            "output_tokens", "tokens", tokens_of_calls, tokens_per_call=one, requests=times, note=note
        )


@dataclass(frozen=True, slots=True)
class RecordedAnswers:
    """The lengths of recorded answers to one prompt, by the model's name in the price table."""

    by_model: Mapping[str, tuple[int, ...]]

    def of(self, listed_as: str | None) -> AnswerLengths | None:
        """Those of a model; None where none of its answers is recorded."""
        lengths = self.by_model.get(listed_as or "")
        return AnswerLengths(lengths) if lengths else None


class OutputTokens(WholeRange):
    """Tokens of an answer: what the caller gives, or what answers were recorded."""

    def take(self, name: str, value: Any) -> Any:
        return (
            value
            if isinstance(value, RecordedAnswers | AnswerLengths)
            else WholeRange.take(self, name, value)
        )

    def to_json(self, value: Any) -> Any:
        if isinstance(value, AnswerLengths):
            return [value.low, value.high]
        return None if isinstance(value, RecordedAnswers) else WholeRange.to_json(self, value)
