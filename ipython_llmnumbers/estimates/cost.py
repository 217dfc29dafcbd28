"""What a prompt costs on one model, or on several side by side."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from ..catalog.prices import Price, Rate, price_hosts
from ..catalog.tokenizers import TokenizerChoice
from ..errors import LLMNumbersError, UsageError, shorten
from ..figures import Estimate, Figure, Note, assumed, derive, given, published
from ..formulas.cost import all_calls_usd, input_only_usd, tokens_usd, total_usd
from ..probes.text import replace_lone_surrogates
from .models import resolve_priced
from .tokens import count_with, surrogate_notes

# Past this a count is a slip of the keyboard, not a plan.
_MOST = 10**15
_NOT_COUNTED = "not counted: give --out TOKENS"


def compare_costs(
    prompt: str, models: Sequence[str], *, output_tokens: int | None = None, calls: int = 1
) -> Estimate:
    """One estimate for one model; for several, an estimate of all, cheapest first.

    Raises:
        UsageError: a count out of range, or no model.
        UnknownNameError: a model that no table knows.
    """
    if not isinstance(prompt, str):
        raise LLMNumbersError(f"the prompt must be a str, not {type(prompt).__name__}")
    _check_count("--out", output_tokens, least=0)
    _check_count("--calls", calls, least=1)
    names = list(dict.fromkeys(name.strip() for name in models if name.strip())) or [""]
    resolved = [(name, *resolve_priced(name)) for name in names]
    estimates = [
        _estimate(prompt, name, choice, price, output_tokens, calls) for name, choice, price in resolved
    ]
    if len(estimates) == 1:
        return estimates[0]
    return Estimate(
        kind="cost",
        subject=", ".join(names),
        notes=_shared_notes(estimates),
        request={**estimates[0].request, "model": names},
        parts=tuple(sorted(estimates, key=_by_total)),
    )


def _estimate(
    prompt: str,
    model: str,
    choice: TokenizerChoice,
    price: Price | None,
    output_tokens: int | None,
    calls: int,
) -> Estimate:
    clean, n_surrogates = replace_lone_surrogates(prompt)
    count = count_with("input_tokens", clean, choice)
    input_rate = _rate_figure("input", price, count.figure)
    output_rate = _rate_figure("output", price, count.figure)
    output = (
        given("output_tokens", output_tokens, "tokens", f"--out {output_tokens}")
        if output_tokens is not None
        else given("output_tokens", None, "tokens", _NOT_COUNTED)
    )
    input_usd = derive("input_usd", "USD", tokens_usd, tokens=count.figure, usd_per_mtok=input_rate)
    output_usd = derive(
        "output_usd",
        "USD",
        tokens_usd,
        tokens=output,
        usd_per_mtok=output_rate,
        note=_NOT_COUNTED if output_tokens is None else "",
    )
    total = (
        derive("total_usd", "USD", input_only_usd, input_usd=input_usd, note="input only")
        if output_tokens is None
        else derive("total_usd", "USD", total_usd, input_usd=input_usd, output_usd=output_usd)
    )
    times = given("calls", calls, "calls", f"--calls {calls}")
    all_calls = derive("all_calls_usd", "USD", all_calls_usd, total_usd=total, calls=times, note=total.note)
    details = {
        "model": model,
        "tokenizer": count.tokenizer,
        "how": count.how,
        "price_model": price.model if price else None,
        "provider": price.provider if price else None,
        "price_date": price.source.checked if price else None,
        "price_source": price.source.name if price else None,
    }
    return Estimate(
        kind="cost",
        subject=model,
        figures=(
            count.figure,
            output,
            input_rate,
            output_rate,
            input_usd,
            output_usd,
            total,
            times,
            all_calls,
        ),
        notes=(*surrogate_notes(n_surrogates), *_price_notes(model, price)),
        details=details,
        request={"model": model, "output_tokens": output_tokens, "calls": calls},
    )


def _rate_figure(side: Literal["input", "output"], price: Price | None, input_tokens: Figure) -> Figure:
    """USD per million tokens, at the tier that this prompt's length pays."""
    name = f"{side}_usd_per_mtok"
    rate: Rate | None = getattr(price, side, None)
    if price is None or rate is None or input_tokens.value is None:
        return assumed(name, None, "USD/Mtok", "unpriced: no table has this price")
    value = rate.usd_per_mtok(input_tokens.value)
    low, high = (rate.usd_per_mtok(n or 0) for n in (input_tokens.low, input_tokens.high))
    tier = "" if value == rate.base_usd_per_mtok else f"long-context rate; {rate.base_usd_per_mtok} below"
    return published(name, value, "USD/Mtok", price.source, low=low, high=high, note=tier)


def _price_notes(model: str, price: Price | None) -> Iterator[Note]:
    if price is None:
        hosts = price_hosts(model)
        hint = f"; hosts that price it: {', '.join(hosts)} (write HOST/{model})" if hosts else ""
        yield Note(f"{model} is unpriced: no table has its price{hint}", "warning")
    elif price.note:
        yield Note(f"{price.model}: {price.note}")


def _shared_notes(estimates: Sequence[Estimate]) -> tuple[Note, ...]:
    return tuple(dict.fromkeys(note for estimate in estimates for note in estimate.notes))


def _by_total(estimate: Estimate) -> tuple[bool, Decimal]:
    """Cheapest first; the unpriced last, since nobody knows."""
    value = estimate["total_usd"].value
    return (value is None, Decimal(0) if value is None else value)


def _check_count(option: str, value: int | None, least: int) -> None:
    if value is None:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= _MOST:
        raise UsageError(f"{option} {shorten(str(value))}: give a whole number from {least} to {_MOST:,}")
