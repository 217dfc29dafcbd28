"""Price a call that was made: its tokens are those that the provider counted, kind by kind.

The rates are chosen and applied by the same functions as those of an estimate (`rates.py`), so that an
estimate of the same tokens comes to the same dollars.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...catalog.prices.price import Price, Rate
from ...figures import Figure, derive
from ...formulas import cost
from .calls import Call
from .rates import cache_rate, rate_figure, request_fee, sound_usd, total_usd, usd_of, write_rate


@dataclass(frozen=True, slots=True)
class MeteredTokens:
    """The tokens of one call, each kind a figure; None where there are none of a kind."""

    input: Figure
    output: Figure
    cached: Figure | None = None
    written_5m: Figure | None = None
    written_1h: Figure | None = None
    audio_input: Figure | None = None
    cached_audio: Figure | None = None
    audio_output: Figure | None = None


def price_metered(tokens: MeteredTokens, price: Price | None) -> Iterator[Figure]:
    """`input_usd` and its parts, `output_usd`, `total_usd` (USD): unknown where no table has the price."""
    parts = list(_input_parts(tokens, price))
    input_usd = derive("input_usd", "USD", cost.sum_usd, note="", **{part.name: part for part in parts})
    output_parts = list(_output_parts(tokens, price))
    output_usd = derive(
        "output_usd", "USD", cost.sum_usd, note="", **{part.name: part for part in output_parts}
    )
    fees = tuple(request_fee(price, 1))
    yield from parts if len(parts) > 1 else ()
    yield from (input_usd, output_usd, *fees, total_usd(input_usd, output_usd, fees))


def _input_parts(tokens: MeteredTokens, price: Price | None) -> Iterator[Figure]:
    """The dollars for each kind of input: what has no rate of its own comes first."""
    n = int(tokens.input.value or 0)

    def of(name: str, rate: Rate | None) -> Figure:
        return rate_figure(name, price, rate, [Call(n, n, n)])

    full = of("usd_per_mtok", price.input if price else None)
    yield usd_of(
        "fresh_usd",
        _rest(
            tokens.input,
            tokens.cached,
            tokens.written_5m,
            tokens.written_1h,
            tokens.audio_input,
            tokens.cached_audio,
        ),
        full,
    )
    if tokens.cached is not None:
        cached = price.cached_input if price else None
        yield usd_of("cached_usd", tokens.cached, cache_rate("cached_usd_per_mtok", cached, of, full))
    if tokens.written_5m is not None:
        yield usd_of("cache_write_usd", tokens.written_5m, write_rate(price, of, full, "5m"))
    if tokens.written_1h is not None:
        yield usd_of("cache_write_1h_usd", tokens.written_1h, write_rate(price, of, full, "1h"))
    if tokens.audio_input is not None:
        yield sound_usd(tokens.audio_input, price)
    if tokens.cached_audio is not None:
        yield replace(sound_usd(tokens.cached_audio, price, "cache_audio_read_mtok"), name="cached_audio_usd")


def _output_parts(tokens: MeteredTokens, price: Price | None) -> Iterator[Figure]:
    n = int(tokens.input.value or 0)
    rate = rate_figure("usd_per_mtok", price, price.output if price else None, [Call(n, n, n)])
    yield usd_of("text_output_usd", _rest(tokens.output, tokens.audio_output), rate)
    if tokens.audio_output is not None:
        yield sound_usd(tokens.audio_output, price, "output_audio_mtok")


def _rest(tokens: Figure, *kinds: Figure | None) -> Figure:
    """What of all tokens has no rate of its own."""
    apart = {kind.name: kind for kind in kinds if kind is not None}
    if not apart:
        return tokens
    parts = derive("parts_tokens", "tokens", cost.sum_tokens, note="", **apart)
    return derive("fresh_tokens", "tokens", cost.rest_tokens, input_tokens=tokens, parts_tokens=parts)
