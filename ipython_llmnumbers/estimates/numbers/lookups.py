"""Facts of today as figures: prices, GPUs, shapes and counts, asked by the role that a name plays.

Which model plays a role is data (`catalog/numbers_today.toml`); what it costs or weighs is looked up
where everything else is.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

from ...catalog.numbers_2023 import holder_on, input_figure, stand_in
from ...catalog.prices.find import find_price
from ...catalog.prices.price import Rate
from ...catalog.text_counts import counted_ratio
from ...figures import Figure, assumed, derive, published
from ...formulas import ratios
from ...messages import joined, say

if TYPE_CHECKING:
    from ...catalog.hardware.gpus import Gpu
    from ...catalog.open_models.spec import ModelSpec
    from ..speed.details import SpeedEstimate

# Most numbers need neither a GPU, nor a shape, nor a speed: what looks these up is imported by those that do.
SIDES = {
    "input": say("input"),
    "output": say("output"),
    "cached_input": say("input read from the cache"),
    "cache_write": say("input written to the cache"),
    "batch_input": say("input in a batch"),
    "long_input": say("input of a long prompt"),
    "long_output": say("output of a long prompt"),
}
# Where a side is looked up, if not under its own name.
_RATES = {"batch_input": "input", "long_input": "input", "long_output": "output"}
# The batches that the gain of batching is told for.
BATCHES = (64, 256)
_UNPRICED = say("unpriced, no table has this price")
_ONE_PRICE = say("one price for every length")


def price_of(role: str, side: str) -> Figure:
    """What the model in a role charges for one side; `side` is a key of `SIDES`."""
    chosen = stand_in(role)
    return model_price(chosen.model, side, chosen.reason)


def model_price(model: str, side: str, reason: str = "", on: date | None = None) -> Figure:
    """USD per million tokens, today's or those of a day; unknown where no table has this price.

    >>> model_price("gpt-4o", "output").value
    Decimal('10')
    """
    price = find_price(model, on, {"processing": "batch"} if side == "batch_input" else None)
    rate: Rate | None = getattr(price, _RATES.get(side, side), None)
    unit, words = "USD/Mtok", joined(", ", model, SIDES[side])
    if price is None or rate is None:
        return assumed(side, None, unit, joined(": ", words, _UNPRICED))
    is_long = side.startswith("long_")
    if is_long and not rate.tiers:
        return assumed(side, None, unit, joined(": ", words, _ONE_PRICE))
    value = rate.tiers[-1][1] if is_long else rate.base_usd_per_mtok
    return published(side, value, unit, price.source, note=joined("; ", words, reason))


def long_context_of(role: str) -> Figure:
    """The length of prompt past which the model in a role costs more."""
    model = stand_in(role).model
    price = find_price(model)
    if price is None or price.input is None or not price.input.tiers:
        return assumed("long_context_tokens", None, "tokens", joined(": ", model, _ONE_PRICE))
    note = say("{model}: past this length of prompt every token costs more", model=model)
    return published("long_context_tokens", price.input.tiers[-1][0], "tokens", price.source, note=note)


def _gpu(role: str) -> Gpu:
    from ...catalog.hardware.gpus import find_gpu

    return find_gpu(stand_in(role).model)


def _open_model(role: str) -> ModelSpec:
    from ...catalog.open_models.find import find_model

    return find_model(stand_in(role).model)


def gpu_memory_of(role: str) -> Figure:
    gpu = _gpu(role)
    return published("free_bytes", gpu.memory_bytes, "bytes", gpu.source, note=gpu.name)


def gpu_bandwidth_of(role: str) -> Figure:
    return _gpu(role).bandwidth_figure()


def gpu_flops_of(role: str) -> Figure:
    return _gpu(role).flops_figure()


def gpu_rent_of(role: str) -> Figure:
    return _gpu(role).hourly_figure()


def shape_of(role: str, field: str) -> Figure:
    """One field of the shape of the open model in a role."""
    return _open_model(role).figure(field)


def params_of(role: str) -> Figure:
    """The number of parameters of the open model in a role: published, else of its shape."""
    spec = _open_model(role)
    if spec.published_params is not None:
        return published("n_params", spec.published_params, "parameters", spec.source, note=spec.name)
    value = spec.params_figure().value
    note = say("{model}, by its shape", model=spec.name)
    return published("n_params", value, "parameters", spec.source, note=note)


def bits_of(role: str) -> Figure:
    """Bits for each parameter of the quantisation in a role."""
    from ...catalog.open_models.quants import find_quant

    return find_quant(stand_in(role).model).bits_figure()


def price_on(role: str, side: str, day: str) -> Figure:
    """What the model that stood in a role on a day charged then; unknown before the first that is known."""
    on = date.fromisoformat(day)
    holder = holder_on(role, on)
    if holder is None:
        return assumed(side, None, "USD/Mtok", say("nobody stood in this role on {day}", day=day))
    return model_price(holder.model, side, say("since {day}", day=holder.since), on)


def price_ratio_of(role: str, side: str) -> Figure:
    """What one side costs at the model in a role, in prices of its plain input."""
    return derive(
        f"{side}_ratio",
        "×",
        ratios.change_times,
        note=stand_in(role).model,
        now=price_of(role, side),
        then=price_of(role, "input"),
    )


def window_of(role: str) -> Figure:
    """The context window of the model in a role."""
    model = stand_in(role).model
    price = find_price(model)
    if price is None or price.context_window_tokens is None:
        return assumed("window_tokens", None, "tokens", model)
    return published("window_tokens", price.context_window_tokens, "tokens", price.source, note=model)


def sold_memory_of(role: str, *others: str) -> Figure:
    """The memory of the GPU in a role as it is sold, with the range of others: a driver reports less."""
    sizes = [stand_in(each).sold_gib * 2**30 for each in (role, *others)]
    names = ", ".join(stand_in(each).model for each in sorted((role, *others), key=_sold))
    note = say("as sold: {gpus}", gpus=names)
    source = _gpu(role).source
    return published("sold_bytes", sizes[0], "bytes", source, low=min(sizes), high=max(sizes), note=note)


def _sold(role: str) -> int:
    return stand_in(role).sold_gib


def noted_input(key: str, note: str) -> Figure:
    """An input with what it is of before its own wording."""
    figure = input_figure(key)
    return replace(figure, note=joined(": ", note, figure.note))


def published_range(key: str, other: str, note: str) -> Figure:
    """What two publish of one quantity: the first's figure, with both as its range."""
    figure, second = input_figure(key), input_figure(other)
    low, high = sorted((figure.value, second.value))  # type: ignore[type-var]
    return replace(
        figure,
        low=low,
        high=high,
        approximate=True,
        note=joined(": ", note, joined("; ", figure.note, second.note)),
    )


