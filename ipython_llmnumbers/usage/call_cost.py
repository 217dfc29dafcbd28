"""What one recorded call cost: as its provider bills it, else by the price of its hour, else unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from ..catalog.api_answers import Tool, tools_of
from ..catalog.prices.price import Price
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
    "unsent": say("no connection: nothing was sent"),
    "open": say("not at its end yet"),
    "lost": say("the recorder failed; the call itself did not"),
}

_TOOLS = {
    "web_searches": say("web searches"),
    "file_searches": say("searches in files"),
    "code_runs": say("runs of code"),
    "drawn_images": say("pictures by a tool"),
    "advisor_calls": say("calls of an advising model"),
    "search_units": say("search units"),
    "read_pages": say("pages"),
    "sound_s": say("seconds of sound"),
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
            prompt=call.prompt,
        ),
    )


def _how(call: RecordedCall, seller: Seller) -> How:
    if call.state in ("refused", "unsent", "declined"):
        return "free"
    if call.billed_usd is not None:
        return "billed"
    if seller.is_local:
        return "local"
    return "computed" if call.tokens is not None and _has_rates(seller.price, call) else "unknown"


def _has_rates(price: Price | None, call: RecordedCall) -> bool:
    """Whether a price says anything of what is billed: that of a tier that is not sold does not."""
    if price is None:
        return False
    units = {each.rate for each, _ in tools_of(call.tools, call.model or "")}
    return price.input is not None or price.output is not None or bool(units & set(price.other_rates or ()))


def _figures(call: RecordedCall, seller: Seller, how: How) -> Iterator[Figure]:
    """The tokens by kind, and the dollars: `total_usd` is always there."""
    source = _answer_of(call)
    counted = {}
    if call.tokens is not None:
        counted = {figure.name: figure for figure in _counts(call, call.tokens, source)}
        yield from counted.values()
    tools = tuple(_tools(call, source))
    yield from (figure for figure, _ in tools)
    if how == "computed" and call.tokens is not None and seller.price is not None:
        metered = _metered(counted, call.tokens, [(figure, each.rate) for figure, each in tools])
        for figure in price_metered(metered, seller.price):
            yield _if_billed(figure, call) if seller.may_be_local and figure.name == "total_usd" else figure
        return
    if how == "billed":
        yield measured("total_usd", call.billed_usd, "USD", source, note=say("the provider's own bill"))
    elif how == "local":
        yield measured("total_usd", Decimal(0), "USD", source, note=say("no API bills a model of your own"))
    elif how == "free":
        yield measured("total_usd", Decimal(0), "USD", source, note=_why_free(call))
    else:
        why = _why_unknown(call, seller)
        yield assumed("total_usd", Decimal(0), "USD", why, low=Decimal(0), high=UNBOUNDED)


def _why_free(call: RecordedCall) -> str:
    if call.state == "declined":
        return say("declined before any answer, and not billed")
    return _UNKNOWN["unsent"] if call.state == "unsent" else say("refused: status {n}", n=call.status)


def _why_unknown(call: RecordedCall, seller: Seller) -> str:
    if call.state == "failed" and call.status is not None:
        return say("status {n}: it may be billed all the same", n=call.status)
    if call.state == "uncounted":
        return say("not counted: {what}", what=call.operation)
    if call.state == "complete" and seller.may_be_local:
        return say("unpriced: a model of your own, or a gateway's name for another")
    return _UNKNOWN.get(call.state, say("unpriced: no table has this price"))


def _if_billed(total: Figure, call: RecordedCall) -> Figure:
    """What a call costs if a gateway answered, and nothing if the machine runs the model itself."""
    note = say("{address} may run the model itself", address=call.address)
    high = total.high if total.high is not None else total.value
    return assumed(total.name, total.value, total.unit, note, source=total.source, low=Decimal(0), high=high)


def _tools(call: RecordedCall, source: Source) -> Iterator[tuple[Figure, Tool]]:
    """How often the provider's own tools were used, as far as they are billed."""
    for each, times in tools_of(call.tools, call.model or ""):
        if each.has_free:
            note = say("the first of a day or a month are free")
            yield assumed(each.name, times, each.unit, note, source=source, low=0, high=times), each
        else:
            yield measured(each.name, times, each.unit, source), each


def _answer_of(call: RecordedCall) -> Source:
    return Source(say("the answer of {address}", address=call.address), None, call.started.date())


