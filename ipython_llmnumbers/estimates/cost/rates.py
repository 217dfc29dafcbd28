"""Price calls: each at the tier of its own length, and the cached part of its input at its own rate."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ...catalog.prices.price import Price, Rate
from ...errors import UsageError
from ...figures import UNBOUNDED, Figure, assumed, derive, given, published
from ...formulas import cost
from ...messages import option, say
from ...records import dataclass
from .calls import Call, input_of
from .input_tokens import PromptCount
from .question import Cost, Share

_UNPRICED = say("unpriced: no table has this price")
_NO_HOUR = say("unpriced: no table has a price for an hour in the cache")


@dataclass(frozen=True, slots=True)
class PricedCalls:
    """The dollars for the input and output of all calls, the rates behind them, and the input's parts."""

    input_usd: Figure
    input_usd_per_mtok: Figure
    output_usd: Figure
    output_usd_per_mtok: Figure
    parts: tuple[Figure, ...]
    too_short_to_cache: bool


@dataclass(frozen=True, slots=True)
class _Rates:
    """The rates of calls that pay the same, in USD per Mtok; None where a part is not asked for.

    `reads` and `writes` say whether the part is so long that the provider caches it.
    """

    input: Figure
    output: Figure
    cached: Figure | None
    written: Figure | None
    reads: bool
    writes: bool


def price_calls(count: PromptCount, output_tokens: Figure, price: Price | None, request: Cost) -> PricedCalls:
    """Dollars for the input and the output of all calls.

    Raises:
        UsageError: more tokens are said to be cached than a call has.
    """
    calls = count.calls
    _check_shares(request, [call.at_text_rate[1] for call in calls])
    groups = _groups(calls, price, request)
    one_of_each = [group[0] for _, group in groups]
    inputs = [
        _price_input(input_of(group, calls, count.text_rate_tokens), rates, request, len(group))
        for rates, group in groups
    ]
    outputs = [_price_output(output_tokens, rates, len(group), len(calls)) for rates, group in groups]
    names = list(inputs[0])
    summed = {name: _sum(name, [each[name] for each in inputs]) for name in names}
    shares = bool(request.cached or request.cache_write)
    input_usd = summed.pop("input_usd")
    if count.sound_tokens is not None:
        sound = sound_usd(count.sound_tokens, price)
        input_usd = derive("input_usd", "USD", cost.sum_usd, note="", text_usd=input_usd, audio_usd=sound)
        summed["audio_usd"] = sound
    return PricedCalls(
        input_usd=input_usd,
        input_usd_per_mtok=rate_figure(
            "input_usd_per_mtok", price, price.input if price else None, one_of_each
        ),
        output_usd=_sum("output_usd", outputs),
        output_usd_per_mtok=rate_figure(
            "output_usd_per_mtok", price, price.output if price else None, one_of_each
        ),
        parts=tuple(summed.values()),
        too_short_to_cache=shares and not all(rates.reads and rates.writes for rates, _ in groups),
    )


def sound_usd(sound: Figure, price: Price | None, rate_name: str = "input_audio_mtok") -> Figure:
    """`audio_usd`: what sound costs, at a rate of its own."""
    rates = (price.other_rates or {}) if price else {}
    if price is None or rate_name not in rates:
        note = say("no table has this model's rate for sound")
        return assumed("audio_usd", Decimal(0), "USD", note, low=Decimal(0), high=UNBOUNDED)
    return usd_of(
        "audio_usd", sound, published("audio_usd_per_mtok", rates[rate_name], "USD/Mtok", price.source)
    )


def tool_fee(times: Figure, price: Price | None, rate_name: str) -> Figure:
    """What a provider's own tool did costs beside the tokens (USD); "at least" where no table has its fee."""
    name = f"{times.name}_usd"
    rate = ((price.other_rates or {}) if price else {}).get(rate_name)
    if price is None or rate is None:
        note = say("no table has this model's fee for it")
        return assumed(name, Decimal(0), "USD", note, low=Decimal(0), high=UNBOUNDED)
    if times.unit == "s":
        per_hour = published("usd_per_hour", rate, "USD", price.source)
        return derive(name, "USD", cost.hours_usd, duration_s=times, usd_per_hour=per_hour)
    per_thousand = published("usd_per_thousand", rate, "USD", price.source)
    return derive(name, "USD", cost.tool_usd, times=times, usd_per_thousand=per_thousand)


