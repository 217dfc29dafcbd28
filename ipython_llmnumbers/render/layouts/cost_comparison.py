"""A prompt's cost on several models: their totals on one scale, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...estimates.cost.details import CostComparison, CostEstimate, spent_local, spent_usd
from ...figures import Figure
from ...messages import said, tell
from .. import formats
from ..figure_text import beginning, price_tables, value_text
from ..labels import label
from ..layout import Answer, Layout, Meters, Table
from .cost import amount_text, joined_facts, per_text, scope_text


def cost_comparison(estimate: CostComparison) -> Layout:
    """The cheapest first: one line for each model, with how many times as dear it is."""
    tables = (_totals(estimate), _details(estimate))
    return Layout(tables, tuple(_lines(estimate)), estimate.notes, answer=_answer(estimate))


def _answer(estimate: CostComparison) -> Answer:
    first = estimate.parts[0]
    output, spent = first["output_tokens"], spent_usd(first)
    if spent.value is None:
        return Answer(tell("{n} models, unpriced", n=len(estimate.parts)))
    # One that is shut down stands last, however cheap it was, and one without a price is not compared.
    totals = [spent_usd(part).value for part in estimate.parts]
    of = tell("cheapest of {n}", n=sum(1 for each in totals if each is not None and each >= spent.value))
    written = (
        tell("input only")
        if output.value is None
        else tell("{tokens} output tokens", tokens=value_text(output))
    )
    value = f"{said(first.subject)} {amount_text(first)}"
    return Answer(value, joined_facts(of, scope_text(first), written))


def _totals(estimate: CostComparison) -> Table:
    """The totals on one scale, against the cheapest, with a bar for each."""
    spent = [spent_usd(part) for part in estimate.parts]
    least = next((float(each.value) for each in spent if each.value), 0.0)
    ranges = [_ends(each) for each in spent]
    header = [tell("Model"), f"$ {scope_text(estimate.parts[0])}"]
    header += [tell("Range")] if any(ranges) else []
    local = [spent_local(part) for part in estimate.parts]
    currency = next((figure.unit for figure in local if figure), None)
    header += [tell("In {currency}", currency=currency)] if currency else []
    header += [tell("× cheapest"), label("input_tokens")]
    rows = []
    amounts = formats.usd_column([each.value for each in spent])
    for part, figure, amount, ends, own in zip(estimate.parts, spent, amounts, ranges, local, strict=True):
        times = f"{float(figure.value) / least:.3g}" if figure.value and least else "–"
        row = [said(part.subject), _amount(figure, amount)]
        row += [ends] if any(ranges) else []
        row += [value_text(own) if own else ""] if currency else []
        rows.append((*row, times, value_text(part["input_tokens"])))
    return Table(
        *("", tuple(header), tuple(rows), frozenset(range(1, len(header)))), Meters.of(header[1], spent)
    )


def _amount(figure: Figure, amount: str) -> str:
    if figure.value is None:
        return value_text(figure)
    return f"≥ {amount}" if figure.is_at_least else f"≈ {amount}" if figure.has_range else amount


def _ends(figure: Figure) -> str:
    """Both ends of what it may be, on the scale of their own."""
    if not figure.has_range or figure.is_at_least:
        return ""
    low, high = formats.usd_column([figure.low, figure.high])
    return "" if low == high else f"{low}–{high}"


def _details(estimate: CostComparison) -> Table:
    """What a call of each is made of; the totals stand above."""
    first = estimate.parts[0]
    is_counted = first["output_tokens"].value is not None
    columns: list[tuple[str, Callable[[CostEstimate], str]]] = [
        (tell("Model"), lambda part: said(part.subject)),
        (label("input_usd"), lambda part: value_text(part["input_usd"])),
    ]
    if is_counted:
        columns.append((label("output_usd"), lambda part: value_text(part["output_usd"])))
    if "concise_output_usd" in first:
        columns.append((tell("Output, concise"), lambda part: value_text(part["concise_output_usd"])))
    if is_counted and spent_usd(first).value != first["total_usd"].value:
        columns.append((per_text(first), lambda part: value_text(part["total_usd"])))
    right = frozenset(range(1, len(columns)))
    columns.append((tell("Tokenizer"), _tokenizer))
    columns.append((tell("Priced as"), _priced_as))
    rows = tuple(tuple(cell(part) for _, cell in columns) for part in estimate.parts)
    header = tuple(name for name, _ in columns)
    return Table(tell("How it is made"), header, rows, right, is_folded=True, only_folds=True)


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


def _tokenizer(part: CostEstimate) -> str:
    count: Figure = part["text_tokens"] if "text_tokens" in part else part["input_tokens"]
    return beginning(count.note)


def _priced_as(estimate: CostEstimate) -> str:
    """The provider, and its name for the model where that is not the one that was asked for."""
    model, provider = estimate.details.price_model, said(estimate.details.provider or "")
    if model is None:
        return tell("unpriced")
    return provider if model == estimate.subject else f"{provider} {model}"
