"""How fast does it run, and what does a token cost? Decoding and prompts by the roofline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...catalog.hardware.engine_speed import EngineSpeed, find_speed
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Figure, Note, derive, given
from ...formulas import ratios
from ...messages import joined, option, say
from ..currency import with_currency
from ..devices import Device, freest_local_device, local_ram, named_machine, whole_local_devices
from ..memory.engines import serving
from ..memory.judgement import Judgement
from ..memory.machine.answer import where
from ..memory.machine.machine import Machine, with_engine
from ..memory.machine.on_gpus import spread
from ..memory.needs import check_tp
from ..memory.notes import engine_s_context, loaded_as, ram_notes, too_long
from ..memory.question import Fit
from ..open_model import model_notes, resolve_layers
from ..subjects import without_object
from .cost import cost_figures, hourly_rent, own_figure
from .details import SpeedDetails, SpeedEstimate, SpeedPoint
from .place import Place
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
    batch_size, engine = question.batch_size, find_speed(question.engine or _meant(question))
    place = _place(spec, question, engine)
    step, judged = place.step(batch_size)
    if question.output_tokens is not None and question.output_tokens >= step.context_tokens:
        raise UsageError(
            "{output} leaves no prompt in {context}",
            output=option("output_tokens", question.output_tokens),
            context=option("context_tokens", step.context_tokens),
        )
    single = make_step(place.step(1)[0], 1)["step_s"]
    figures = make_step(step, batch_size)
    points = [_point(place, size, single) for size in sorted({*BATCHES, batch_size})]
    fitting = [(point, where) for point, where in points if point.verdict != "does not fit"]
    parts = tuple(point for point, _ in fitting)
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
        notes=(
            *_notes(spec, step, judged),
            *_of_ram(judged, place.asked, step),
            *_moving([where for _, where in fitting]),
        ),
        details=SpeedDetails(
            model=spec.name,
            quant=step.quant.name,
            device=step.device_name,
            engine=step.engine.name,
            engine_title=step.engine.title,
            context_tokens=step.context_tokens,
        ),
        verdict="does not fit" if judged.verdict == "does not fit" else None,
        question=question,
        parts=parts,
    )


def _meant(question: Speed) -> str | None:
    """The engine that is meant where none is named."""
    return with_engine(Fit(**_asked(question))).engine


def _place(spec: ModelSpec, question: Speed, engine: EngineSpeed) -> Place:
    """Where it runs: one GPU, several of them, or a machine with its RAM."""
    if question.gpu is None:
        devices: tuple[Device, ...] = (freest_local_device(),)
        whole, ram = whole_local_devices(), local_ram(question.ram)
    else:
        devices, ram = named_machine(question.gpu, question.ram)
        whole = devices
    tp, laid = question.tp, 1
    if question.pp == 1:
        tp, laid = spread(spec, str(question.gpu), len(devices), question.tp, serving(engine.name))
    if not serving(engine.name).lays_layers:
        devices = (min(devices, key=lambda device: device.free_bytes.low or 0),)
    check_tp(spec, tp)
    asked = Fit(**{**_asked(question), "tp": tp}).changed(engine=question.engine or engine.name)
    return Place(spec, asked, question, engine, devices, whole, ram, laid)


def _asked(question: Speed) -> dict[str, Any]:
    """What the speed and the memory of a model are asked with alike."""
    names = (
        "model",
        "quant",
        "context_tokens",
        "gpu",
        "engine",
        "pp",
        "cpu_offload_gb",
        "kv",
        "ngl",
        "n_cpu_moe",
        "ram",
        "text_only",
    )
    return {name: getattr(question, name) for name in names}


def _point(place: Place, batch_size: int, single: Figure) -> tuple[SpeedPoint, Judgement | Machine]:
    """The curve at one batch size, and what holds it."""
    step, judged = place.step(batch_size)
    figures = make_step(step, batch_size)
    names = ("step_s", "sequence_tokens_per_s", "tokens_per_s")
    own = own_figure(hourly_rent(step.gpu, step.n_gpus, option("tp")), figures["tokens_per_s"])
    point = SpeedPoint(
        subject=say("batch {n}", n=batch_size),
        figures=(
            figures["batch_size"],
            judged.total_bytes,
            *(figures[name] for name in names),
            _speedup(batch_size, figures["step_s"], single),
            own,
        ),
        verdict=judged.verdict,
        question=replace(place.question, batch_size=batch_size),
    )
    return point, judged


def _of_ram(judged: Judgement | Machine, asked: Fit, step: Step) -> list[Note]:
    """What becomes of the RAM that is named, where no layers run in it."""
    return [] if isinstance(judged, Machine) else ram_notes(judged, asked, step.device)


def _moving(places: list[Judgement | Machine]) -> list[Note]:
    """That the caches of more sequences move layers off the GPUs, where the layers are not told."""
    splits = [each.split for each in places if isinstance(each, Machine)]
    if len({(each.n_on_gpus, each.n_cpu_moe) for each in splits}) < 2:
        return []
    first, last = splits[0], splits[-1]
    if first.n_on_gpus != last.n_on_gpus:
        counts = {"first": first.n_on_gpus, "last": last.n_on_gpus}
        text = say(
            "each batch has its own split: {first} layers on the GPUs for the first, {last} for the last",
            **counts,
        )
    else:
        counts = {"first": first.n_cpu_moe, "last": last.n_cpu_moe}
        text = say(
            "each batch has its own split: experts of {first} layers in RAM at first, of {last} at last",
            **counts,
        )
    return [Note(joined("; ", text, say("{option:ngl} keeps one")))]


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


def _notes(spec: ModelSpec, step: Step, judged: Judgement | Machine) -> list[Note]:
    device = step.device
    notes = [*model_notes(spec), *loaded_as(judged.needs), *engine_s_context(step.context), *device.notes]
    if step.machine is not None:
        notes.append(Note(where(step.machine)))
    elif step.laid_gpus > 1:
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
