"""Which models fit: each of the tables, in the most bits that do, where it would run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property

from ...catalog.hardware.engines import find_engine, known_engines
from ...catalog.open_models.find import find_model, text_models
from ...catalog.open_models.generations import generation, newest_generations
from ...catalog.open_models.quants import find_quant, is_converted, quant_named
from ...catalog.open_models.spec import ModelSpec
from ...errors import LLMNumbersError
from ...figures import Figure, Note, assumed
from ...messages import say
from ...records import dataclass
from ..memory.engines import serving
from ..memory.judgement import Judgement, judge
from ..memory.machine.machine import Machine, can_be_split, placed_so, split_of
from ..memory.machine.on_gpus import OnGpus, judged_figures, on_gpus
from ..memory.needs import Needs, default_context, needs_of
from ..memory.notes import engine_s_context, too_long
from ..memory.question import Fit
from ..memory.weights import choose_quant, least_weights_bytes
from ..parameters import one_unless_given
from ..speed.step import sequence_speed
from .details import FittingModel, FittingModelDetails, FittingModelsDetails, FittingModelsEstimate
from .question import FittingModels
from .where import Where, where_asked

# Where a model is tried, in this order: whole on the GPUs, a part of it in RAM, all of it there.
_PLACES = ("gpu", "both", "ram")


@dataclass(frozen=True)
class _Tried:
    """A model in one quantisation; its needs are worked out once for all places, and not before one asks."""

    there: OnGpus | None
    """How it goes on the GPUs; None where there are none."""
    fit: Fit
    spec: ModelSpec

    @cached_property
    def needs(self) -> Needs:
        assert self.there is not None
        return needs_of(self.spec, self.fit, *self.there.gpus)

    @cached_property
    def least_bytes(self) -> float:
        """What its weights take at the least, of all places together."""
        served_by = serving(self.fit.engine)
        return least_weights_bytes(
            self.spec, served_by.held(choose_quant(self.spec, self.fit.quant, served_by))
        )

    def judge(self, place: str, where: Where) -> Judgement | Machine | None:
        """Whether it fits there; None where nothing runs so, or what is free is surely too little."""
        if self.least_bytes > where.room_bytes(place):
            return None
        match place:
            case "gpu" if self.there is not None:
                return self.there.judge(self.needs)
            case "both":
                return self._over_both(where)
            case "ram" if where.ram is not None:
                return judge(self.spec, self.fit, where.ram)
            case _:
                return None

    def _over_both(self, where: Where) -> Machine | None:
        if where.ram is None or not where.gpus or not can_be_split(self.spec, self.fit, where.gpus):
            return None
        split = split_of(self.needs, self.fit, where.gpus)
        return placed_so(split, self.needs, where.gpus, where.ram) if split.n_on_gpus else None


@dataclass(frozen=True, slots=True)
class _Found:
    """A model as it fits somewhere."""

    tried: _Tried
    place: str
    judged: Judgement | Machine

    @property
    def spec(self) -> ModelSpec:
        return self.tried.spec


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
    where = where_asked(question, engine)
    usual = default_context(serving(engine), where.gpus)
    own_context = [] if question.context_tokens else engine_s_context(usual)
    tried = list(_tried())
    long_enough = [spec for spec in tried if not too_long(spec, question.context_tokens or 0)]
    found = list(filter(None, (_fitting(question, engine, spec, where) for spec in long_enough)))
    newest = newest_generations([each.spec.name for each in found])
    found.sort(key=lambda each: (not _is_newest(each.spec, newest), -each.spec.architecture.params))
    parts = [_part(each, question, where, newest) for each in found[: question.most]]
    return FittingModelsEstimate(
        subject=where.name,
        notes=(*where.notes, *own_context, *_notes(question, found, parts, len(tried) - len(long_enough))),
        details=FittingModelsDetails(
            device=where.name,
            engine_title=find_engine(engine).title,
            context_tokens=question.context_tokens or int(usual.value or 0),
            n_fitting=len(found),
            n_tried=len(tried),
        ),
        question=question,
        parts=tuple(parts),
    )


def _usual_engine() -> str:
    """What people who ask this have: an engine that lays layers, and keeps those in RAM that are too many."""
    return next(name for name in known_engines() if serving(name).keeps_embeddings_in_ram)


def _fitting(question: FittingModels, engine: str, spec: ModelSpec, where: Where) -> _Found | None:
    """The model in the first place that takes it, there in the most bits that do."""
    tried = [_try(question, engine, spec, quant, where) for quant in _quants(question, engine, spec)]
    return next(filter(None, (_in_place(tried, place, where) for place in _PLACES)), None)


def _try(question: FittingModels, engine: str, spec: ModelSpec, quant: str | None, where: Where) -> _Tried:
    fit = Fit(
        model=spec.name,
        quant=quant,
        gpu=question.gpu or question.vram,
        ram=question.ram,
        engine=engine,
        context_tokens=question.context_tokens,
        batch_size=question.batch_size,
        kv=question.kv,
    )
    there = on_gpus(spec, fit, where.gpus) if where.gpus else None
    return _Tried(there, there.request if there else fit, spec)


def _in_place(tried: list[_Tried], place: str, where: Where) -> _Found | None:
    """The model there in the most bits that fit; where none surely does, in the first that may."""
    tight = None
    for each in tried:
        judged = each.judge(place, where)
        if judged is None:
            continue
        if judged.verdict == "fits":
            return _Found(each, place, judged)
        if judged.verdict == "tight" and tight is None:
            tight = _Found(each, place, judged)
    return tight


def _tried() -> Iterator[ModelSpec]:
    """The models of the tables that write text."""
    for spec in map(find_model, text_models()):
        caches = {cache.kind for cache in spec.architecture.caches}
        if not spec.architecture.is_encoder and "cross" not in caches:
            yield spec


def _is_newest(spec: ModelSpec, newest: dict[str, float]) -> bool:
    family, number = generation(spec.name)
    return number == newest[family]


def _quants(question: FittingModels, engine: str, spec: ModelSpec) -> list[str | None]:
    """What is tried, from the most bits to the fewest; None is what the engine takes by itself."""
    if question.quant is not None:
        return [question.quant]
    own = quant_named(spec.quant)
    if own is None or not is_converted(spec.quant):
        return [None]
    lighter = [name for name in find_engine(engine).advised_quants if find_quant(name).bits < own.bits]
    # An engine that takes files of another format has none of the checkpoint's own.
    return [*lighter] if serving(engine).loads(spec) else [None, *lighter]


def _part(found: _Found, question: FittingModels, where: Where, newest: dict[str, float]) -> FittingModel:
    spec, fit, judged, needs = found.spec, found.tried.fit, found.judged, found.judged.needs
    family, number = generation(spec.name)
    device = where.device(found.place, needs.tp)
    return FittingModel(
        subject=spec.name,
        figures=(spec.params_figure(), *judged_figures(judged, fit, device), _speed(found, question, where)),
        verdict=judged.verdict,
        details=FittingModelDetails(
            model=spec.name,
            quant=needs.quant.name,
            family=family,
            generation=number,
            is_newest=_is_newest(spec, newest),
            place=found.place,
            tp=needs.tp,
        ),
        question=fit,
    )


def _speed(found: _Found, question: FittingModels, where: Where) -> Figure:
    """Tokens per second of one sequence; unknown of a GPU that no table has, and of RAM alone."""
    unknown = assumed("tokens_per_s", None, "tokens/s", say("how fast the memory is read is not known"))
    if isinstance(found.judged, Machine):
        speed = found.judged.speeds(one_unless_given("batch_size", 1, "sequences"))["sequence_tokens_per_s"]
        return replace(speed, name="tokens_per_s")
    gpu = where.gpus[0] if where.gpus else None
    if found.place == "ram" or gpu is None or gpu.bandwidth_figure().value is None:
        return unknown
    try:
        speed = sequence_speed(found.judged.needs, gpu, question.kv)
    except LLMNumbersError:  # an engine whose speeds no table has
        return unknown
    return replace(speed, name="tokens_per_s")


def _notes(
    question: FittingModels, found: list[_Found], parts: list[FittingModel], n_too_short: int
) -> Iterator[Note]:
    if question.engine is None:
        engine = find_engine(_usual_engine()).title
        yield Note(say("as {engine} runs them; {option:engine} takes another engine", engine=engine))
    if n_too_short:
        text = say("{n} models were made for fewer tokens and are left out", n=n_too_short)
        yield Note(text)
    if any(part.details.place == "both" for part in parts):
        yield Note(say("what fits no GPU is laid over it and RAM; asked by itself, it says what to type"))
    more = len(found) - question.most
    if more > 0:
        yield Note(say("{n} more fit; {option:most} lists more", n=more))