def _counts(call: RecordedCall, tokens: Tokens, source: Source) -> Iterator[Figure]:
    """All input and output, and each kind that has a rate of its own and of which there is any.

    The kinds share no token: of sound and pictures that are cached an answer may not say that they are both.
    """
    cached, written, written_1h = tokens.cached or 0, tokens.written or 0, tokens.written_1h or 0
    sound, images, video = tokens.audio_input or 0, tokens.image_input or 0, tokens.video_input or 0
    twice = max(0, cached + written + sound + images + video - (tokens.input or 0))
    cached_sound = min(cached, sound, max(tokens.cached_audio or 0, twice - (tokens.cached_image or 0)))
    cached_images = min(cached - cached_sound, images, max(tokens.cached_image or 0, twice - cached_sound))
    kinds = {
        "cached_tokens": cached - cached_sound - cached_images,
        "cache_write_tokens": written - written_1h,
        "cache_write_1h_tokens": written_1h,
        "audio_tokens": sound - cached_sound,
        "cached_audio_tokens": cached_sound,
        "image_tokens": images - cached_images,
        "cached_image_tokens": cached_images,
        "video_tokens": video,
        "output_tokens": tokens.output,
        "reasoning_tokens": tokens.reasoning,
        "audio_output_tokens": tokens.audio_output,
        "image_output_tokens": tokens.image_output,
        "video_output_tokens": tokens.video_output,
        "citation_tokens": tokens.citation,
    }
    if tokens.input is None:
        note = say("the answer does not say how long its prompt was")
        yield assumed("input_tokens", 0, "tokens", note, source=source, low=0, high=UNBOUNDED)
    else:
        yield measured("input_tokens", tokens.input, "tokens", source)
    for name, n in kinds.items():
        if name == "output_tokens" and call.state in ("cut", "open"):
            yield assumed(name, n, "tokens", _UNKNOWN[call.state], source=source, low=n, high=UNBOUNDED)
        elif n or name == "output_tokens":
            yield measured(name, n, "tokens", source)


# The figures of the kinds that only some models have a rate for, by their names among the metered.
_KINDS = {
    "image_input": "image_tokens",
    "video_input": "video_tokens",
    "cached_image": "cached_image_tokens",
    "image_output": "image_output_tokens",
    "video_output": "video_output_tokens",
    "reasoning": "reasoning_tokens",
    "citation": "citation_tokens",
}


def _metered(
    counted: dict[str, Figure], tokens: Tokens, tools: Sequence[tuple[Figure, str]]
) -> MeteredTokens:
    return MeteredTokens(
        input=counted["input_tokens"],
        output=counted["output_tokens"],
        cached=counted.get("cached_tokens"),
        written_5m=counted.get("cache_write_tokens"),
        written_1h=counted.get("cache_write_1h_tokens"),
        audio_input=counted.get("audio_tokens"),
        cached_audio=counted.get("cached_audio_tokens"),
        audio_output=counted.get("audio_output_tokens"),
        kinds={kind: counted[name] for kind, name in _KINDS.items() if name in counted},
        is_output_parted=(tokens.text_output, tokens.image_output) != (None, None),
        tools=tools,
    )


def _times(call: RecordedCall) -> Iterator[Figure]:
    """`duration_s`, `first_text_s` (s) and `output_tokens_per_s` (tokens/s), where there was an answer."""
    clock = Source(say("the clock of this machine"), None, call.started.date())
    if call.state not in ("complete", "cut", "silent", "declined"):
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
    model, price = call.model or "?", seller.price
    if how == "unknown" and call.tokens is not None:
        why = price.note if price is not None else ""
        yield Note(why or say("{model}: unpriced, not in the total", model=model), "warning")
        for each, n in tools_of(call.tools, model):
            yield Note(say("{model}: {n:,} {tool}", model=model, n=n, tool=_TOOLS[each.name]))
    if how != "computed" or call.tokens is None:
        return
    for words in seller.unpriced_words:
        text = say(
            "{model}: the answer names {words}, which no table prices; the usual price is taken",
            model=model,
            words=words,
        )
        yield Note(text, "warning")
    for each, _ in tools_of(call.tools, model):
        if each.rate not in ((price.other_rates or {}) if price else {}):
            text = say(
                "{model} bills these beside the tokens, and no table has the fee: {tool}",
                model=model,
                tool=_TOOLS[each.name],
            )
            yield Note(text, "warning")
    yield from _notes_of_place(call, seller)
    if price is not None:
        yield from _notes_of_price(model, call.tokens, price)


def _notes_of_place(call: RecordedCall, seller: Seller) -> Iterator[Note]:
    if seller.may_be_local:
        text = say(
            "{address} does not say what runs behind it: a gateway is billed, a model of your own is not",
            address=call.address,
        )
        yield Note(text, "warning")
    elif seller.is_gateway:
        text = say("{address} is in no table: the price is what a model's maker asks", address=call.address)
        yield Note(text)


def _notes_of_price(model: str, tokens: Tokens, price: Price) -> Iterator[Note]:
    window = price.context_window_tokens
    # A call for vectors has many texts, each of which fits.
    if window is not None and tokens.output and (tokens.input or 0) > window:
        text = say(
            "{model}: the answer counts {n:,} tokens of input, and the context window is {window:,}",
            model=model,
            n=tokens.input,
            window=window,
        )
        yield Note(text, "warning")
    if price.note:
        yield Note(say("{model}: {note}", model=model, note=price.note))
