"""Price the input and output of calls: the tier of their length, and the part that is cached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from ...catalog.prices.price import Price, Rate
from ...errors import UsageError
from ...figures import Figure, Source, assumed, derive, given, measured, published
from ...formulas import cost
from ...messages import option, say
from .input_tokens import PromptCount
from .question import Cost

_UNPRICED = say("unpriced: no table has this price")


@dataclass(frozen=True, slots=True)
class PricedInput:
    """The dollars for the input, the rate behind them, and the parts where some of it is cached."""

    input_usd: Figure
    input_usd_per_mtok: Figure
    parts: tuple[Figure, ...] = ()


def price_input(count: PromptCount, price: Price | None, request: Cost) -> PricedInput:
    """Dollars for the input of all calls.

    Raises:
        UsageError: more tokens are said to be cached than a call has.
    """
    lengths = call_lengths(count)
    rate = rate_figure("input_usd_per_mtok", price, price.input if price else None, lengths)
    if request.cached is None and request.cache_write is None:
        if rate.has_range and price is not None and price.input is not None:
            source = price.source
            return PricedInput(
                _tiered("input_usd", price.input, price, lengths, partial(_input_of, source)), rate
            )
        usd = derive("input_usd", "USD", cost.tokens_usd, tokens=count.input_tokens, usd_per_mtok=rate)
        return PricedInput(usd, rate)
    return _cached_input(count, price, request, rate, lengths)


def price_output(output_tokens: Figure, price: Price | None, count: PromptCount) -> tuple[Figure, Figure]:
    """`output_usd` of all prompts (USD), and its rate (USD/Mtok), which goes by the input's length too."""
    lengths = call_lengths(count)
    rate = rate_figure("output_usd_per_mtok", price, price.output if price else None, lengths)
    note = output_tokens.note if output_tokens.value is None else ""
    if rate.has_range and price is not None and price.output is not None and output_tokens.value is not None:
        return _tiered("output_usd", price.output, price, lengths, partial(_output_of, output_tokens)), rate
    usd = derive("output_usd", "USD", cost.tokens_usd, tokens=output_tokens, usd_per_mtok=rate, note=note)
    return usd, rate


