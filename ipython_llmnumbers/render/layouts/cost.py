"""A prompt's cost as a table: one model line by line, several side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...estimates.cost.details import CostComparison, CostEstimate
from ...figures import Figure
from ...messages import said, tell
from .. import formats
from ..figure_text import beginning, price_tables, value_text
from ..labels import label
from ..layout import Layout, Table, row

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
    """One line for each figure."""
    title = f"{said(estimate.subject)}: {_headline(estimate)}"
    table = Table(title, ("", tell("Value"), tell("How it is known")), tuple(_rows(estimate)))
    return Layout((table,), tuple(_provenance(estimate)), estimate.notes)


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
    yield (_per(estimate), value_text(total), said(total.note) or parts)
    yield from _local(estimate, "total_local", _per(estimate))
    if calls != 1:
        times = _times(estimate)
        yield (times, value_text(estimate["all_calls_usd"]), said(estimate["all_calls_usd"].note))
        yield from _local(estimate, "all_calls_local", times)
    yield from some(*_TURNS)
    if "all_turns_usd" in estimate and calls != 1:
        yield (
            _conversations(estimate),
            value_text(estimate["all_turns_usd"]),
            said(estimate["turns_usd"].note),
        )
    yield from _local(estimate, "all_turns_local", _conversations(estimate))
    for name in ("window_percent", "input_limit_percent"):
        if name in estimate:
            fill = estimate[name]
            limit = tell("of {tokens} tokens", tokens=value_text(fill.inputs[1]))
            yield (label(name), value_text(fill), limit)


def _per(estimate: CostEstimate) -> str:
    n = estimate.details.prompts
    return label("total_usd") if n == 1 else tell("Total for {n:,} prompts", n=n)


def _times(estimate: CostEstimate) -> str:
    calls = formats.count(estimate["calls"].value or 0)
    if estimate.details.prompts == 1:
        return tell("Total for {calls} calls", calls=calls)
    return tell("Total for all, {calls} times", calls=calls)


def _conversations(estimate: CostEstimate) -> str:
    calls = estimate["calls"].value or 0
    if calls == 1:
        return label("turns_usd")
    return tell("Total for {n} conversations", n=formats.count(calls))


def _local(estimate: CostEstimate, name: str, what: str) -> Iterator[tuple[str, ...]]:
    if name in estimate:
        figure = estimate[name]
        what = tell("{what}, {currency}", what=what, currency=figure.unit)
        yield (what, value_text(figure), said(figure.note))


def cost_comparison(estimate: CostComparison) -> Layout:
    """One line for each model."""
    first = estimate.parts[0]
    output, calls = first["output_tokens"], first["calls"].value
    is_counted = output.value is not None
    columns: list[tuple[str, Callable[[CostEstimate], str]]] = [
        (tell("Model"), lambda part: said(part.subject)),
        (label("input_tokens"), lambda part: value_text(part["input_tokens"])),
    ]
    if is_counted:
        columns.append((label("input_usd"), lambda part: value_text(part["input_usd"])))
        columns.append((label("output_usd"), lambda part: value_text(part["output_usd"])))
    if "concise_output_usd" in first:
        columns.append((tell("Output, concise"), lambda part: value_text(part["concise_output_usd"])))
    per = _per(first) if is_counted else tell("{total}, input only", total=_per(first))
    columns.append((per, lambda part: value_text(part["total_usd"])))
    last_local = "total_local"
    if calls != 1:
        last_local = "all_calls_local"
        columns.append((_times(first), lambda part: value_text(part["all_calls_usd"])))
    if "all_turns_usd" in first:
        last_local = "all_turns_local"
        columns.append((_conversations(first), lambda part: value_text(part["all_turns_usd"])))
    if last_local in first:
        local = tell("In {currency}", currency=first[last_local].unit)
        columns.append((local, lambda part: value_text(part[last_local])))
    right = frozenset(range(1, len(columns)))
    columns.append((tell("Tokenizer"), _tokenizer))
    columns.append((tell("Priced as"), _priced_as))
    title = tell("{n} models, cheapest first", n=len(estimate.parts))
    if is_counted:
        title = tell("{models}, {tokens} output tokens", models=title, tokens=value_text(output))
    rows = tuple(tuple(cell(part) for _, cell in columns) for part in estimate.parts)
    table = Table(title, tuple(name for name, _ in columns), rows, right)
    return Layout((table,), tuple(_lines(estimate)), estimate.notes)


def _lines(estimate: CostComparison) -> Iterator[str]:
    first = estimate.parts[0]
    if "cost_ratio" in estimate:
        ratio = estimate["cost_ratio"]
        models, value = said(ratio.note), value_text(ratio)
        yield tell("{what}, {models}: {value}", what=label("cost_ratio"), models=models, value=value)
    if first["output_tokens"].value is None:
        yield f"{label('output_tokens')}: {said(first['output_tokens'].note)}"
    if "total_local" in first:
        yield f"{first['total_local'].unit}: {said(first['total_local'].note)}"
    tables = price_tables(part.details for part in estimate.parts)
    if tables:
        yield tell("Prices: {tables}", tables="; ".join(tables))


def _headline(estimate: CostEstimate) -> str:
    total, n = estimate["total_usd"], estimate.details.prompts
    usd = value_text(total)
    if total.value is None:
        tokens = value_text(estimate["input_tokens"])
        return tell("{tokens} input tokens, {usd}", tokens=tokens, usd=usd)
    if n == 1:
        text = tell("{usd} per call", usd=usd)
    else:
        text = tell("{usd} for {n:,} prompts, one call each", usd=usd, n=n)
    return tell("{total}, input only", total=text) if total.note else text


def _tokenizer(part: CostEstimate) -> str:
    count: Figure = part["text_tokens"] if "text_tokens" in part else part["input_tokens"]
    return beginning(count.note)


def _counted(output_tokens: Figure) -> str:
    return "–" if output_tokens.value is None else value_text(output_tokens)


def _output_usd(estimate: CostEstimate) -> str:
    return "–" if estimate["output_tokens"].value is None else value_text(estimate["output_usd"])


def _rate(rate: Figure) -> str:
    note = f" ({said(rate.note)})" if rate.note and rate.value is not None else ""
    return f"{value_text(rate)}{note}"


def _rates(usd: Figure) -> str:
    """The rate of a part of the input, or that its calls pay several."""
    rates = [each for each in usd.inputs if each.unit == "USD/Mtok"]
    return _rate(rates[0]) if rates else said(usd.note)


def _priced_as(estimate: CostEstimate) -> str:
    """The provider, and its name for the model where that is not the one that was asked for."""
    model, provider = estimate.details.price_model, said(estimate.details.provider or "")
    if model is None:
        return tell("unpriced")
    return provider if model == estimate.subject else f"{provider} {model}"


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
