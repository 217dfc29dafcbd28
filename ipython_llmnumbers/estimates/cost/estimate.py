"""What a prompt costs on one model, or on several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

from ...catalog.names import MOST_NAME_CHARS, parse_name
from ...catalog.numbers_2023 import published_number
from ...catalog.prices.price import Price
from ...catalog.tokenization.vocabularies import ratio_tokenizer
from ...figures import Figure, Source, assumed, derive, given, measured, published
from ...formulas import cost
from ...messages import joined, option, say
from ...probes.prompts.chat import Prompt
from ..hosted_model import HostedModel, resolve_hosted
from ..tokens.length_statistics import spread
from .details import CostComparison, CostDetails, CostEstimate
from .input_tokens import PromptCount, count_prompts
from .notes import cost_notes
from .question import Cost
from .rates import call_lengths, price_input, price_output


def compare_costs(request: Cost) -> CostEstimate:
    """One estimate for one model; for several, an estimate of all, cheapest first.

    With `versus`, that model stands beside them, and `cost_ratio` says how many times as
    dear the first is.

    Raises:
        UsageError: no model, no prompt, or an amount that does not fit the prompt.
        UnknownNameError: a model that no table knows.
    """
    prompts = request.prompts
    versus = request.versus and request.versus.strip()
    names = list(dict.fromkeys((*request.model, *([versus] if versus else []))))
    moment = datetime.combine(request.on, time(12), UTC) if request.on else None
    models = [resolve_hosted(name, moment, request.context) for name in names]
    estimates = [_estimate(prompts, model, request) for model in models]
    if len(estimates) == 1:
        return estimates[0]
    return CostComparison(
        subject=", ".join(names),
        figures=(_ratio(estimates[0], estimates[-1]),) if versus else (),
        notes=tuple(dict.fromkeys(note for estimate in estimates for note in estimate.notes)),
        question=request,
        parts=tuple(sorted(estimates, key=_by_total)),
    )


def cost_of_unknown_model(request: Cost) -> CostEstimate:
    """One estimate for a model that no table knows: its tokens by ratio, a range, and no price."""
    name = parse_name(request.model[0][:MOST_NAME_CHARS])
    return _estimate(request.prompts, HostedModel(name, ratio_tokenizer(), None), request)


def _estimate(prompts: Sequence[Prompt], model: HostedModel, request: Cost) -> CostEstimate:
    price, name = model.price, str(model)
    count = count_prompts(prompts, model, asks_provider=request.ask_provider)
    output = request.output_figure(len(prompts))
    priced = price_input(count, price, request)
    output_usd, output_rate = price_output(output, price, count)
    total = (
        derive("total_usd", "USD", cost.input_only_usd, input_usd=priced.input_usd, note=say("input only"))
        if output.value is None
        else derive("total_usd", "USD", cost.total_usd, input_usd=priced.input_usd, output_usd=output_usd)
    )
    calls = given("calls", request.calls, "calls", option("calls", request.calls))
    all_calls = derive(
        "all_calls_usd", "USD", cost.all_calls_usd, total_usd=total, calls=calls, note=total.note
    )
    further = [*_concise(output_usd, request), *_local(total, all_calls, request), *_window(count, price)]
    return CostEstimate(
        subject=name,
        figures=(
            count.input_tokens,
            *count.parts,
            *_spread(count),
            *priced.parts,
            output,
            priced.input_usd_per_mtok,
            output_rate,
            priced.input_usd,
            output_usd,
            total,
            calls,
            all_calls,
            *further,
        ),
        notes=(*count.notes, *cost_notes(model, request, all_calls, count)),
        details=CostDetails(
            model=name,
            prompts=len(prompts),
            is_chat=bool(count.parts),
            tokenizer=count.text.tokenizer,
            how=count.text.how,
            price_model=price.model if price else None,
            provider=price.provider if price else None,
            price_date=price.source.checked if price else None,
            price_table=(price.table or price.source.name) if price else None,
        ),
        question=replace(request, model=(name,), versus=None),
    )


def _ratio(first: CostEstimate, other: CostEstimate) -> Figure:
    """How many times as dear the first model is as the other."""
    totals = {"total_usd": first["total_usd"], "other_total_usd": other["total_usd"]}
    note = f"{first.subject} : {other.subject}"
    if not totals["other_total_usd"].low:
        nothing = say("{model} costs nothing that is known", model=other.subject)
        return assumed("cost_ratio", None, "×", joined(": ", note, nothing))
    return derive("cost_ratio", "×", cost.cost_ratio_to, note=note, **totals)


def _spread(count: PromptCount) -> Iterator[Figure]:
    """`input_tokens_mean`, `_p50`, `_p95` and `_max` (tokens), where there are several calls."""
    lengths = call_lengths(count)
    if len(lengths) == 1:
        return
    source = count.text.figure.source or Source(say("counted by ratio"), None, date.today())
    rough = count.input_tokens.approximate
    yield from spread("input_tokens", lengths, source, say("calls"), is_approximate=rough)


def _concise(output_usd: Figure, request: Cost) -> Iterator[Figure]:
    """`concise_output_usd` (USD), where it is asked for."""
    if request.concise:
        saved = published_number("be_concise_saving")
        yield derive(
            "concise_output_usd",
            "USD",
            cost.concise_usd,
            output_usd=output_usd,
            saved_percent=saved,
            note=say("“be concise” saves 40–90% of the output (2023)"),
        )


def _local(total: Figure, all_calls: Figure, request: Cost) -> Iterator[Figure]:
    """`total_local` and `all_calls_local`, in the currency that is asked for."""
    if request.money is not None:
        yield request.money.figure("total_local", total)
        yield request.money.figure("all_calls_local", all_calls)


def _window(count: PromptCount, price: Price | None) -> Iterator[Figure]:
    """`window_percent` (%): how much of the context window the longest call fills, where both are known."""
    if price is None or price.context_window_tokens is None or count.input_tokens.value is None:
        return
    longest = count.input_tokens
    if len(count.per_call) > 1:
        source = count.text.figure.source or price.source
        longest = measured("tokens", max(call_lengths(count)), "tokens", source, note=say("the longest call"))
    stated_in = price.window_source or price.source
    window = published("window_tokens", price.context_window_tokens, "tokens", stated_in)
    yield derive("window_percent", "%", cost.percent_of, tokens=longest, window_tokens=window)


def _by_total(estimate: CostEstimate) -> tuple[bool, Decimal]:
    """Cheapest first; the unpriced last, since nobody knows."""
    value = estimate["total_usd"].value
    return (value is None, Decimal(0) if value is None else Decimal(value))