def call_lengths(count: PromptCount) -> tuple[int, ...]:
    """The input tokens of each call: its own text, and an equal share of frames, tools and images."""
    total = count.input_tokens.value
    # Where a part is unknown, no more is known than that a call is as long as its text.
    beside = 0 if total is None else int(total) - sum(count.per_call)
    return tuple(tokens + beside // len(count.per_call) for tokens in count.per_call)


def rate_figure(name: str, price: Price | None, rate: Rate | None, lengths: Sequence[int]) -> Figure:
    """USD per million tokens at the tiers that these calls pay; a range where they pay several."""
    if price is None or rate is None:
        return assumed(name, None, "USD/Mtok", _UNPRICED)
    rates = sorted({rate.usd_per_mtok(length) for length in lengths})
    note = ""
    if rates[-1] != rate.base_usd_per_mtok:
        note = say("long-context rate; ${rate}/Mtok below", rate=rate.base_usd_per_mtok)
    if len(rates) > 1:
        note = say("longer calls pay the long-context rate")
    return published(name, rates[0], "USD/Mtok", price.source, low=rates[0], high=rates[-1], note=note)


def _tiered(
    name: str,
    rate: Rate,
    price: Price,
    lengths: Sequence[int],
    tokens_of: Callable[[str, Sequence[int]], Figure],
) -> Figure:
    """Calls of which some pay the long-context rate: each at its own. `tokens_of` counts some of them."""
    base = rate.base_usd_per_mtok
    short = [length for length in lengths if rate.usd_per_mtok(length) == base]
    long = [length for length in lengths if rate.usd_per_mtok(length) != base]
    source = price.source
    return derive(
        name,
        "USD",
        cost.tiered_usd,
        base_tokens=tokens_of("base_tokens", short),
        base_usd_per_mtok=published("base_usd_per_mtok", base, "USD/Mtok", source),
        long_tokens=tokens_of("long_tokens", long),
        long_usd_per_mtok=published("long_usd_per_mtok", rate.usd_per_mtok(max(long)), "USD/Mtok", source),
    )


def _input_of(source: Source, name: str, lengths: Sequence[int]) -> Figure:
    """The input of some calls."""
    return measured(name, sum(lengths), "tokens", source, note=say("{n} calls", n=len(lengths)))


def _output_of(output_tokens: Figure, name: str, lengths: Sequence[int]) -> Figure:
    """The output of some calls: all have the same, which the user gave for one."""
    per_call = next(each for each in output_tokens.inputs if each.name == "tokens_per_call")
    requests = given("requests", len(lengths), "calls", say("one call for each prompt"))
    return derive(name, "tokens", cost.tokens_of_calls, tokens_per_call=per_call, requests=requests)


def _cached_input(
    count: PromptCount, price: Price | None, request: Cost, rate: Figure, lengths: Sequence[int]
) -> PricedInput:
    requests = len(lengths)
    taken = [share for share in (request.cached, request.cache_write) if share and share.tokens]
    if sum(share.tokens or 0 for share in taken) > min(lengths):
        options = [option(share.parameter, share.tokens) for share in taken]
        raise UsageError(
            "{options}: more than the {n:,} tokens that the shortest call has",
            options=say("{first} and {second}", first=options[0], second=options[1])
            if len(options) > 1
            else options[0],
            n=min(lengths),
        )
    nothing = given("tokens", 0, "tokens", say("none"))
    cached, written = (
        share.figure(name, count.input_tokens, requests) if share else nothing
        for share, name in ((request.cached, "cached_tokens"), (request.cache_write, "cache_write_tokens"))
    )
    fresh = _fresh(count.input_tokens, cached, written, request)
    read_price, write_price = (price.cached_input, price.cache_write) if price else (None, None)
    cached_rate = _cache_rate("cached_usd_per_mtok", read_price, price, rate, lengths)
    write_rate = _cache_rate("cache_write_usd_per_mtok", write_price, price, rate, lengths)
    cached_usd = derive("cached_usd", "USD", cost.tokens_usd, tokens=cached, usd_per_mtok=cached_rate)
    write_usd = derive("cache_write_usd", "USD", cost.tokens_usd, tokens=written, usd_per_mtok=write_rate)
    fresh_usd = derive("fresh_usd", "USD", cost.tokens_usd, tokens=fresh, usd_per_mtok=rate)
    usd = derive(
        "input_usd",
        "USD",
        cost.input_usd,
        fresh_usd=fresh_usd,
        cached_usd=cached_usd,
        cache_write_usd=write_usd,
    )
    parts = [fresh, fresh_usd]
    parts += [cached, cached_usd] if request.cached else []
    parts += [written, write_usd] if request.cache_write else []
    return PricedInput(usd, rate, tuple(parts))


def _fresh(input_tokens: Figure, cached: Figure, written: Figure, request: Cost) -> Figure:
    """What is left of the input. Where all is a percentage of a range, the rest is one too."""
    shares = [share for share in (request.cached, request.cache_write) if share is not None]
    if input_tokens.has_range and all(share.percent is not None for share in shares):
        rest = 100 - sum(share.percent or 0 for share in shares)
        percent = given("percent", rest, "%", say("the rest of the input"))
        return derive("fresh_tokens", "tokens", cost.share_tokens, tokens=input_tokens, percent=percent)
    return derive(
        "fresh_tokens",
        "tokens",
        cost.fresh_tokens,
        input_tokens=input_tokens,
        cached_tokens=cached,
        cache_write_tokens=written,
    )


def _cache_rate(
    name: str, rate: Rate | None, price: Price | None, full_rate: Figure, lengths: Sequence[int]
) -> Figure:
    """The rate of cached tokens; the full input price where none is published for them."""
    if rate is not None:
        return rate_figure(name, price, rate, lengths)
    if full_rate.value is None:
        return assumed(name, None, "USD/Mtok", _UNPRICED)
    note = say("no rate for the cache is published: the full input price")
    return assumed(name, full_rate.value, "USD/Mtok", note, source=full_rate.source)