def request_fee(price: Price | None, requests: int) -> Iterator[Figure]:
    """`requests_usd` (USD), where the provider bills each request beside its tokens."""
    if price is not None and price.usd_per_request is not None:
        fee, least = price.usd_per_request, price.usd_per_request_least or price.usd_per_request
        note = say("by the size of the search that it asks for") if least < fee else ""
        per_request = published("usd_per_request", fee, "USD", price.source, low=least, high=fee, note=note)
        calls = given("requests", requests, "calls", say("one call for each prompt"))
        yield derive("requests_usd", "USD", cost.requests_usd, requests=calls, usd_per_request=per_request)


def total_usd(input_usd: Figure, output_usd: Figure | None, fees: Iterable[Figure]) -> Figure:
    """`total_usd` (USD): tokens and requests; of the input alone where no output is given."""
    note = say("input only") if output_usd is None else ""
    total = (
        derive("total_usd", "USD", cost.input_only_usd, input_usd=input_usd, note=note)
        if output_usd is None
        else derive("total_usd", "USD", cost.total_usd, input_usd=input_usd, output_usd=output_usd)
    )
    for fee in fees:
        total = derive(
            "total_usd", "USD", cost.with_requests_usd, note=note, tokens_usd=total, requests_usd=fee
        )
    return total


def rate_figure(name: str, price: Price | None, rate: Rate | None, calls: Sequence[Call]) -> Figure:
    """USD per million tokens at the tiers and hours that these calls may pay; a range of several."""
    if price is None or rate is None:
        return assumed(name, None, "USD/Mtok", _UNPRICED)
    low = min(rate.usd_per_mtok(call.low) for call in calls)
    likely = min(rate.usd_per_mtok(call.tokens) for call in calls)
    high = max(rate.highest_usd_per_mtok(call.high) for call in calls)
    note = ""
    if likely != rate.base_usd_per_mtok:
        note = say("long-context rate; ${rate}/Mtok below", rate=rate.base_usd_per_mtok)
    elif high != low and rate.tiers:
        note = say("longer calls pay the long-context rate")
    return published(name, likely, "USD/Mtok", price.source, low=low, high=high, note=note)


def _groups(calls: Sequence[Call], price: Price | None, request: Cost) -> list[tuple[_Rates, list[Call]]]:
    """The calls by what they pay, in the order of the first of each."""
    starts, least = tier_starts(price), (price.cache_least_tokens or 0) if price else 0
    groups: dict[Any, list[Call]] = {}
    for call in calls:
        tiers = (bisect_left(starts, tokens) for tokens in (call.low, call.tokens, call.high))
        groups.setdefault((*tiers, *_is_cached(call, request, least)), []).append(call)
    return [
        (_rates_of(group[0], price, request, reads=reads, writes=writes), group)
        for (*_, reads, writes), group in groups.items()
    ]


def tier_starts(price: Price | None) -> list[int]:
    """The lengths past which any rate of the price is another."""
    if price is None:
        return []
    rates = (price.input, price.output, price.cached_input, price.cache_write, price.cache_write_1h)
    return sorted({start for rate in rates if rate is not None for start, _ in rate.tiers})


def _is_cached(call: Call, request: Cost, least: int) -> tuple[bool, bool]:
    """Whether what a call reads from the cache, and what it writes, is long enough for it.

    What is written begins where what is read ends: both together are the cached beginning.
    """
    read, written = (_tokens(share, call) for share in (request.cached, request.cache_write))
    return not read or read >= least, not written or read + written >= least


def _rates_of(call: Call, price: Price | None, request: Cost, *, reads: bool, writes: bool) -> _Rates:
    def of(name: str, rate: Rate | None) -> Figure:
        return rate_figure(name, price, rate, [call])

    full = of("usd_per_mtok", price.input if price else None)
    cached = price.cached_input if price else None
    return _Rates(
        input=full,
        output=of("usd_per_mtok", price.output if price else None),
        cached=cache_rate("cached_usd_per_mtok", cached, of, full) if request.cached else None,
        written=write_rate(price, of, full, request.cache_ttl) if request.cache_write else None,
        reads=reads,
        writes=writes,
    )


def _tokens(share: Share | None, call: Call) -> int:
    """The tokens of a call's part, of what is billed at the rate of text."""
    if share is None:
        return 0
    _, tokens, _ = call.at_text_rate
    return cost.share_tokens(tokens, share.percent) if share.percent is not None else share.tokens or 0


def _check_shares(request: Cost, lengths: Sequence[int]) -> None:
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


