"""What a price is: rates per million tokens that may rise with a prompt's length, with their source."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ...figures import Number, Source
from ...messages import say
from ...records import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """A price per million tokens, which may rise once a prompt is long, and at some hours.

    `tiers` are (first input token past which it applies, USD per Mtok), ascending; a
    tier prices every token of the call, as providers bill it. `peak_times` is how many times
    as dear the dearest hour is, where the hour of the call is not known.
    """

    base_usd_per_mtok: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()
    peak_times: Decimal = Decimal(1)

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

    def highest_usd_per_mtok(self, input_tokens: Number) -> Decimal:
        """The rate that such a prompt pays at the dearest hour that its call may have.

        >>> Rate(Decimal(2), peak_times=Decimal(2)).highest_usd_per_mtok(1)
        Decimal('4')
        """
        return self.usd_per_mtok(input_tokens) * self.peak_times

    def times(self, factor: Decimal) -> Rate:
        """The rate at an hour that costs `factor` times as much."""
        tiers = tuple((start, rate * factor) for start, rate in self.tiers)
        return Rate(self.base_usd_per_mtok * factor, tiers, self.peak_times)


@dataclass(frozen=True, slots=True)
class LifeCycle:
    """When a host shuts a model down, and the model it names instead ("" where it names none).

    `ends` is None where a table only marks the model as deprecated.
    """

    ends: date | None
    heir: str
    source: Source

    def is_over(self, day: date) -> bool:
        """Whether the model is shut down on that day."""
        return self.ends is not None and self.ends <= day


@dataclass(frozen=True, slots=True)
class OtherPrice:
    """What a second table has for the same model: USD per Mtok for input and output."""

    input_usd_per_mtok: Decimal
    output_usd_per_mtok: Decimal
    source: Source


@dataclass(frozen=True, slots=True)
class Price:
    """What one provider charges for one model; a rate that is not published is None.

    `window_source` states the limits of its length where `source` does not: the context window, and the
    most that it takes and writes, in tokens. `table` is what `source` is a row of, where it is one of
    many of the same day. `host` is the provider's key in the tables. `other` is the price of a
    second table where that is another.
    """

    model: str
    provider: str
    input: Rate | None
    output: Rate | None
    source: Source
    cached_input: Rate | None = None
    cache_write: Rate | None = None
    cache_write_1h: Rate | None = None
    usd_per_request: Decimal | None = None
    usd_per_request_least: Decimal | None = None
    other_rates: Mapping[str, Decimal] | None = None
    context_window_tokens: int | None = None
    max_input_tokens: int | None = None
    max_output_tokens: int | None = None
    window_source: Source | None = None
    cache_least_tokens: int | None = None
    cache_source: Source | None = None
    is_reasoning: bool = False
    life: LifeCycle | None = None
    tokenizer: str | None = None
    host: str = ""
    note: str = ""
    table: str = ""
    other: OtherPrice | None = None

    def without_rates(self, context: Mapping[str, str]) -> Price:
        """The same model where no price is published for this kind of processing."""
        note = say(
            "no {processing} price is published for {model}",
            processing=" ".join(context.values()),
            model=self.model,
        )
        return replace(self.with_rates(lambda _: None), note=note)

    def with_rates(self, change: Callable[[Rate], Rate | None]) -> Price:
        """The same price with each of its rates changed."""

        def changed(rate: Rate | None) -> Rate | None:
            return None if rate is None else change(rate)

        return replace(
            self,
            input=changed(self.input),
            output=changed(self.output),
            cached_input=changed(self.cached_input),
            cache_write=changed(self.cache_write),
            cache_write_1h=changed(self.cache_write_1h),
        )


def no_price_before(day: date) -> str:
    """The note of a price that is the first of its history, where it is asked for an earlier day."""
    return say("no price is known before {day}; this is that day's", day=day)
