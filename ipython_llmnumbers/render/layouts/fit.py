"""Whether a model fits: the verdict, what it needs against what is free, then other GPUs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...estimates.memory.details import FitEstimate
from ...messages import said, tell
from ..figure_text import needs_text, point_text, range_or_number_text, value_text
from ..labels import label
from ..layout import Answer, Bar, Layout, Part, Table
from ..verdict_words import exceeded_tokens, verdict_text

_PARTS = ("weights_bytes", "kv_cache_bytes", "overhead_bytes")


def fit(estimate: FitEstimate) -> Layout:
    """The verdict and its figures for one device, and one line for each further device."""
    rows = tuple((label(name), value_text(estimate[name]), how) for name, how in _how(estimate))
    header = ("", tell("Memory"), tell("How it is made"))
    tables = [Table(tell("How it is made"), header, rows, is_folded=True)]
    if estimate.parts and "layers_here" in estimate.parts[0]:
        return _machine(estimate, tables)
    if estimate.parts:
        of_each = (
            *("GPU", label("free_bytes"), label("total_bytes"), tell("Verdict")),
            label("max_context_tokens"),
        )
        others = tuple(_device_row(part) for part in estimate.parts)
        tables.append(Table(_others_title(estimate), of_each, others, right=frozenset({1, 2, 4})))
    bars = tuple(_bars(estimate))
    return Layout(tuple(tables), _to_type(estimate), estimate.notes, bars=bars, answer=_answer(estimate))


def _to_type(estimate: FitEstimate) -> tuple[str, ...]:
    command = estimate.details.command
    return (tell("To type: {command}", command=command),) if command else ()


def _machine(estimate: FitEstimate, tables: list[Table]) -> Layout:
    """A model over several devices: a bar and a line for each of them, and what to type."""
    names = ("weights_bytes", "kv_cache_bytes", "total_bytes", "free_bytes")
    header = (tell("Device"), tell("Layers"), *map(label, names), tell("Verdict"))
    rows = tuple(
        (
            said(part.subject),
            range_or_number_text(part["layers_here"]),
            *(point_text(part[name]) for name in names),
            verdict_text(part),
        )
        for part in estimate.parts
    )
    tables.append(Table(tell("What each device holds"), header, rows, right=frozenset(range(1, 6))))
    bars = tuple(replace(bar, title=said(part.subject)) for part in estimate.parts for bar in _bars(part))
    return Layout(tuple(tables), _to_type(estimate), estimate.notes, bars=bars, answer=_answer(estimate))


def _answer(estimate: FitEstimate) -> Answer:
    """What was asked, how much of what is free it needs, and at what length."""
    details, device = estimate.details, _device(estimate)
    title = tell("{model} in {quant} on {device}", model=details.model, quant=details.quant, device=device)
    longest = exceeded_tokens(estimate)
    facts = [_needs(estimate), _at(estimate)]
    speed = estimate.get("tokens_per_s")
    if speed is not None and speed.value is not None and estimate.verdict != "does not fit":
        facts.append(value_text(speed))
    if longest is not None:
        facts.append(tell("but the model was made for {n:,} tokens", n=longest))
    elif estimate.verdict == "fits" and estimate["max_context_tokens"].value:
        most = point_text(estimate["max_context_tokens"])
        facts.append(tell("up to {tokens} tokens of context", tokens=most))
    return Answer.judged(estimate.verdict, title, *facts)


def _at(estimate: FitEstimate) -> str:
    """The length and the number of sequences that were asked for."""
    context, batch = value_text(estimate["context_tokens"]), estimate["batch_size"]
    if batch.value == 1:
        return tell("with {tokens} tokens", tokens=context)
    return tell("with {sequences} of {tokens} tokens", tokens=context, sequences=value_text(batch))


def _needs(estimate: FitEstimate) -> str:
    """What is needed of what is free; where that is not known, what is known of it."""
    total, free = estimate["total_bytes"], estimate["free_bytes"]
    if total.value is not None or estimate["weights_bytes"].value is None:
        return needs_text(total, free)
    weights, room = point_text(estimate["weights_bytes"]), point_text(free)
    return tell("weights {weights} of {free}, the cache unknown", weights=weights, free=room)


def _others_title(estimate: FitEstimate) -> str:
    if estimate.details.tp > 1:
        return tell("Each of them")
    if any(part.details.device_kind == "local GPU" for part in estimate.parts):
        return tell("Each GPU of this machine")
    return tell("On other devices")


def _device(estimate: FitEstimate) -> str:
    count, engine = estimate.details.tp * estimate.details.pp, estimate.details.engine_title
    device = said(estimate.details.device)
    if count > 1:
        device = tell("{device}, one of {n}", device=device, n=count)
    return tell("{device} with {engine}", device=device, engine=engine) if engine else device


def _how(estimate: FitEstimate) -> Iterator[tuple[str, str]]:
    """The figures in the order of the sum, each with its making in a few words."""
    count = estimate.details.tp * estimate.details.pp
    params, quant = value_text(estimate["params"]), estimate.details.quant
    weights = tell("{params} parameters in {quant}", params=params, quant=quant)
    if count > 1:
        weights = tell("{weights}, divided by {n}", weights=weights, n=count)
    yield "weights_bytes", weights
    if "tower_bytes" in estimate:
        yield "tower_bytes", tell("the tower of a model that takes pictures")
    if "draft_bytes" in estimate:
        yield "draft_bytes", tell("{model}, which drafts", model=estimate.details.draft)
    if "lora_bytes" in estimate:
        yield "lora_bytes", tell("room for LoRA adapters")
    yield "kv_cache_bytes", _cache(estimate)
    yield "overhead_bytes", said(estimate.details.overhead)
    if "kv_space_bytes" in estimate:
        yield "kv_space_bytes", said(estimate["kv_space_bytes"].note)
    yield "total_bytes", tell("the sum")
    for name in ("free_bytes", "max_context_tokens", "max_batch_size"):
        if name in estimate:
            yield name, said(estimate[name].note)


def _cache(estimate: FitEstimate) -> str:
    context, batch, per_token = (
        value_text(estimate[name]) for name in ("context_tokens", "batch_size", "kv_bytes_per_token")
    )
    figure = estimate["kv_cache_bytes"]
    names = {each.name: each.value for _, each in figure.walk()}
    cache = tell(
        "{context} tokens × {batch} at {per_token} a token", context=context, batch=batch, per_token=per_token
    )
    window = names.get("window_tokens") or names.get("sliding_window")
    if window:
        cache = tell("{cache}, of which a window keeps {n:,}", cache=cache, n=window)
    if names.get("fixed_bytes"):
        cache = tell("{cache}, and what is kept at any length", cache=cache)
    return cache


def _bars(estimate: FitEstimate) -> Iterator[Bar]:
    """The sum against what is free, where all of it is known."""
    free = estimate["free_bytes"]
    figures = [estimate[name] for name in _PARTS]
    if free.value and all(each.value is not None for each in figures):
        parts = (Part(label(each.name), float(each.value or 0) / 2**30, point_text(each)) for each in figures)
        yield Bar(tuple(parts), float(free.value) / 2**30, value_text(free))


def _device_row(part: FitEstimate) -> tuple[str, ...]:
    return (
        said(part.subject),
        value_text(part["free_bytes"]),
        value_text(part["total_bytes"]),
        verdict_text(part),
        value_text(part["max_context_tokens"]),
    )