def _price_input(tokens: Figure, rates: _Rates, request: Cost, requests: int) -> dict[str, Figure]:
    """`input_usd` of calls that pay the same, and its parts by name where some of it is cached."""
    if rates.cached is None and rates.written is None:
        return {"input_usd": usd_of("input_usd", tokens, rates.input)}
    nothing = given("tokens", 0, "tokens", say("none"))
    cached = _part("cached_tokens", request.cached, tokens, requests, is_cached=rates.reads) or nothing
    written = (
        _part("cache_write_tokens", request.cache_write, tokens, requests, is_cached=rates.writes) or nothing
    )
    fresh = _fresh(tokens, cached, written, _shares(request, rates))
    parts = {"fresh_tokens": fresh, "fresh_usd": usd_of("fresh_usd", fresh, rates.input)}
    if rates.cached is not None:
        parts |= {"cached_tokens": cached, "cached_usd": usd_of("cached_usd", cached, rates.cached)}
    if rates.written is not None:
        parts |= {"cache_write_tokens": written}
        parts |= {"cache_write_usd": usd_of("cache_write_usd", written, rates.written)}
    zero = given("usd", 0, "USD", say("none"))
    usd = derive(
        "input_usd",
        "USD",
        cost.input_usd,
        fresh_usd=parts["fresh_usd"],
        cached_usd=parts.get("cached_usd", zero),
        cache_write_usd=parts.get("cache_write_usd", zero),
    )
    return {"input_usd": usd, **parts}


def usd_of(name: str, tokens: Figure, usd_per_mtok: Figure) -> Figure:
    """Dollars for tokens at one rate."""
    return derive(name, "USD", cost.tokens_usd, tokens=tokens, usd_per_mtok=usd_per_mtok)


def _part(name: str, share: Share | None, tokens: Figure, requests: int, *, is_cached: bool) -> Figure | None:
    """The tokens of a part of the input; none where it is too short to be cached."""
    if share is None:
        return None
    if not is_cached:
        return given(name, 0, "tokens", say("too short to be cached"))
    return share.figure(name, tokens, requests)


def _shares(request: Cost, rates: _Rates) -> list[Share]:
    """The parts that are cached."""
    shares = ((request.cached, rates.reads), (request.cache_write, rates.writes))
    return [share for share, is_cached in shares if share is not None and is_cached]


def _fresh(input_tokens: Figure, cached: Figure, written: Figure, shares: Sequence[Share]) -> Figure:
    """What is left of the input. Where all is a percentage of a range, the rest is one too."""
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


def _price_output(output_tokens: Figure, rates: _Rates, n_group: int, n_calls: int) -> Figure:
    """`output_usd` of calls that pay the same: all have the same output, which the user gave for one."""
    if output_tokens.value is not None and n_group < n_calls:
        per_call = next(each for each in output_tokens.inputs if each.name == "tokens_per_call")
        requests = given("requests", n_group, "calls", say("one call for each prompt"))
        output_tokens = derive(
            "output_tokens", "tokens", cost.tokens_of_calls, tokens_per_call=per_call, requests=requests
        )
    usd = usd_of("output_usd", output_tokens, rates.output)
    return replace(usd, note=output_tokens.note) if output_tokens.value is None else usd


def _sum(name: str, figures: Sequence[Figure]) -> Figure:
    """A figure of all calls, from those of each group."""
    if len(figures) == 1:
        return figures[0]
    add: Callable[..., Any] = cost.sum_usd if figures[0].unit == "USD" else cost.sum_tokens
    note = figures[0].note if figures[0].value is None else say("each call at its own rate")
    groups = {f"calls_{number}": figure for number, figure in enumerate(figures, start=1)}
    return derive(name, figures[0].unit, add, note=note, **groups)


def write_rate(
    price: Price | None, of: Callable[[str, Rate | None], Figure], full_rate: Figure, cache_ttl: str
) -> Figure:
    """The rate of what is written to the cache for as long as the user asks."""
    name = "cache_write_usd_per_mtok"
    if cache_ttl != "1h":
        return cache_rate(name, price.cache_write if price else None, of, full_rate)
    if price is None or price.cache_write_1h is None:
        return assumed(name, None, "USD/Mtok", _NO_HOUR)
    return of(name, price.cache_write_1h)


def cache_rate(
    name: str, rate: Rate | None, of: Callable[[str, Rate | None], Figure], full_rate: Figure
) -> Figure:
    """The rate of cached tokens; the full input price where none is published for them."""
    if rate is not None:
        return of(name, rate)
    if full_rate.value is None:
        return assumed(name, None, "USD/Mtok", _UNPRICED)
    note = say("no rate for the cache is published: the full input price")
    low, high = full_rate.low, full_rate.high
    return assumed(name, full_rate.value, "USD/Mtok", note, source=full_rate.source, low=low, high=high)
