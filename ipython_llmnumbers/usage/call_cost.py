"""What one recorded call cost: as its provider bills it, else by the price of its hour, else unknown."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from ..estimates.cost.metered import MeteredTokens, price_metered
from ..estimates.cost.usage_details import CallCost, CallDetails, How
from ..figures import UNBOUNDED, Figure, Note, Source, assumed, derive, measured
from ..formulas.cost import output_tokens_per_s
from ..messages import say
from .recording.recording import RecordedCall, State
from .recording.tokens import Tokens
from .sellers import Seller, seller_of

# Why the cost of a call is not known, or not all of it.
_UNKNOWN: dict[State, str] = {
    "cut": say("left before its end: its usage comes last"),
    "silent": say("the answer has no usage"),
    "unreadable": say("an answer that cannot be read"),
    "failed": say("no answer came"),
    "open": say("no answer when the cell ended"),
    "lost": say("the recorder failed; the call itself did not"),
}


def call_cost(call: RecordedCall) -> CallCost:
    """The tokens and the dollars of one call."""
    seller = seller_of(call)
    how = _how(call, seller)
    price = seller.price if how == "computed" else None
    return CallCost(
        call.model or say("a model that is not named"),
        figures=(*_figures(call, seller, how), *_times(call)),
        notes=tuple(_notes(call, seller, how)),
        details=CallDetails(
            model=call.model,
            address=call.address,
            client=call.client,
            started=call.started,
            status=call.status,
            state=call.state,
            how=how,
            tier=call.tier,
            provider=price.provider if price else None,
            price_date=price.source.checked if price else None,
            price_table=(price.table or price.source.name) if price else None,
            listed_as=seller.price.model if seller.price else None,
            sold_by=seller.id,
            operation=call.operation,
            is_stray=call.is_stray,
        ),
    )


def _how(call: RecordedCall, seller: Seller) -> How:
    if call.state == "refused":
        return "free"
    if call.billed_usd is not None:
        return "billed"
    if seller.is_local:
        return "local"
    return "computed" if call.tokens is not None and seller.price is not None else "unknown"


def _figures(call: RecordedCall, seller: Seller, how: How) -> Iterator[Figure]:
    """The tokens by kind, and the dollars: `total_usd` is always there."""
    source = _answer_of(call)
    if call.tokens is not None:
        counted = {figure.name: figure for figure in _counts(call, call.tokens, source)}
        yield from counted.values()
    if how == "computed" and call.tokens is not None:
        yield from price_metered(_metered(counted), seller.price)
        return
    if how == "billed":
        yield measured("total_usd", call.billed_usd, "USD", source, note=say("the provider's own bill"))
    elif how == "local":
        yield measured("total_usd", Decimal(0), "USD", source, note=say("no API bills a model of your own"))
    elif how == "free":
        yield measured("total_usd", Decimal(0), "USD", source, note=say("refused: status {n}", n=call.status))
    else:
        note = _UNKNOWN.get(call.state, say("unpriced: no table has this price"))
        yield assumed("total_usd", Decimal(0), "USD", note, low=Decimal(0), high=UNBOUNDED)


def _answer_of(call: RecordedCall) -> Source:
    return Source(say("the answer of {address}", address=call.address), None, call.started.date())


def _counts(call: RecordedCall, tokens: Tokens, source: Source) -> Iterator[Figure]:
    """All input and output, and each kind that has a rate of its own and of which there is any.

    The kinds share no token: of sound that is cached an answer may not say that it is both.
    """
    cached, written, sound = tokens.cached or 0, tokens.written or 0, tokens.audio_input or 0
    written_1h = tokens.written_1h or 0
    cached_sound = min(cached, max(tokens.cached_audio or 0, cached + written + sound - tokens.input))
    kinds = {
        "input_tokens": tokens.input,
        "cached_tokens": cached - cached_sound,
        "cache_write_tokens": written - written_1h,
        "cache_write_1h_tokens": written_1h,
        "audio_tokens": sound - cached_sound,
        "cached_audio_tokens": cached_sound,
        "output_tokens": tokens.output,
        "reasoning_tokens": tokens.reasoning,
        "audio_output_tokens": tokens.audio_output,
    }
    for name, n in kinds.items():
        if name == "output_tokens" and call.state != "complete":
            yield assumed(name, n, "tokens", _UNKNOWN["cut"], source=source, low=n, high=UNBOUNDED)
        elif n or name in ("input_tokens", "output_tokens"):
            yield measured(name, n, "tokens", source)


def _metered(counted: dict[str, Figure]) -> MeteredTokens:
    return MeteredTokens(
        input=counted["input_tokens"],
        output=counted["output_tokens"],
        cached=counted.get("cached_tokens"),
        written_5m=counted.get("cache_write_tokens"),
        written_1h=counted.get("cache_write_1h_tokens"),
        audio_input=counted.get("audio_tokens"),
        cached_audio=counted.get("cached_audio_tokens"),
        audio_output=counted.get("audio_output_tokens"),
    )


def _times(call: RecordedCall) -> Iterator[Figure]:
    """`duration_s`, `first_text_s` (s) and `output_tokens_per_s` (tokens/s), where there was an answer."""
    clock = Source(say("the clock of this machine"), None, call.started.date())
    if call.state not in ("complete", "cut", "silent"):
        return
    duration = measured("duration_s", call.duration_s, "s", clock)
    yield duration
    if call.first_text_s is not None:
        yield measured("first_text_s", call.first_text_s, "s", clock)
    if call.state == "complete" and call.tokens is not None and call.tokens.output and call.duration_s > 0:
        output = measured("output_tokens", call.tokens.output, "tokens", _answer_of(call))
        yield derive(
            "output_tokens_per_s", "tokens/s", output_tokens_per_s, output_tokens=output, duration_s=duration
        )


def _notes(call: RecordedCall, seller: Seller, how: How) -> Iterator[Note]:
    if how == "unknown" and call.tokens is not None:
        text = say("{model}: unpriced, not in the total", model=call.model or "?")
        yield Note(text, "warning")
    if how != "computed":
        return
    if not seller.is_known_tier:
        text = say(
            "{model}: the answer names the tier {tier}, which no table prices; the usual price is taken",
            model=call.model or "?",
            tier=call.tier or "",
        )
        yield Note(text, "warning")
    if seller.is_gateway:
        yield Note(
            say("{address} is in no table: the price is what a model's maker asks", address=call.address)
        )
    if seller.price is not None and seller.price.note:
        yield Note(say("{model}: {note}", model=call.model or "?", note=seller.price.note))
