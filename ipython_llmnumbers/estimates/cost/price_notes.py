"""What must be said beside a price: its model's end, what a second table has, what is billed beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from ...catalog.prices.price import LifeCycle, Price
from ...figures import Note
from ...formulas import cost
from ...messages import joined, say
from ...probes.prompts.chat import Prompt
from ...probes.prompts.parts import Image, Video
from .question import Cost

# OpenAI gives at least 6 months' notice of a model's end, others 60 days: a user who sees it then can act.
SOON = timedelta(days=60)

# What a row of the price table bills beside the tokens of text, in words with its unit.
_UNITS = {
    "web_searches_kcount": say("web searches ${usd} per 1,000"),
    "storage_searches_kcount": say("searches in files ${usd} per 1,000"),
    "input_text_messages_kcount": say("text messages ${usd} per 1,000"),
    "input_document_kpages": say("pages ${usd} per 1,000"),
    "input_annotated_document_kpages": say("annotated pages ${usd} per 1,000"),
    "input_mchars": say("characters ${usd} per million"),
    "audio_hours": say("audio ${usd} per hour"),
    "input_audio_hours": say("audio sent ${usd} per hour"),
    "input_audio_mtok": say("audio sent ${usd}/Mtok"),
    "cache_audio_read_mtok": say("cached audio ${usd}/Mtok"),
    "input_image_mtok": say("images sent ${usd}/Mtok"),
    "cache_image_read_mtok": say("cached images ${usd}/Mtok"),
    "input_video_mtok": say("video sent ${usd}/Mtok"),
    "output_audio_mtok": say("audio in the answer ${usd}/Mtok"),
    "output_image_mtok": say("images in the answer ${usd}/Mtok"),
    "output_video_mtok": say("video in the answer ${usd}/Mtok"),
    "output_reasoning_mtok": say("reasoning ${usd}/Mtok"),
    "output_citation_mtok": say("citations ${usd}/Mtok"),
}


def price_notes(name: str, price: Price, request: Cost, prompts: Sequence[Prompt]) -> Iterator[Note]:
    """The notes of a price that some table has, in the order of what they change."""
    if price.life is not None:
        yield from life_notes(name, price, price.life, request.day)
    if price.note:
        yield Note(joined(": ", price.model, price.note), "info" if price.input else "warning")
    yield from _differing(name, price)
    yield from _left_out(price, request, prompts)
    yield from _cache_writes(price, request)


def life_notes(name: str, price: Price, life: LifeCycle, day: date) -> Iterator[Note]:
    """That a model is shut down, or soon will be, as of the day that is priced."""
    if life.ends is None:
        text = say("{table} marks {model} as deprecated", table=price.table, model=price.model)
        yield Note(text, "warning")
        return
    if life.ends - day > SOON:
        return
    # Not how many days are left: a stored output would be another one each day.
    text = say("{model} shuts down on {day}", model=name, day=life.ends)
    if life.is_over(day):
        text = say("{model} was shut down on {day}", model=name, day=life.ends)
    heir = say("{vendor} names {model} in its place", vendor=price.provider, model=life.heir)
    yield Note(joined("; ", text, heir if life.heir else ""), "error" if life.is_over(day) else "warning")


def _differing(name: str, price: Price) -> Iterator[Note]:
    """That a second table has another price for this name."""
    if price.other is not None and price.input is not None and price.output is not None:
        text = say(
            "the tables differ on {model}, in dollars per Mtok of input and output: {rates} in {table} of"
            " {day}, {other_rates} in {other} of {other_day}",
            model=name,
            table=price.table or price.source.name,
            rates=_pair(price.input.base_usd_per_mtok, price.output.base_usd_per_mtok),
            day=price.source.checked,
            other_rates=_pair(price.other.input_usd_per_mtok, price.other.output_usd_per_mtok),
            other=price.other.source.name.partition(",")[0],
            other_day=price.other.source.checked,
        )
        yield Note(text, "warning")


def _pair(input_usd: Decimal, output_usd: Decimal) -> str:
    return f"{_plain(input_usd)}/{_plain(output_usd)}"


def _plain(usd: Decimal) -> str:
    """A rate without the zeros that its arithmetic left.

    >>> _plain(Decimal("0.30"))
    '0.3'
    """
    return f"{usd.normalize():f}"


def _left_out(price: Price, request: Cost, prompts: Sequence[Prompt]) -> Iterator[Note]:
    """What this call is billed, or may be, at a rate that is in no figure."""
    rates = {name: usd for name, usd in (price.other_rates or {}).items() if name in _UNITS}
    if price.input is None and price.output is None:
        if rates:
            text = say("{model} is not billed by tokens: {listed}", model=price.model, listed=_listed(rates))
            yield Note(text, "warning")
        return
    sent = {name: usd for name, usd in rates.items() if _is_sent(name, prompts)}
    if sent:
        text = say(
            "{model} prices these at rates of their own, and the total has them at that of text: {listed}",
            model=price.model,
            listed=_listed(sent),
        )
        yield Note(text, "warning")
    beside = {name: usd for name, usd in rates.items() if _is_beside(name, prompts, request)}
    if beside:
        text = say(
            "{model} bills beside this, and it is not in the total: {listed}",
            model=price.model,
            listed=_listed(beside),
        )
        yield Note(text, "warning")


def _listed(rates: Mapping[str, Decimal]) -> str:
    return joined(", ", *(say(_UNITS[name], usd=_plain(usd)) for name, usd in rates.items()))


# What of a prompt is counted in tokens, and the rate that some models have for it alone.
_MEDIA: Mapping[str, type] = {
    "input_image_mtok": Image,
    "input_video_mtok": Video,
}


def _is_sent(name: str, prompts: Sequence[Prompt]) -> bool:
    """Whether the prompts hold what this rate is for."""
    medium = _MEDIA.get(name)
    parts = (part for prompt in prompts for message in prompt.messages for part in message.parts)
    return medium is not None and any(isinstance(part, medium) for part in parts)


def _is_beside(name: str, prompts: Sequence[Prompt], request: Cost) -> bool:
    """Whether a call with these prompts pays this beside its tokens."""
    if name.startswith("output_"):
        return request.output_range is not None
    if name == "web_searches_kcount":
        return _has_tool(prompts, "web_search", "google_search")
    if name == "storage_searches_kcount":
        return _has_tool(prompts, "file_search")
    return name == "input_text_messages_kcount"


def _has_tool(prompts: Sequence[Prompt], *kinds: str) -> bool:
    """Whether a tool of the provider's own is among those of a prompt, such as `web_search_20250305`."""
    return any(tool.built_in.startswith(kinds) for prompt in prompts for tool in prompt.tools)


