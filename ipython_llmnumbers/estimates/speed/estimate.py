"""How fast does it run, and what does a token cost? Decoding and prompts by the roofline."""

from __future__ import annotations

from dataclasses import replace

from ...catalog.hardware.engine_speed import find_speed
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Figure, Note, derive, given
from ...formulas import ratios
from ...messages import joined, option, say
from ..currency import with_currency
from ..devices import Device, freest_local_device, laid_over, named_devices
from ..memory.engines import serving
from ..memory.judgement import Judgement, judge
from ..memory.needs import check_tp, spread
from ..memory.notes import loaded_as, too_long
from ..memory.question import Fit
from ..open_model import model_notes, resolve_layers
from ..subjects import without_object
from .cost import cost_figures, hourly_figure, own_figure
from .details import SpeedDetails, SpeedEstimate, SpeedPoint
from .question import Speed
from .step import Step, make_step

BATCHES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


def estimate_speed(question: Speed) -> SpeedEstimate:
    """Tokens per second of a model on a GPU, alone and in batches, and dollars for a million.

    >>> speed = estimate_speed(Speed(model="llama-3.1-8b", gpu="H100", batch_size=8))
    >>> speed["tokens_per_s"].low < 900 < speed["tokens_per_s"].high
    True
    """
    spec = resolve_layers(question.model, say("its speed"))
    question = without_object(question, spec.name)
    return with_currency(_speed(spec, question), question.money)


def _speed(spec: ModelSpec, question: Speed) -> SpeedEstimate:
    batch_size, engine = question.batch_size, find_speed(question.engine)
    devices = (freest_local_device(),) if question.gpu is None else named_devices(question.gpu)
    device = devices[0]
    tp, laid = spread(spec, str(question.gpu), len(devices), question.tp, serving(engine.name))
    check_tp(spec, tp)
    room = laid_over(devices) if laid > 1 else device
    judged = _judge(spec, question, question.engine or engine.name, room, batch_size, tp)
    step = Step(
        spec=spec,
        quant=judged.needs.quant,
        kv=question.kv,
        device=device,
        engine=engine,
        context=judged.needs.context_tokens,
        output_tokens=question.output_tokens,
        tp=tp,
        laid_gpus=laid,
    )
    if question.output_tokens is not None and question.output_tokens >= step.context_tokens:
        raise UsageError(
            "{output} leaves no prompt in {context}",
            output=option("output_tokens", question.output_tokens),
            context=option("context_tokens", step.context_tokens),
        )
    single = make_step(step, 1)["step_s"]
    figures = make_step(step, batch_size)
    points = (_point(step, size, single, question, room) for size in sorted({*BATCHES, batch_size}))
    parts = tuple(point for point in points if point.verdict != "does not fit")
    cost = cost_figures(
        question.model if isinstance(question.model, str) else spec.name,
        spec,
        step.gpu,
        step.n_gpus,
        figures["tokens_per_s"],
    )
    return SpeedEstimate(
        subject=spec.name,
        figures=(*figures.values(), _speedup(batch_size, figures["step_s"], single), *cost),
        notes=tuple(_notes(device, spec, step, judged)),
        details=SpeedDetails(
            model=spec.name,
            quant=step.quant.name,
            device=device.name if step.n_gpus == 1 else joined(" × ", str(step.n_gpus), device.name),
            engine=step.engine.name,
            engine_title=step.engine.title,
            context_tokens=step.context_tokens,
        ),
        verdict="does not fit" if judged.verdict == "does not fit" else None,
        question=question,
        parts=parts,
    )


def _point(step: Step, batch_size: int, single: Figure, question: Speed, room: Device) -> SpeedPoint:
    """The curve at one batch size."""
    figures = make_step(step, batch_size)
    speedup = _speedup(batch_size, figures["step_s"], single)
    judged = _judge(step.spec, question, question.engine or step.engine.name, room, batch_size, step.tp)
    names = ("step_s", "sequence_tokens_per_s", "tokens_per_s")
    own = own_figure(hourly_figure(step.gpu, step.n_gpus), figures["tokens_per_s"])
    return SpeedPoint(
        subject=say("batch {n}", n=batch_size),
        figures=(
            figures["batch_size"],
            judged.total_bytes,
            *(figures[name] for name in names),
            speedup,
            own,
        ),
        verdict=judged.verdict,
        question=replace(question, batch_size=batch_size),
    )


def _judge(
    spec: ModelSpec, question: Speed, engine: str, device: Device, batch_size: int, tp: int
) -> Judgement:
    """Whether a batch fits: the engine whose speed is told is asked, as by `gpu_fit`."""
    names = ("model", "quant", "context_tokens", "gpu", "kv", "text_only")
    asked = {name: getattr(question, name) for name in names}
    return judge(spec, Fit(**asked, tp=tp, engine=engine, batch_size=batch_size), device)


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


def _notes(device: Device, spec: ModelSpec, step: Step, judged: Judgement) -> list[Note]:
    notes = [*model_notes(spec), *loaded_as(judged.needs), *device.notes]
    if step.laid_gpus > 1:
        text = say(
            "the layers go over the {n} GPUs, which work one after the other: as fast as one that holds all",
            n=step.laid_gpus,
        )
        notes.append(Note(text))
    if judged.verdict == "does not fit":
        text = say(
            "it does not fit {gpu} with {engine}: the speed is of one that it would fit",
            gpu=device.name,
            engine=judged.needs.served_by.engine.title,
        )
        notes.append(Note(text, "warning"))
    if device.kind == "none":
        pass
    elif device.gpu is None:
        text = say("the speed of {gpu} is in no table; name it under [[gpus]]", gpu=device.name)
        notes.append(Note(text, "warning"))
    elif device.gpu.bandwidth_bytes_per_s is None:
        notes.append(Note(say("the bandwidth of {gpu} is unknown", gpu=device.name), "warning"))
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
