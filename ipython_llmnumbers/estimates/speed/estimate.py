"""How fast does it run, and what does a token cost? Decoding and prompts by the roofline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...catalog.hardware.engine_speed import find_speed
from ...catalog.open_models.quants import Quant, find_quant
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Estimate, Figure, Note, derive, given
from ...formulas import ratios
from ...messages import joined, option, say
from ..memory.needs import check_tp, stored_quant
from ..memory.notes import too_long
from ..open_model import resolve_layers
from ..places import Place, check_whole, local_place, named_place
from .cost import cost_figures, hourly_figure, own_figure
from .step import Step, make_step

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)
DEFAULT_CONTEXT_TOKENS = 2_048


def estimate_speed(
    model: object,
    *,
    quant: str | None = None,
    gpu: str | None = None,
    context_tokens: int = DEFAULT_CONTEXT_TOKENS,
    output_tokens: int | None = None,
    batch_size: int = 1,
    tp: int = 1,
    engine: str = "vllm",
    kv: str | None = None,
) -> Estimate:
    """Tokens per second of a model on a GPU, alone and in batches, and dollars for a million.

    Args:
        context_tokens: tokens that a sequence holds, prompt and answer together.
        output_tokens: of these, the answer's; then new prompts keep the batch full while
            others decode, as in a server. Without it only decoding is counted.
        batch_size: sequences at once.
        tp: GPUs that the model is divided among.
        engine: `vllm` (any engine with CUDA graphs), `llama.cpp` or `transformers`.

    Returns:
        An Estimate with `tokens_per_s` (of all sequences), `sequence_tokens_per_s`, `step_s`,
        `prefill_tokens_per_s`, `own_usd_per_mtok`, `api_usd_per_mtok`; its parts are the same
        at other batch sizes that fit, with `batching_speedup` against one sequence.

    Raises:
        UsageError, UnknownNameError: an option that is not one of those.

    >>> speed = estimate_speed("llama-3.1-8b", gpu="H100", batch_size=8)
    >>> speed["tokens_per_s"].low < 1_000 < speed["tokens_per_s"].high
    True
    """
    spec = resolve_layers(model, say("its speed"))
    _check(context_tokens, output_tokens, batch_size, tp)
    check_tp(spec, tp)
    place = local_place() if gpu is None else named_place(gpu)
    step = Step(
        spec=spec,
        quant=_quant(spec, quant),
        kv=kv,
        gpu=place.gpu,
        place=place.name,
        engine=find_speed(engine),
        context_tokens=context_tokens,
        output_tokens=output_tokens,
        tp=tp,
    )
    request = {
        "model": spec.name,
        "quant": step.quant.name,
        "gpu": gpu,
        "context_tokens": context_tokens,
        "output_tokens": output_tokens,
        "batch_size": batch_size,
        "tp": tp,
        "engine": step.engine.name,
    }
    single = make_step(step, 1)["step_s"]
    figures = make_step(step, batch_size)
    points = (_point(step, size, single, request) for size in sorted({*BATCHES, batch_size}))
    parts = tuple(point for point in points if _fits(step, point["held_bytes"]))
    cost = cost_figures(
        model if isinstance(model, str) else spec.name, spec, step.gpu, tp, figures["tokens_per_s"]
    )
    return Estimate(
        kind="speed",
        subject=spec.name,
        figures=(*figures.values(), _speedup(batch_size, figures["step_s"], single), *cost),
        notes=tuple(_notes(place, spec, step, figures["held_bytes"])),
        details={
            "model": spec.name,
            "quant": step.quant.name,
            "device": place.name if tp == 1 else joined(" × ", str(tp), place.name),
            "engine": step.engine.name,
            "engine_title": step.engine.title,
        },
        request=request,
        parts=parts,
    )


def _quant(spec: ModelSpec, name: str | None) -> Quant:
    """The one asked for; else the user's files' own, or the model's."""
    if name is None and spec.stored:
        return stored_quant(spec)
    return find_quant(spec.quant if name is None else name)


def _point(step: Step, batch_size: int, single: Figure, request: Mapping[str, Any]) -> Estimate:
    """The curve at one batch size."""
    figures = make_step(step, batch_size)
    speedup = _speedup(batch_size, figures["step_s"], single)
    names = ("batch_size", "held_bytes", "step_s", "sequence_tokens_per_s", "tokens_per_s")
    own = own_figure(hourly_figure(step.gpu, step.tp), figures["tokens_per_s"])
    return Estimate(
        kind="speed_point",
        subject=say("batch {n}", n=batch_size),
        figures=(*(figures[name] for name in names), speedup, own),
        request={**request, "batch_size": batch_size},
    )


def _fits(step: Step, held: Figure) -> bool:
    """Whether weights and cache alone have room; where the memory is unknown nothing is left out."""
    return step.gpu is None or held.low is None or held.low <= step.gpu.memory_bytes


def _speedup(batch_size: int, batch_s: Figure, single: Figure) -> Figure:
    """Tokens per second of the batch against one sequence at a time.

    The same assumptions stand behind both times, so their ranges do not add up: each end of
    one meets the same end of the other.
    """
    sequences = given("batch_size", batch_size, "sequences", option("batch_size"))
    return derive(
        "batching_speedup",
        "×",
        ratios.batching_speedup,
        note=say("against one sequence at a time, at the middle of the ranges"),
        batch_size=sequences,
        batch_s=_middle(batch_s),
        single_s=_middle(single),
    )


def _middle(figure: Figure) -> Figure:
    """The figure's value without its range."""
    return replace(figure, low=figure.value, high=figure.value)


def _notes(place: Place, spec: ModelSpec, step: Step, held: Figure) -> list[Note]:
    notes = list(place.notes)
    if not _fits(step, held):
        text = say(
            "weights and cache do not fit {gpu}: the speed is of one that they would fit", gpu=place.name
        )
        notes.append(Note(text, "warning"))
    if place.kind == "none":
        pass
    elif place.gpu is None:
        text = say("the speed of {gpu} is in no table; name it under [[gpus]]", gpu=place.name)
        notes.append(Note(text, "warning"))
    elif place.gpu.bandwidth_bytes_per_s is None:
        notes.append(Note(say("the bandwidth of {gpu} is unknown", gpu=place.name), "warning"))
    if spec.given_params is not None:
        text = say(
            "{size} is a size, not a model: its shape is that of {model}",
            size=spec.name,
            model=spec.name_of_shape,
        )
        notes.append(Note(text))
    notes += too_long(spec, step.context_tokens)
    if step.output_tokens is None:
        notes.append(
            Note(say("decoding only; with {option:output_tokens} the prompts of a full server count too"))
        )
    return notes


def _check(context_tokens: int, output_tokens: int | None, batch_size: int, tp: int) -> None:
    check_whole("context_tokens", context_tokens, 10**8)
    check_whole("batch_size", batch_size, 10**6)
    check_whole("tp", tp, 1_024)
    if output_tokens is not None:
        check_whole("output_tokens", output_tokens, 10**8)
        if output_tokens >= context_tokens:
            raise UsageError(
                "{option:output_tokens={output:,}} leaves no prompt in {option:context_tokens={context:,}}",
                output=output_tokens,
                context=context_tokens,
            )
