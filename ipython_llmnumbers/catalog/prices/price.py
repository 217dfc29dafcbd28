"""What a price is: rates per million tokens that may rise with a prompt's length, with their source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from ...figures import Number, Source
from ...messages import say


@dataclass(frozen=True, slots=True)
class Rate:
    """A price per million tokens, which may rise once a prompt is long.

    `tiers` are (first input token past which it applies, USD per Mtok), ascending; a
    tier prices every token of the call, as providers bill it.
    """

    base_usd_per_mtok: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()

    def usd_per_mtok(self, input_tokens: Number) -> Decimal:
        """The rate that a prompt of this many tokens pays.

        >>> Rate(Decimal(2), ((200_000, Decimal(4)),)).usd_per_mtok(200_001)
        Decimal('4')
        """
        rate = self.base_usd_per_mtok
        for start, tier_rate in self.tiers:
            if input_tokens > start:
                rate = tier_rate
        return rate


@dataclass(frozen=True, slots=True)
class Price:
    """What one provider charges for one model; a rate that is not published is None.

    `window_source` states the two windows where `source` does not; `table` is what `source` is a
    row of, where it is one of many of the same day.
    """

    model: str
    provider: str
    input: Rate | None
    output: Rate | None
    source: Source
    cached_input: Rate | None = None
    cache_write: Rate | None = None
    context_window_tokens: int | None = None
    max_output_tokens: int | None = None
    window_source: Source | None = None
    tokenizer: str | None = None
    note: str = ""
    table: str = ""

    def without_rates(self, context: Mapping[str, str]) -> Price:
        """The same model where no price is published for this kind of processing."""
        note = say(
            "no {processing} price is published for {model}",
            processing=" ".join(context.values()),
            model=self.model,
        )
        return replace(self, input=None, output=None, cached_input=None, cache_write=None, note=note)


def no_price_before(day: date) -> str:
    """The note of a price that is the first of its history, where it is asked for an earlier day."""
    return say("no price is known before {day}; this is that day's", day=day)
