"""What a prompt costs on one model, or on several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ...catalog.names import MOST_NAME_CHARS, parse_name
from ...catalog.numbers_2023 import published_number
from ...catalog.prices.price import Price
from ...catalog.tokenization.vocabularies import ratio_tokenizer
from ...figures import Figure, Note, assumed, derive, given, measured, published
from ...formulas import cost
from ...messages import joined, option, say
from ..hosted_model import HostedModel, resolve_hosted
from ..tokens.length_statistics import spread
from ..tokens.one_text import counted_by
from ..tokens.prompt_texts import PromptTexts
from .conversation import converse
from .details import CostComparison, CostDetails, CostEstimate, spent_usd
from .input_tokens import PromptCount, count_prompts
from .limit_notes import reasoning_note
from .notes import cost_notes
from .question import Cost
from .rates import price_calls, request_fee, total_usd


def compare_costs(request: Cost) -> CostEstimate:
    """One estimate for one model; for several, an estimate of all, cheapest first.

    With `versus`, that model stands beside them, and `cost_ratio` says how many times as
    dear the first is.

    Raises:
        UsageError: no model, no prompt, or an amount that does not fit the prompt.
        UnknownNameError: a model that no table knows.
    """
    prompts = PromptTexts(request.prompts)
    versus = request.versus and request.versus.strip()
    names = list(dict.fromkeys((*request.model, *([versus] if versus else []))))
    models = [resolve_hosted(name, request.on, request.context) for name in names]
    estimates = [_estimate(prompts, model, request) for model in models]
    if len(estimates) == 1:
        return estimates[0]
    return CostComparison(
        subject=", ".join(names),
        figures=(_ratio(estimates[0], estimates[-1]),) if versus else (),
        notes=tuple(_notes_of_all(estimates)),
        question=request,
        parts=tuple(sorted(estimates, key=lambda each: _by_total(each, request.day))),
    )


def cost_of_unknown_model(request: Cost) -> CostEstimate:
    """One estimate for a model that no table knows: its tokens by ratio, a range, and no price."""
    name = parse_name(request.model[0][:MOST_NAME_CHARS])
    return _estimate(PromptTexts(request.prompts), HostedModel(name, ratio_tokenizer(), None), request)


def _estimate(sent: PromptTexts, model: HostedModel, request: Cost) -> CostEstimate:
    price, name, prompts = model.price, str(model), sent.prompts
    request = request.of_model(price.model if price else model.name.base)
    count = count_prompts(sent, model, asks_provider=request.ask_provider)
    output = request.output_figure(len(prompts))
    priced = price_calls(count, output, price, request)
    fees = tuple(request_fee(price, len(prompts)))
    total = total_usd(priced.input_usd, None if output.value is None else priced.output_usd, fees)
    calls = given("calls", request.calls, "calls", option("calls", request.calls))
    all_calls = derive(
        "all_calls_usd", "USD", cost.all_calls_usd, total_usd=total, calls=calls, note=total.note
    )
    conversation = converse(count, output, model, price, request)
    totals = (total, all_calls, *conversation.figures[-1:])
    further = [
        *conversation.figures,
        *_concise(priced.output_usd, request),
        *_local(totals, request),
        *_window(count, price),
    ]
    return CostEstimate(
        subject=name,
        figures=(
            count.input_tokens,
            *count.parts,
            *_spread(count),
            *priced.parts,
            output,
            priced.input_usd_per_mtok,
            priced.output_usd_per_mtok,
            priced.input_usd,
            priced.output_usd,
            *fees,
            total,
            calls,
            all_calls,
            *further,
        ),
        notes=(
            *count.notes,
            *cost_notes(model, request, prompts, totals[-1], count, priced),
            *conversation.notes,
        ),
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
            shut_down_on=price.life.ends if price and price.life else None,
            successor=price.life.heir or None if price and price.life else None,
        ),
        question=_of_one(request, name),
    )


def _of_one(request: Cost, model: str) -> Cost:
    """The question about that model alone."""
    is_alone = request.model == (model,) and request.versus is None
    return request if is_alone else replace(request, model=(model,), versus=None)


def _notes_of_all(estimates: Sequence[CostEstimate]) -> Iterator[Note]:
    """Each note once, and one of all models that reason."""
    named = [each.details.price_model for each in estimates]
    reasoning = {reasoning_note(model): model for model in named if model is not None}
    found = dict.fromkeys(note for estimate in estimates for note in estimate.notes)
    yield from (note for note in found if note not in reasoning)
    models = [reasoning[note] for note in found if note in reasoning]
    if models:
        yield reasoning_note(*models)


def _ratio(first: CostEstimate, other: CostEstimate) -> Figure:
    """How many times as dear the first model is as the other."""
    total, other_total = spent_usd(first), spent_usd(other)
    note = f"{first.subject} : {other.subject}"
    if not other_total.low:
        nothing = say("{model} costs nothing that is known", model=other.subject)
        return assumed("cost_ratio", None, "×", joined(": ", note, nothing))
    totals = {"total_usd": total, "other_total_usd": other_total}
    return derive("cost_ratio", "×", cost.cost_ratio_to, note=note, **totals)


def _spread(count: PromptCount) -> Iterator[Figure]:
    """`input_tokens_mean`, `_p50`, `_p95` and `_max` (tokens), where there are several calls."""
    lengths = [call.tokens for call in count.calls]
    if len(lengths) == 1:
        return
    source = counted_by(count.text.figure)
    yield from spread("input_tokens", lengths, count.input_tokens, source, say("calls"))


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


def _local(totals: Sequence[Figure], request: Cost) -> Iterator[Figure]:
    """`total_local`, `all_calls_local` and `all_turns_local`, in the currency that is asked for."""
    if request.money is not None:
        for total in totals:
            yield request.money.figure(f"{total.name.removesuffix('_usd')}_local", total)


def _window(count: PromptCount, price: Price | None) -> Iterator[Figure]:
    """How much the longest call fills, where it is known: `window_percent` (%) of the context window, and
    `input_limit_percent` (%) of the input that the model takes, where that is less."""
    if price is None or count.input_tokens.value is None:
        return
    longest = count.input_tokens
    if len(count.calls) > 1:
        source = counted_by(count.text.figure)
        call = max(count.calls, key=lambda each: each.tokens)
        note = say("the longest call")
        longest = measured("tokens", call.tokens, "tokens", source, low=call.low, high=call.high, note=note)
    limits = {
        "window_percent": price.context_window_tokens,
        "input_limit_percent": price.max_input_tokens,
    }
    for name, tokens in limits.items():
        if tokens is not None:
            limit = published("window_tokens", tokens, "tokens", price.window_source or price.source)
            yield derive(name, "%", cost.percent_of, tokens=longest, window_tokens=limit)


def _by_total(estimate: CostEstimate, day: date) -> tuple[bool, bool, bool, Decimal]:
    """Cheapest first; behind those that can be called those that cannot, then those of which a part is not
    counted, and last the unpriced."""
    total, ends = spent_usd(estimate), estimate.details.shut_down_on
    is_over = ends is not None and ends <= day
    return (total.value is None, total.is_at_least, is_over, Decimal(total.value or 0))
