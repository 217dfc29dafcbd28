"""What is asked of a prompt's cost, whatever the model: checked once, then only read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from ...errors import UsageError
from ...figures import Figure, derive, given
from ...formulas import cost
from ...messages import option, say
from ..currency import Currency

Processing = Literal["batch", "flex", "priority"]

# Past this a count is a slip of the keyboard, not a plan.
MOST = 10**15
_CONTEXTS: dict[Processing, Mapping[str, str]] = {
    "batch": {"processing": "batch"},
    "flex": {"service_tier": "flex"},
    "priority": {"service_tier": "priority"},
}


@dataclass(frozen=True, slots=True)
class Share:
    """A part of each call's input: a count of tokens, or a percentage."""

    parameter: str
    tokens: int | None = None
    percent: Decimal | None = None

    def figure(self, name: str, input_tokens: Figure, requests: int) -> Figure:
        """The tokens of this part, over all calls."""
        if self.percent is not None:
            percent = given("percent", self.percent, "%", option(self.parameter, f"{self.percent}%"))
            return derive(name, "tokens", cost.share_tokens, tokens=input_tokens, percent=percent)
        return each_call(name, self.tokens or 0, self.parameter, requests)


@dataclass(frozen=True, slots=True)
class CostRequest:
    """The options of an estimate; token counts are those of one call.

    Raises:
        UsageError: a count out of range, or shares that together exceed the input.
    """

    output_tokens: int | None = None
    most_output_tokens: int | None = None
    calls: int = 1
    cached: Share | None = None
    cache_write: Share | None = None
    processing: Processing | None = None
    is_concise: bool = False
    on: date | None = None
    currency: Currency | None = None
    budget_usd: Decimal | None = None
    asks_provider: bool = False

    def __post_init__(self) -> None:
        check_count("output_tokens", self.output_tokens, least=0)
        check_count("output_tokens", self.most_output_tokens, least=self.output_tokens or 0)
        check_count("calls", self.calls, least=1, optional=False)
        shares = [share for share in (self.cached, self.cache_write) if share is not None]
        for share in shares:
            check_count(share.parameter, share.tokens, least=0)
            if share.percent is not None and not 0 <= share.percent <= 100:
                raise UsageError(
                    "{option}: give a percentage from 0 to 100",
                    option=option(share.parameter, f"{share.percent}%"),
                )
        if sum(share.percent or 0 for share in shares) > 100:
            raise UsageError(
                "{option:cached} and {option:cache_write}: together they are more than 100% of the input"
            )

    @property
    def context(self) -> Mapping[str, str]:
        """The kind of processing, as the price table names it."""
        return _CONTEXTS[self.processing] if self.processing else {}

    def output_figure(self, requests: int) -> Figure:
        """The output of all calls; unknown where it was not given."""
        if self.output_tokens is None:
            return given("output_tokens", None, "tokens", say("not counted: give {option:output_tokens}"))
        return each_call(
            "output_tokens", self.output_tokens, "output_tokens", requests, self.most_output_tokens
        )

    def to_dict(self) -> dict[str, object]:
        """The options that were given, in JSON's types."""
        shares = {
            "cached": self.cached,
            "cache_write": self.cache_write,
        }
        return {
            "output_tokens": self.output_tokens,
            "most_output_tokens": self.most_output_tokens,
            "calls": self.calls,
            **{
                name: share and f"{share.tokens or share.percent}{'%' if share.percent else ''}"
                for name, share in shares.items()
            },
            "processing": self.processing,
            "concise": self.is_concise,
            "on": self.on,
            "currency": self.currency and self.currency.code,
            "rate": self.currency and self.currency.rate,
            "rate_date": self.currency and self.currency.day,
            "budget_usd": self.budget_usd,
            "ask_provider": self.asks_provider,
        }


def each_call(name: str, tokens: int, parameter: str, requests: int, most: int | None = None) -> Figure:
    """Tokens that the user gave for one call, over all calls; a range where `most` is given."""
    middle = tokens if most is None else (tokens + most) // 2
    said = option(parameter, tokens if most is None else f"{tokens}..{most}")
    if requests == 1:
        return given(name, middle, "tokens", said, low=tokens, high=tokens if most is None else most)
    one = given("tokens_per_call", middle, "tokens", said, low=tokens, high=tokens if most is None else most)
    times = given("requests", requests, "calls", say("one call for each prompt"))
    return derive(name, "tokens", cost.tokens_of_calls, tokens_per_call=one, requests=times, note=said)


def check_count(parameter: str, value: int | None, least: int, *, optional: bool = True) -> None:
    """Refuse what is not a count from `least` up.

    Raises:
        UsageError: naming the option and the value.
    """
    if value is None and optional:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
        raise UsageError(
            "{option}: give a whole number from {least} to {most:,}",
            option=option(parameter, value),
            least=least,
            most=MOST,
        )
