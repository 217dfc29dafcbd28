"""A prompt's cost on one model: what it comes to, and line by line how it is made."""

from __future__ import annotations

from collections.abc import Iterator

from ...estimates.cost.details import CostEstimate, spent_local, spent_usd
from ...figures import Figure
from ...messages import said, tell
from .. import formats
from ..figure_text import (
    amount_text,
    point_text,
    range_or_point_text,
    range_text,
    tokens_text,
    value_text,
    with_aside,
)
from ..labels import label
from ..layout import Answer, Layout, Table, joined_facts, row

_PARTS_OF_THE_COUNT = (
    *("text_tokens", "frame_tokens", "tool_tokens", "call_tokens", "thinking_tokens"),
    *("answer_format_tokens", "image_tokens", "document_tokens", "audio_tokens", "video_tokens"),
    "uncounted_tokens",
    *("input_tokens_mean", "input_tokens_p50", "input_tokens_p95", "input_tokens_max"),
    *("fresh_tokens", "cached_tokens", "cache_write_tokens"),
)
_TURNS = (
    *("turns_input_tokens", "last_turn_tokens", "turns_output_tokens", "turns_usd", "turns_cached_usd"),
)
_PARTS_OF_THE_INPUT_COST = ("fresh_usd", "cached_usd", "cache_write_usd", "audio_usd")


def cost(estimate: CostEstimate) -> Layout:
    """What it comes to; one line for each figure below."""
    header = ("", tell("Value"), tell("How it is known"))
    table = Table(tell("How it is made"), header, tuple(_rows(estimate)), is_folded=True)
    lines = tuple(_provenance(estimate))
    return Layout((table,), lines, estimate.notes, answer=_answer(estimate))


def _rows(estimate: CostEstimate) -> Iterator[tuple[str, ...]]:
    def some(*names: str) -> Iterator[tuple[str, ...]]:
        yield from (row(estimate[name]) for name in names if name in estimate)

    output, total, calls = estimate["output_tokens"], estimate["total_usd"], estimate["calls"].value
    count = estimate["input_tokens"]
    yield (label("input_tokens"), value_text(count), said(count.note) or tell("the sum of its parts"))
    yield from some(*_PARTS_OF_THE_COUNT)
    yield (label("output_tokens"), _counted(output), said(output.note))
    cached = any(name in estimate for name in _PARTS_OF_THE_INPUT_COST)
    made = tell("the sum of its parts") if cached else _rate(estimate["input_usd_per_mtok"])
    yield (label("input_usd"), value_text(estimate["input_usd"]), made)
    for name in _PARTS_OF_THE_INPUT_COST:
        if name in estimate:
            yield (label(name), value_text(estimate[name]), _rates(estimate[name]))
    yield (label("output_usd"), _output_usd(estimate), _rate(estimate["output_usd_per_mtok"]))
    yield from some("concise_output_usd")
    if "requests_usd" in estimate:
        fee = estimate["requests_usd"]
        yield (label("requests_usd"), value_text(fee), _rate(fee.inputs[1]))
    parts = tell("input + output + fee") if "requests_usd" in estimate else tell("input + output")
    yield (per_text(estimate), value_text(total), said(total.note) or parts)
    yield from _local(estimate, "total_local", per_text(estimate))
    if calls != 1:
        times = _times_text(estimate)
        yield (times, value_text(estimate["all_calls_usd"]), said(estimate["all_calls_usd"].note))
        yield from _local(estimate, "all_calls_local", times)
    yield from some(*_TURNS)
    if "all_turns_usd" in estimate and calls != 1:
        yield (
            _conversations_text(estimate),
            value_text(estimate["all_turns_usd"]),
            said(estimate["turns_usd"].note),
        )
    yield from _local(estimate, "all_turns_local", _conversations_text(estimate))
    for name in ("window_percent", "input_limit_percent"):
        if name in estimate:
            fill = estimate[name]
            limit = tell("of {tokens} tokens", tokens=value_text(fill.inputs[1]))
            yield (label(name), value_text(fill), limit)