def _cache_writes(price: Price, request: Cost) -> Iterator[Note]:
    """Which of a provider's prices the cache was written at, and when that pays."""
    short, long = price.cache_write, price.cache_write_1h
    if request.cache_write is None or short is None:
        return
    model, wants_hour = price.model, request.cache_ttl == "1h"
    rates = {"short": _plain(short.base_usd_per_mtok), "long": long and _plain(long.base_usd_per_mtok)}
    text = say("cache writes of {model} cost ${short}/Mtok", model=model, **rates)
    if long is not None and wants_hour:
        text = say(
            "cache writes of {model} are priced as kept for 1 hour, ${long}/Mtok; for 5 minutes they cost"
            " ${short}/Mtok ({option:cache_ttl=5m})",
            model=model,
            **rates,
        )
    elif long is not None:
        text = say(
            "cache writes of {model} are priced as kept for 5 minutes, ${short}/Mtok; for 1 hour they cost"
            " ${long}/Mtok ({option:cache_ttl=1h})",
            model=model,
            **rates,
        )
    elif wants_hour:
        text = say(
            "no price is published for an hour in the cache of {model}; its cache writes cost ${short}/Mtok"
            " ({option:cache_ttl=5m})",
            model=model,
            **rates,
        )
    rate = long if wants_hour else short
    pays = ""
    if rate is not None and price.input is not None and price.cached_input is not None:
        full, read = price.input.base_usd_per_mtok, price.cached_input.base_usd_per_mtok
        if read < full:
            call = cost.cache_pays_from_call(full, rate.base_usd_per_mtok, read)
            pays = say("a prompt that is written once and read since pays from call {n} on", n=call)
    yield Note(joined("; ", text, pays))
