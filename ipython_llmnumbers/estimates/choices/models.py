"""Which models fit: each of the tables, in the most bits that do, where it would run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ...catalog.hardware.engines import find_engine, known_engines
from ...catalog.open_models.find import find_model, known_models
from ...catalog.open_models.generations import generation, newest_generations
from ...catalog.open_models.quants import find_quant, quant_named
from ...catalog.open_models.spec import ModelSpec
from ...errors import LLMNumbersError, UsageError
from ...figures import Figure, Note, assumed, given
from ...messages import option, say
from ...probes.hardware.local_gpus import local_gpus
from ..devices import Device, laid_over, local_device, named_device, named_devices, this_machine
from ..memory.details import FitEstimate
from ..memory.engines import serving
from ..memory.estimate import estimate_fit
from ..memory.judgement import Judgement, judge
from ..memory.largest import max_context
from ..memory.needs import DEFAULT_CONTEXT_TOKENS
from ..memory.question import Fit
from ..speed.question import Speed
from .details import FittingModel, FittingModelDetails, FittingModelsDetails, FittingModelsEstimate
from .question import FittingModels

# What is published in fewer bits has no builds in other types of so few.
_LEAST_BITS_TO_CONVERT = 8


@dataclass(frozen=True, slots=True)
class _Place:
    """Where models may run; `kind` is `gpu` or `ram`, `tp` the GPUs that each is divided over."""

    kind: str
    device: Device
    tp: int = 1


@dataclass(frozen=True, slots=True)
class _Found:
    """A model as it fits somewhere."""

    spec: ModelSpec
    place: _Place
    fit: Fit
    judged: Judgement


def estimate_fitting_models(question: FittingModels) -> FittingModelsEstimate:
    """The models that fit, the newest generation of each family first, then by their size.

    >>> found = estimate_fitting_models(FittingModels(vram="8GB"))
    >>> "Qwen3.5-4B" in found, "Llama-3.1-70B" in found
    (True, False)
    """
    engine = question.engine or _usual_engine()
    find_engine(engine)
    if question.quant is not None:
        find_quant(question.quant)
    places, notes = _places(question, engine)
    found = list(_fitting(question, engine, places))
    newest = newest_generations([each.spec.name for each in found])
    found.sort(key=lambda each: (not _is_newest(each.spec, newest), -each.spec.architecture.params))
    parts = [_part(each, question, places, newest) for each in found[: question.most]]
    first = places[0]
    name = first.device.name if first.tp == 1 else f"{first.tp} × {first.device.name}"
    return FittingModelsEstimate(
        subject=name,
        notes=(*notes, *_notes(question, found, parts)),
        details=FittingModelsDetails(
            device=name,
            engine_title=find_engine(engine).title,
            context_tokens=question.context_tokens or DEFAULT_CONTEXT_TOKENS,
            n_fitting=len(found),
            n_tried=len(list(_tried())),
        ),
        question=question,
        parts=tuple(parts),
    )


def _usual_engine() -> str:
    """What people who ask this have: an engine that lays layers, and keeps those in RAM that are too many."""
    return next(name for name in known_engines() if serving(name).keeps_embeddings_in_ram)


def _places(question: FittingModels, engine: str) -> tuple[list[_Place], list[Note]]:
    """Where models may run, the GPUs first, and how that was found."""
    gpus, notes = _gpus(question, engine)
    ram = _ram(question)
    return [*gpus, *([_Place("ram", ram)] if ram else [])], notes


def _gpus(question: FittingModels, engine: str) -> tuple[list[_Place], list[Note]]:
    asked = question.gpu or question.vram
    if asked is not None:
        devices = named_devices(asked)
        return [_together(devices, engine)], [*devices[0].notes]
    if question.ram is not None:
        return [], []
    reading = local_gpus()
    if reading.unavailable:
        text = say(
            "no local GPU: {reason}; {option:gpu} or {option:vram} names one", reason=reading.unavailable
        )
        return [], [Note(text)]
    devices = tuple(
        local_device(each, reading.driver_version, reading.instrument)
        for each in reading.devices
        if each.slice_index is None or len(reading.devices) == 1
    )
    freest = max(devices, key=lambda device: device.free_bytes.value or 0)
    lays = len(devices) > 1 and serving(engine).lays_layers
    return [_together(devices, engine) if lays else _Place("gpu", freest)], [*freest.notes]


def _together(devices: tuple[Device, ...], engine: str) -> _Place:
    """Several GPUs as the engine uses them: layer by layer, or each with its share of every layer."""
    if len(devices) == 1 or serving(engine).lays_layers:
        return _Place("gpu", laid_over(devices) if len(devices) > 1 else devices[0])
    return _Place("gpu", devices[0], len(devices))


def _ram(question: FittingModels) -> Device | None:
    """The machine's memory: as it was written, or this machine's where its own GPU is asked about."""
    if question.ram is not None:
        size = named_device(question.ram)
        if size.gpu is None or not size.gpu.is_given:
            raise UsageError(
                "{option} is no size of a memory; write one such as 32GB", option=option("ram", question.ram)
            )
        note = option("ram", question.ram)
        free, whole = (
            given(name, size.gpu.memory_bytes, "bytes", note) for name in ("free_bytes", "device_bytes")
        )
        return Device(say("RAM (CPU)"), "ram", free, whole)
    return this_machine() if question.gpu is None and question.vram is None else None


def _fitting(question: FittingModels, engine: str, places: list[_Place]) -> Iterator[_Found]:
    for spec in _tried():
        found = next(filter(None, (_at(question, engine, spec, place) for place in places)), None)
        if found is not None:
            yield found


def _tried() -> Iterator[ModelSpec]:
    """The models of the tables that write text."""
    for spec in map(find_model, known_models()):
        caches = {cache.kind for cache in spec.architecture.caches}
        if not spec.architecture.is_encoder and "cross" not in caches:
            yield spec


def _is_newest(spec: ModelSpec, newest: dict[str, float]) -> bool:
    family, number = generation(spec.name)
    return number == newest[family]


def _at(question: FittingModels, engine: str, spec: ModelSpec, place: _Place) -> _Found | None:
    """The model there in the most bits that fit; where none surely does, in the first that may."""
    tight = None
    for quant in _quants(question, engine, spec):
        fit = Fit(
            model=spec.name,
            quant=quant,
            engine=engine,
            tp=place.tp,
            context_tokens=question.context_tokens,
            batch_size=question.batch_size,
            kv=question.kv,
        )
        try:
            judged = judge(spec, fit, place.device)
        except UsageError:  # GPUs that do not divide the heads
            return None
        if judged.verdict == "fits":
            return _Found(spec, place, fit, judged)
        if judged.verdict == "tight" and tight is None:
            tight = _Found(spec, place, fit, judged)
    return tight


def _quants(question: FittingModels, engine: str, spec: ModelSpec) -> list[str | None]:
    """What is tried, from the most bits to the fewest; None is what the engine takes by itself."""
    if question.quant is not None:
        return [question.quant]
    own = quant_named(spec.quant)
    if own is None or own.bits < _LEAST_BITS_TO_CONVERT:
        return [None]
    lighter = [name for name in find_engine(engine).advised_quants if find_quant(name).bits < own.bits]
    # An engine that takes files of another format has none of the checkpoint's own.
    return [*lighter] if serving(engine).loads(spec) else [None, *lighter]


def _part(
    found: _Found, question: FittingModels, places: list[_Place], newest: dict[str, float]
) -> FittingModel:
    spec, needs = found.spec, found.judged.needs
    family, number = generation(spec.name)
    both = _over_both(found, question) if found.place.kind == "ram" and len(places) > 1 else None
    if both is not None:
        total, free, longest, speed = (
            both.figure(name) for name in ("total_bytes", "free_bytes", "max_context_tokens", "tokens_per_s")
        )
    else:
        total, free = found.judged.total_bytes, found.place.device.free_bytes
        longest = max_context(needs, found.judged.overhead, found.judged.room_bytes)
        speed = _speed(found, question)
    return FittingModel(
        subject=spec.name,
        figures=(spec.params_figure(), needs.weights_bytes, total, free, longest, speed),
        verdict=found.judged.verdict if both is None else both.verdict,
        details=FittingModelDetails(
            model=spec.name,
            quant=needs.quant.name,
            family=family,
            generation=number,
            is_newest=_is_newest(spec, newest),
            place=found.place.kind if both is None else "both",
        ),
        question=found.fit if both is None else both.question,
    )


def _over_both(found: _Found, question: FittingModels) -> FitEstimate | None:
    """What fits no GPU with as much of it on the GPU as there is room for; None where the engine cannot."""
    fit = found.fit
    if "ngl" not in found.judged.needs.served_by.engine.takes:
        return None
    quant = found.judged.needs.quant.name
    asked = fit.changed(quant=quant, gpu=question.gpu or question.vram, ram=question.ram)
    estimate = estimate_fit(asked)
    return estimate if "tokens_per_s" in estimate and estimate.verdict != "does not fit" else None


def _speed(found: _Found, question: FittingModels) -> Figure:
    """Tokens per second of one sequence; unknown of a GPU that no table has, and of RAM alone."""
    unknown = assumed("tokens_per_s", None, "tokens/s", say("how fast the memory is read is not known"))
    gpu = found.place.device.gpu
    if found.place.kind == "ram" or gpu is None or gpu.bandwidth_bytes_per_s is None:
        return unknown
    fit = found.fit
    try:
        speed = Speed(
            model=fit.model,
            quant=found.judged.needs.quant.name,
            gpu=question.gpu or gpu.name,
            context_tokens=fit.context_tokens,
            engine=fit.engine,
            kv=fit.kv,
            tp=fit.tp,
        ).answer()
    except LLMNumbersError:  # an engine whose speeds no table has
        return unknown
    return replace(speed.figure("sequence_tokens_per_s"), name="tokens_per_s")


def _notes(question: FittingModels, found: list[_Found], parts: list[FittingModel]) -> Iterator[Note]:
    if question.engine is None:
        engine = find_engine(_usual_engine()).title
        yield Note(say("as {engine} runs them; {option:engine} takes another engine", engine=engine))
    if any(part.details.place == "both" for part in parts):
        yield Note(say("what fits no GPU is laid over it and RAM; asked by itself, it says what to type"))
    more = len(found) - question.most
    if more > 0:
        yield Note(say("{n} more fit; {option:most} lists more", n=more))
