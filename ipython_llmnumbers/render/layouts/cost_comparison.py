"""A prompt's cost on several models: their totals on one scale, and how each is made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ...estimates.cost.details import CostComparison, CostEstimate, spent_local, spent_usd
from ...figures import Figure
from ...messages import said, tell
from .. import formats
from ..figure_text import amount_text, beginning, known_value, price_tables, value_text
from ..labels import label
from ..layout import Answer, Layout, Meters, Table, joined_facts
from .cost import per_text, scope_text


def cost_comparison(estimate: CostComparison) -> Layout:
    """The cheapest first: one line for each model, with how many times as dear it is."""
    tables, ratio = (_totals(estimate), _details(estimate)), tuple(_ratio(estimate))
    lines = (*ratio, *_provenance(estimate))
    return Layout(tables, lines, estimate.notes, answer=_answer(estimate), asked=ratio)


def _answer(estimate: CostComparison) -> Answer:
    best, n = _cheapest(estimate), len(estimate.parts)
    if best is None:
        known = any(spent_usd(part).value is not None for part in estimate.parts)
        text = tell("none of {n} models can be called the cheapest", n=n)
        return Answer(text if known else tell("{n} models, unpriced", n=n))
    n_compared = sum(map(_is_comparable, estimate.parts))
    of = tell("cheapest of {n}", n=n_compared)
    if n_compared == 1:
        of = tell("the only one of {n} that can be compared", n=n)
    output = best["output_tokens"]
    written = (
        tell("input only")
        if output.value is None
        else tell("{tokens} output tokens", tokens=value_text(output))
    )
    value = f"{said(best.subject)} {amount_text(spent_usd(best), spent_local(best))}"
    return Answer(value, joined_facts(of, scope_text(best), written))


def _cheapest(estimate: CostComparison) -> CostEstimate | None:
    return next(filter(_is_comparable, estimate.parts), None)


def _is_comparable(part: CostEstimate) -> bool:
    """Whether its total is known, and the model is to be had and takes the prompt."""
    spent = spent_usd(part)
    is_refused = any(note.level == "error" for note in part.notes)
    return spent.value is not None and not spent.is_at_least and not is_refused


def _totals(estimate: CostComparison) -> Table:
    """The totals on one scale, against the cheapest, with a bar for each."""
    spent = [spent_usd(part) for part in estimate.parts]
    best = _cheapest(estimate)
    least = float(spent_usd(best).value or 0) if best else 0.0
    ranges = [_ends(each) for each in spent]
    header = [tell("Model"), f"$ {scope_text(estimate.parts[0])}"]
    header += [tell("Range")] if any(ranges) else []
    local = [spent_local(part) for part in estimate.parts]
    currency = next((figure.unit for figure in local if figure), None)
    header += [tell("In {currency}", currency=currency)] if currency else []
    concise = "concise_output_usd" in estimate.parts[0]
    header += [tell("Output, concise")] if concise else []
    header += [tell("× cheapest"), label("input_tokens")]
    rows = []
    bounds = [index for index, each in enumerate(spent) if each.is_at_least]
    amounts = formats.usd_column(list(map(known_value, spent)), down=bounds)
    for part, figure, amount, ends, own in zip(estimate.parts, spent, amounts, ranges, local, strict=True):
        row = [said(part.subject), _amount(figure, amount)]
        row += [ends] if any(ranges) else []
        row += [value_text(own) if own else ""] if currency else []
        row += [value_text(part["concise_output_usd"])] if concise else []
        rows.append((*row, _times(figure, least), value_text(part["input_tokens"])))
    right = frozenset(range(1, len(header)))
    return Table("", tuple(header), tuple(rows), right, Meters.of(header[1], spent))


def _times(spent: Figure, least: float) -> str:
    """How many times as dear as the cheapest; nothing of what is not known, or against what is free."""
    if not spent.value or spent.is_at_least or not least:
        return "–"
    return f"{float(spent.value) / least:.3g}"


def _amount(figure: Figure, amount: str) -> str:
    if figure.value is None:
        return value_text(figure)
    return f"≥ {amount}" if figure.is_at_least else f"≈ {amount}" if figure.approximate else amount


def _ends(figure: Figure) -> str:
    """Both ends of what it may be, on the scale of their own."""
    if not figure.has_range or figure.is_at_least:
        return ""
    low, high = formats.usd_column([figure.low, figure.high])
    return "" if low == high else formats.span(low, high)


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
    if is_counted and spent_usd(first).value != first["total_usd"].value:
        columns.append((per_text(first), lambda part: value_text(part["total_usd"])))
    right = frozenset(range(1, len(columns)))
    columns.append((tell("Tokenizer"), _tokenizer))
    columns.append((tell("Priced as"), _priced_as))
    rows = tuple(tuple(cell(part) for _, cell in columns) for part in estimate.parts)
    header = tuple(name for name, _ in columns)
    return Table(tell("How it is made"), header, rows, right, is_folded=True, only_folds=True)


def _ratio(estimate: CostComparison) -> Iterator[str]:
    if "cost_ratio" in estimate:
        ratio = estimate["cost_ratio"]
        models, value = said(ratio.note), value_text(ratio)
        yield tell("{what}, {models}: {value}", what=label("cost_ratio"), models=models, value=value)


def _provenance(estimate: CostComparison) -> Iterator[str]:
    first = estimate.parts[0]
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
