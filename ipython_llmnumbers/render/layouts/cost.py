"""A prompt's cost as a table: one model line by line, several side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...figures import Estimate, Figure
from .. import formats
from ..cells import value_text
from ..labels import label
from ..layout import Layout, Table, row


def cost(estimate: Estimate) -> Layout:
    """One line for each figure of one model; one line for each model of a comparison."""
    if estimate.parts:
        return _cost_comparison(estimate)
    calls, total = estimate["calls"].value, estimate["total_usd"]
    rows = [
        row(estimate["input_tokens"]),
        (label("output_tokens"), _counted(estimate["output_tokens"]), estimate["output_tokens"].note),
        (label("input_usd"), value_text(estimate["input_usd"]), _rate(estimate["input_usd_per_mtok"])),
        (label("output_usd"), _output_usd(estimate), _rate(estimate["output_usd_per_mtok"])),
        (label("total_usd"), value_text(total), total.note or "input + output"),
    ]
    if calls != 1:
        times = f"Total for {formats.count(calls)} calls"
        rows.append((times, value_text(estimate["all_calls_usd"]), estimate["all_calls_usd"].note))
    title = f"{estimate.subject}: {_headline(estimate)}"
    table = Table(title, ("", "Value", "How it is known"), tuple(rows))
    return Layout((table,), tuple(_provenance(estimate)), estimate.notes)


def _cost_comparison(estimate: Estimate) -> Layout:
    output_tokens, calls = estimate.request["output_tokens"], estimate.request["calls"]
    columns: list[tuple[str, Callable[[Estimate], str]]] = [
        ("Model", lambda part: part.subject),
        ("Input tokens", lambda part: value_text(part["input_tokens"])),
    ]
    if output_tokens is not None:
        columns.append(("Input cost", lambda part: value_text(part["input_usd"])))
        columns.append(("Output cost", lambda part: value_text(part["output_usd"])))
    per_call = "Total per call" if output_tokens is not None else "Per call, input only"
    columns.append((per_call, lambda part: value_text(part["total_usd"])))
    if calls != 1:
        times = f"For {formats.count(calls)} calls"
        columns.append((times, lambda part: value_text(part["all_calls_usd"])))
    columns.append(("Tokenizer", lambda part: part["input_tokens"].note.partition(":")[0]))
    columns.append(("Priced as", _priced_as))
    title = f"{len(estimate.parts)} models, cheapest first"
    if output_tokens is not None:
        title += f", {formats.count(output_tokens)} output tokens"
    rows = tuple(tuple(cell(part) for _, cell in columns) for part in estimate.parts)
    right = frozenset(range(1, len(columns) - 2))
    table = Table(title, tuple(name for name, _ in columns), rows, right)
    lines = (
        () if output_tokens is not None else (f"Output tokens: {estimate.parts[0]['output_tokens'].note}",)
    )
    return Layout((table,), (*lines, *_snapshots(estimate.parts)), estimate.notes)


def _headline(estimate: Estimate) -> str:
    total = estimate["total_usd"]
    if total.value is None:
        return f"{value_text(estimate['input_tokens'])} input tokens, unpriced"
    return f"{value_text(total)} per call{', input only' if total.note else ''}"


def _counted(output_tokens: Figure) -> str:
    return "–" if output_tokens.value is None else value_text(output_tokens)


def _output_usd(estimate: Estimate) -> str:
    return "–" if estimate["output_tokens"].value is None else value_text(estimate["output_usd"])


def _rate(rate: Figure) -> str:
    note = f" ({rate.note})" if rate.note and rate.value is not None else ""
    return f"{value_text(rate)}{note}"


def _priced_as(estimate: Estimate) -> str:
    """The provider, and its name for the model where that is not the one that was asked for."""
    model, provider = estimate.details["price_model"], estimate.details["provider"]
    if model is None:
        return "unpriced"
    return provider if model == estimate.subject else f"{provider} {model}"


def _provenance(estimate: Estimate) -> Iterator[str]:
    details = estimate.details
    yield f"Tokenizer: {details['tokenizer']}"
    if details["price_model"] is not None:
        source = details["price_source"].partition(":")[0]
        yield f"Price: {details['provider']} {details['price_model']}; {source}, {details['price_date']}"


def _snapshots(parts: tuple[Estimate, ...]) -> Iterator[str]:
    """Every table that a price came from, with its day, once."""
    priced = [part.details for part in parts if part.details["price_source"]]
    tables = {(each["price_source"].partition(":")[0], each["price_date"]) for each in priced}
    if tables:
        yield "Prices: " + "; ".join(f"{name}, {day}" for name, day in sorted(tables))