def per_text(estimate: CostEstimate) -> str:
    n = estimate.details.prompts
    return label("total_usd") if n == 1 else tell("Total for {n:,} prompts", n=n)


def _times_text(estimate: CostEstimate) -> str:
    calls = formats.calls(estimate["calls"].value or 0)
    if estimate.details.prompts == 1:
        return tell("Total for {calls} calls", calls=calls)
    return tell("Total for all, {calls} times", calls=calls)


def _conversations_text(estimate: CostEstimate) -> str:
    calls = estimate["calls"].value or 0
    if calls == 1:
        return label("turns_usd")
    return tell("Total for {n} conversations", n=formats.calls(calls))


def _local(estimate: CostEstimate, name: str, what: str) -> Iterator[tuple[str, ...]]:
    if name in estimate:
        figure = estimate[name]
        what = tell("{what}, {currency}", what=what, currency=figure.unit)
        yield (what, value_text(figure), said(figure.note))


def _answer(estimate: CostEstimate) -> Answer:
    spent, subject = spent_usd(estimate), said(estimate.subject)
    if spent.value is None:
        return Answer(value_text(spent), joined_facts(subject, tokens_text(estimate["input_tokens"])))
    facts = [range_text(spent), scope_text(estimate), subject, _what_is_sent(estimate)]
    if "concise_output_usd" in estimate:
        usd = range_or_point_text(estimate["concise_output_usd"])
        facts.append(tell("output {usd} if asked to be concise", usd=usd))
    return Answer(amount_text(spent, spent_local(estimate)), joined_facts(*facts))


def _what_is_sent(estimate: CostEstimate) -> str:
    """The tokens of one call, of all prompts or of a conversation; and that there are several such."""
    is_chat = "turns_input_tokens" in estimate
    count = estimate["turns_input_tokens" if is_chat else "input_tokens"]
    output = estimate.get("turns_output_tokens") or estimate["output_tokens"]
    tokens = point_text(count)
    sent = tell("{n} token in", n=tokens) if count.value == 1 else tell("{n} tokens in", n=tokens)
    written = tell("input only") if output.value is None else tell("{tokens} out", tokens=value_text(output))
    text = tell("{sent}, {written}", sent=sent, written=written)
    return text if estimate["calls"].value == 1 else tell("{tokens} each time", tokens=text)


def scope_text(estimate: CostEstimate) -> str:
    """What the dollars are of: a call, several, one for each prompt, or a conversation."""
    calls, prompts = estimate["calls"].value or 0, estimate.details.prompts
    if "all_turns_usd" in estimate:
        turns = tell("for {turns}", turns=said(estimate["turns_usd"].note))
        return turns if calls == 1 else tell("for {n} conversations", n=formats.calls(calls))
    if prompts > 1:
        text = tell("for {n:,} prompts, one call each", n=prompts)
        return text if calls == 1 else tell("{text}, {n} times", text=text, n=formats.calls(calls))
    return tell("per call") if calls == 1 else tell("for {n} calls", n=formats.calls(calls))


def _counted(output_tokens: Figure) -> str:
    return "–" if output_tokens.value is None else value_text(output_tokens)


def _output_usd(estimate: CostEstimate) -> str:
    return "–" if estimate["output_tokens"].value is None else value_text(estimate["output_usd"])


def _rate(rate: Figure) -> str:
    return with_aside(value_text(rate), said(rate.note) if rate.value is not None else "")


def _rates(usd: Figure) -> str:
    """The rate of a part of the input, or that its calls pay several."""
    rates = [each for each in usd.inputs if each.unit == "USD/Mtok"]
    return _rate(rates[0]) if rates else said(usd.note)


def _provenance(estimate: CostEstimate) -> Iterator[str]:
    details = estimate.details
    yield tell("Tokenizer: {tokenizer}", tokenizer=details.tokenizer)
    if details.price_model is not None:
        yield tell(
            "Price: {provider} {model}; {source}, {day}",
            provider=details.provider,
            model=details.price_model,
            source=details.price_table,
            day=details.price_date,
        )
