"""Price a call that was made: its tokens are those that the provider counted, kind by kind.

The rates are chosen and applied by the same functions as those of an estimate (`rates.py`), so that an
estimate of the same tokens comes to the same dollars.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal

from ...catalog.prices.price import Price, Rate
from ...figures import UNBOUNDED, Figure, assumed, derive, published
from ...formulas import cost
from ...messages import say
from ...records import dataclass
from .calls import Call
from .rates import cache_rate, rate_figure, request_fee, sound_usd, tool_fee, total_usd, usd_of, write_rate

# The kinds that some models have a rate of their own for, by genai-prices' name of it. Others bill them as
# text or, of a cache, as text from it; sound without a rate is not billed as text: see `sound_usd`.
_AS_TEXT = {"image_input": "input_image_mtok", "video_input": "input_video_mtok"}
_AS_CACHED_TEXT = {"cached_image": "cache_image_read_mtok"}
_OF_OUTPUT = {
    "image_output": "output_image_mtok",
    "video_output": "output_video_mtok",
    "reasoning": "output_reasoning_mtok",
}


@dataclass(frozen=True, slots=True)
class MeteredTokens:
    """What one call is billed by: each kind of its tokens a figure, None where there are none of a kind.

    The kinds of the input share no token, and those of the output neither. `kinds` are those that only some
    models have a rate for: pictures, video, thinking, citations. `is_output_parted` says whether the answer
    tells what of its output is a picture. `tools` are what the provider's own did, by the fee's name.
    """

    input: Figure
    output: Figure
    cached: Figure | None = None
    written_5m: Figure | None = None
    written_1h: Figure | None = None
    audio_input: Figure | None = None
    cached_audio: Figure | None = None
    audio_output: Figure | None = None
    kinds: Mapping[str, Figure] = field(default_factory=dict)
    is_output_parted: bool = True
    tools: Sequence[tuple[Figure, str]] = ()


def price_metered(tokens: MeteredTokens, price: Price) -> Iterator[Figure]:
    """`input_usd` and its parts, `output_usd`, `total_usd` (USD): "at least" where a part has no rate."""
    parts = [_known(part) for part in _input_parts(tokens, price)]
    input_usd = derive("input_usd", "USD", cost.sum_usd, note="", **{part.name: part for part in parts})
    output_parts = [_known(part) for part in _output_parts(tokens, price)]
    output_usd = derive(
        "output_usd", "USD", cost.sum_usd, note="", **{part.name: part for part in output_parts}
    )
    fees = (*request_fee(price, 1), *(tool_fee(times, price, rate) for times, rate in tokens.tools))
    yield from parts if len(parts) > 1 else ()
    yield from (input_usd, output_usd, *fees, total_usd(input_usd, output_usd, fees))


def _input_parts(tokens: MeteredTokens, price: Price) -> Iterator[Figure]:
    """The dollars for each kind of input: what has no rate of its own comes first."""
    n = int(tokens.input.value or 0)

    def of(name: str, rate: Rate | None) -> Figure:
        return rate_figure(name, price, rate, [Call(n, n, n)])

    full = of("usd_per_mtok", price.input)
    apart = (tokens.cached, tokens.written_5m, tokens.written_1h, tokens.audio_input, tokens.cached_audio)
    media = [tokens.kinds.get(kind) for kind in (*_AS_TEXT, *_AS_CACHED_TEXT)]
    rest = _rest(tokens.input, *apart, *media)
    if (
        rest.high or price.input is not None
    ):  # what is billed by another unit alone has no rate, and needs none
        yield usd_of("fresh_usd", rest, full)
    cached_rate = cache_rate("cached_usd_per_mtok", price.cached_input, of, full)
    if tokens.cached is not None:
        yield usd_of("cached_usd", tokens.cached, cached_rate)
    if tokens.written_5m is not None:
        yield usd_of("cache_write_usd", tokens.written_5m, write_rate(price, of, full, "5m"))
    if tokens.written_1h is not None:
        yield usd_of("cache_write_1h_usd", tokens.written_1h, write_rate(price, of, full, "1h"))
    if tokens.audio_input is not None:
        yield sound_usd(tokens.audio_input, price)
    if tokens.cached_audio is not None:
        yield replace(sound_usd(tokens.cached_audio, price, "cache_audio_read_mtok"), name="cached_audio_usd")
    for kind, name in _AS_TEXT.items():
        yield from _of_kind(tokens, kind, _own_rate(price, name) or full)
    for kind, name in _AS_CACHED_TEXT.items():
        yield from _of_kind(tokens, kind, _own_rate(price, name) or cached_rate)


def _output_parts(tokens: MeteredTokens, price: Price) -> Iterator[Figure]:
    """The dollars for each kind of output, and for what was cited."""
    n = int(tokens.input.value or 0)
    own = {kind: rate for kind, name in _OF_OUTPUT.items() if (rate := _own_rate(price, name)) is not None}
    apart = [tokens.audio_output, *(tokens.kinds.get(kind) for kind in own)]
    text = rate_figure("usd_per_mtok", price, price.output, [Call(n, n, n)])
    if "image_output" in own and not tokens.is_output_parted:
        text = _text_or_picture(text, own["image_output"])
    rest = _rest(tokens.output, *apart)
    if rest.high:
        yield usd_of("text_output_usd", rest, text)
    if tokens.audio_output is not None:
        yield sound_usd(tokens.audio_output, price, "output_audio_mtok")
    for kind, rate in own.items():
        yield from _of_kind(tokens, kind, rate)
    cited = _own_rate(price, "output_citation_mtok")
    if cited is not None:
        yield from _of_kind(tokens, "citation", cited)


def _own_rate(price: Price, name: str) -> Figure | None:
    """The rate of a kind of its own (USD per Mtok); None where the table has none."""
    rate = (price.other_rates or {}).get(name)
    return None if rate is None else published(name, rate, "USD/Mtok", price.source)


def _of_kind(tokens: MeteredTokens, kind: str, rate: Figure) -> Iterator[Figure]:
    if kind in tokens.kinds:
        yield usd_of(f"{kind}_usd", tokens.kinds[kind], rate)


def _text_or_picture(text: Figure, picture: Figure) -> Figure:
    """The rate of an output that may be either, as its answer does not say (USD per Mtok)."""
    rates = [rate.value for rate in (text, picture) if rate.value is not None]
    note = say("the answer does not say what of it is a picture")
    return assumed(
        text.name, max(rates), text.unit, note, source=picture.source, low=min(rates), high=max(rates)
    )


def _known(usd: Figure) -> Figure:
    """The dollars of a part; at least none where no table has its rate."""
    if usd.value is not None:
        return usd
    note = say("unpriced: no table has this price")
    return assumed(usd.name, Decimal(0), "USD", note, low=Decimal(0), high=UNBOUNDED)


def _rest(tokens: Figure, *kinds: Figure | None) -> Figure:
    """What of all tokens has no rate of its own."""
    apart = {kind.name: kind for kind in kinds if kind is not None}
    if not apart:
        return tokens
    parts = derive("parts_tokens", "tokens", cost.sum_tokens, note="", **apart)
    return derive("fresh_tokens", "tokens", cost.rest_tokens, input_tokens=tokens, parts_tokens=parts)