def rule_tokens_per_word() -> Figure:
    """The rule of thumb, with the range that was counted of English texts."""
    rule, counted = input_figure("rule_tokens_per_word"), counted_ratio("tokens_per_word", "en", "2026")
    return replace(
        rule, low=counted.low, high=counted.high, approximate=True, note=joined("; ", rule.note, counted.note)
    )


@cache
def _speed(model: str, gpu: str, batch: int) -> SpeedEstimate:
    from ..speed.estimate import estimate_speed
    from ..speed.question import Speed

    context = int(input_figure("speed_context").value or 0)
    return estimate_speed(Speed(model=model, gpu=gpu, batch_size=batch, context_tokens=context))


def speed_of(model: str, gpu: str, figure: str, batch: int) -> Figure:
    """A figure of `%gpufit --speed`, at the middle of its range: one product has one answer.

    >>> round(speed_of("llama-3.1-8b", "H100", "tokens_per_s", 1).value)
    158
    """
    found: Figure = _speed(model, gpu, batch)[figure]
    return replace(found, low=found.value, high=found.value)


def own_speed(role: str, gpu: str, figure: str, batch: str) -> Figure:
    """The same of the model and the GPU in two roles."""
    return speed_of(stand_in(role).model, stand_in(gpu).model, figure, int(batch))


def own_speed_range(role: str, gpu: str, figure: str, batch: str) -> Figure:
    """The same with its range, where no other answers are its range."""
    found: Figure = _speed(stand_in(role).model, stand_in(gpu).model, int(batch))[figure]
    return found


def batching_speedup(role: str, gpu: str) -> Figure:
    """How many times the tokens of one sequence a batch of 64 to 256 makes, by the same speed."""
    return speedup_on(stand_in(role).model, stand_in(gpu).model)


def fitting_speedup(model: str, gpu: str) -> Figure | None:
    """The same for the largest batch that the GPU has room for; None where it cannot hold the model.

    >>> figure = fitting_speedup("llama-3.1-8b", "RTX 4090")
    >>> figure.inputs[0].value < 64
    True
    """
    fitting = _speed(model, gpu, 1).parts
    if not fitting:
        return None
    most = max(fitting, key=lambda point: point["batch_size"].value)
    of = say("on {gpu}: {model}, batch {n}", model=model, gpu=gpu, n=most["batch_size"].value)
    figure: Figure = most["batching_speedup"]
    return replace(figure, note=of)


def speedup_on(model: str, gpu: str) -> Figure:
    """The same of a model and a GPU by their names.

    >>> round(speedup_on("llama-3.1-8b", "H100").low), round(speedup_on("llama-3.1-8b", "H100").high)
    (33, 53)
    """
    of = say(
        "on {gpu}: {model}, batch {least} to {most}", model=model, gpu=gpu, least=BATCHES[0], most=BATCHES[1]
    )
    least, most = (speed_of(model, gpu, "batching_speedup", batch) for batch in BATCHES)
    return replace(least, low=least.value, high=most.value, approximate=True, note=of)
