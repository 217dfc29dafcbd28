"""Which models fit: each of the tables, in the most bits that do, where it would run."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from ...catalog.hardware.engines import find_engine, known_engines
from ...catalog.open_models.find import find_model, text_models
from ...catalog.open_models.generations import generation, newest_generations
from ...catalog.open_models.quants import find_quant, is_converted, quant_named
from ...catalog.open_models.spec import ModelSpec
from ...errors import LLMNumbersError
from ...figures import Figure, Note, assumed
from ...messages import say
from ...records import dataclass
from ..devices import named_ram
from ..memory.engines import serving
from ..memory.judgement import Judgement, judge
from ..memory.largest import max_context
from ..memory.machine.answer import machine_estimate
from ..memory.machine.machine import Machine, can_be_split, split_over
from ..memory.needs import DEFAULT_CONTEXT_TOKENS, spread
from ..memory.notes import too_long
from ..memory.question import Fit
from ..parameters import one_unless_given
from ..speed.details import SpeedEstimate
from ..speed.question import Speed
from .details import FittingModel, FittingModelDetails, FittingModelsDetails, FittingModelsEstimate
from .question import FittingModels
from .where import Where, where_asked

_Judging = Callable[[ModelSpec, Fit, Where], Judgement | Machine | None]


@dataclass(frozen=True, slots=True)
class _Found:
    """A model as it fits somewhere: `place` is `gpu`, `both` or `ram`."""

    spec: ModelSpec
    place: str
    fit: Fit
    judged: Judgement | Machine


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
    tried = list(_tried())
    long_enough = [spec for spec in tried if not too_long(spec, question.context_tokens or 0)]
    found = list(filter(None, (_fitting(question, engine, spec, where) for spec in long_enough)))
    newest = newest_generations([each.spec.name for each in found])
    found.sort(key=lambda each: (not _is_newest(each.spec, newest), -each.spec.architecture.params))
    parts = [_part(each, question, where, newest) for each in found[: question.most]]
    return FittingModelsEstimate(
        subject=where.name,
        notes=(*where.notes, *_notes(question, found, parts, len(tried) - len(long_enough))),
        details=FittingModelsDetails(
            device=where.name,
            engine_title=find_engine(engine).title,
            context_tokens=question.context_tokens or DEFAULT_CONTEXT_TOKENS,
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
    """The model in the first place that takes it: the GPUs, GPUs and RAM, RAM."""
    places = {"gpu": _on_gpus, "both": _over_both, "ram": _in_ram}
    tried = (_at(question, engine, spec, where, place, places[place]) for place in places)
    return next(filter(None, tried), None)


def _at(
    question: FittingModels, engine: str, spec: ModelSpec, where: Where, place: str, judge_there: _Judging
) -> _Found | None:
    """The model there in the most bits that fit; where none surely does, in the first that may."""
    tight = None
    for quant in _quants(question, engine, spec):
        asked = Fit(
            model=spec.name,
            quant=quant,
            gpu=question.gpu or question.vram,
            ram=question.ram,
            engine=engine,
            context_tokens=question.context_tokens,
            batch_size=question.batch_size,
            kv=question.kv,
        )
        judged = judge_there(spec, asked, where)
        if judged is None:
            return None
        found = _Found(spec, place, asked.changed(tp=judged.needs.tp), judged)
        if judged.verdict == "fits":
            return found
        if judged.verdict == "tight" and tight is None:
            tight = found
    return tight


def _on_gpus(spec: ModelSpec, asked: Fit, where: Where) -> Judgement | Machine | None:
    """Whole on the GPUs, as they are asked about by themselves; None where there are none."""
    if not where.gpus:
        return None
    if len(where.gpus) > 1 and can_be_split(spec, asked, where.gpus):
        machine = split_over(spec, asked, where.gpus, named_ram(None))
        return machine if machine.split.is_whole else judge(spec, asked, where.together)
    tp, laid = spread(spec, "", len(where.gpus), 1, serving(asked.engine))
    return judge(spec, asked.changed(tp=tp), where.together if laid > 1 else where.smallest)


def _over_both(spec: ModelSpec, asked: Fit, where: Where) -> Machine | None:
    """As much on the GPUs as there is room for, the rest in RAM; None where the engine cannot."""
    if where.ram is None or not where.gpus or not can_be_split(spec, asked, where.gpus):
        return None
    machine = split_over(spec, asked, where.gpus, where.ram)
    return machine if machine.split.n_on_gpus else None


def _in_ram(spec: ModelSpec, asked: Fit, where: Where) -> Judgement | None:
    """All of it in RAM; None where there is none, or the engine keeps nothing there beside a GPU."""
    return None if where.ram is None else judge(spec, asked, where.ram)


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
    spec, judged, needs = found.spec, found.judged, found.judged.needs
    family, number = generation(spec.name)
    if isinstance(judged, Machine):
        whole = machine_estimate(judged, found.fit)
        free, longest = whole["free_bytes"], whole["max_context_tokens"]
        weights = whole["weights_bytes"]
        speed = _renamed(judged.speeds(one_unless_given("batch_size", 1, "sequences")))
    else:
        free, weights = where.device(found.place, needs.tp).free_bytes, needs.weights_bytes
        longest = max_context(needs, judged.overhead, judged.room_bytes)
        speed = _speed(found, question, where)
    return FittingModel(
        subject=spec.name,
        figures=(spec.params_figure(), weights, judged.total_bytes, free, longest, speed),
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
        question=found.fit,
    )


def _speed(found: _Found, question: FittingModels, where: Where) -> Figure:
    """Tokens per second of one sequence; unknown of a GPU that no table has, and of RAM alone."""
    unknown = assumed("tokens_per_s", None, "tokens/s", say("how fast the memory is read is not known"))
    gpu = where.gpus[0].gpu if where.gpus else None
    if found.place == "ram" or gpu is None or gpu.bandwidth_bytes_per_s is None:
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
            ram=question.ram,
        ).answer()
    except LLMNumbersError:  # an engine whose speeds no table has
        return unknown
    return _renamed(speed)


def _renamed(speeds: Mapping[str, Figure] | SpeedEstimate) -> Figure:
    return replace(speeds["sequence_tokens_per_s"], name="tokens_per_s")


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
