"""A log beside the estimate: each size that the engine wrote, ours, and what one is beyond the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ...catalog.corrections import Correction, keep_correction
from ...catalog.hardware.engine_logs import FIGURES, log_forms
from ...catalog.hardware.engines import find_engine
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...figures import Figure, Note, Source, derive, measured
from ...files.reading import user_path
from ...formulas import memory, ratios
from ...formulas import overhead as formulas
from ...messages import say
from ...probes.engines.log import EngineLog, Reading, Start, read_log
from ..devices import Device, laid_over
from ..memory.engines import serving
from ..memory.engines.base import Overhead
from ..memory.engines.corrections import machine_of
from ..memory.needs import Needs, needs_of
from ..memory.question import Fit
from ..open_model import resolve_model
from ..subjects import without_object
from .details import LineDetails, LoadedDetails, LoadedEstimate, LoadedPart
from .machine import logged_devices, machine_of_log
from .question import Loaded
from .started import engine_of, matching_start, model_of, says_model, started_with, whole

# What one device holds, where nothing else is said: together they are its total.
_SUM = ("weights_bytes", "kv_cache_bytes", "activation_bytes")
_COMPARED = (
    *("loaded_bytes", "weights_bytes", "host_bytes", "kv_cache_bytes", "activation_bytes", "non_torch_bytes"),
    *("set_aside_bytes", "graph_bytes", "total_bytes", "kv_space_bytes", "kv_space_tokens"),
)
_MOST_LINE_CHARS = 160


@dataclass(frozen=True, slots=True)
class _Run:
    """A start of the log, and what is estimated of it."""

    log: EngineLog
    start: Start
    fit: Fit
    device: Device
    needs: Needs
    overhead: Overhead

    @property
    def is_partial(self) -> bool:
        """Whether layers stayed in RAM: then only what all devices hold together is comparable."""
        told = self.start.settings
        some = (whole(told, "gpu_layers") or 0) < (whole(told, "all_layers") or 0)
        return some or "weights_bytes" not in self.start.readings


def estimate_loaded(question: Loaded) -> LoadedEstimate:
    """The comparison; what is different is kept where `keep` asks for it.

    Raises:
        FileError: a log of another program or of another model, or one that ends too early.
        UsageError: nothing says on which GPU the engine ran, or nothing in the log can be kept.
    """
    log = read_log(user_path(question.log), log_forms(), FIGURES)
    spec = model_of(log) if question.model is None else resolve_model(question.model)
    start = matching_start(log, spec)
    question = without_object(question, spec.name) if question.model is not None else question
    run = _run(question, log, start, spec)
    parts = tuple(_parts(run))
    if not parts:
        raise UsageError("{path}: nothing in this log is estimated here", path=log.path)
    if question.keep:
        keep_correction(_correction(run, question, parts))
    return LoadedEstimate(
        subject=spec.name,
        notes=tuple(_notes(run, question)),
        details=LoadedDetails(
            model=spec.name,
            quant=run.needs.quant.name,
            engine=_engine_title(run),
            device=run.device.name,
            log=log.path.name,
            context_tokens=run.fit.context_tokens,
            is_kept=question.keep,
        ),
        question=question,
        parts=parts,
    )


def _run(question: Loaded, log: EngineLog, start: Start, spec: ModelSpec) -> _Run:
    form = next(form for form in log_forms() if form.name == log.form.name)
    engine = question.engine or _known_version(
        engine_of(log, form.served_by, start.settings.get("version", ""))
    )
    taken = find_engine(engine).takes
    told = started_with(start, spec, find_engine(engine).name)
    told = {name: value for name, value in told.items() if name not in _OF_ENGINES or name in taken}
    given = {"quant": question.quant, "utilization": question.utilization}
    told |= {name: value for name, value in given.items() if value is not None}
    devices = logged_devices(question.gpu, start)
    served_by = serving(engine, told.get("max_num_batched_tokens"))
    device = laid_over(devices) if served_by.lays_layers and len(devices) > 1 else devices[0]
    fit = Fit(model=spec.name, gpu=device.name, engine=engine, text_only=question.text_only, **told)
    needs = needs_of(spec, fit, on_gpu=device.is_gpu)
    return _Run(log, start, fit, device, needs, served_by.overhead_on(needs, device))


_OF_ENGINES = ("utilization", "max_num_batched_tokens")


def _known_version(engine: str) -> str:
    """The engine as asked for, or without a version that no figure depends on."""
    try:
        find_engine(engine)
    except UsageError:
        return engine.partition("==")[0]
    return engine


def _engine_title(run: _Run) -> str:
    version = run.start.settings.get("version", "")
    return f"{run.log.form.title} {version}".strip()


def _parts(run: _Run) -> Iterator[LoadedPart]:
    """A part for each size that both know, in the order of the sum."""
    logged, ours = dict(_logged(run)), _ours(run)
    for name in _COMPARED:
        own = ours.get(name)
        if name in logged and own is not None and own.value:
            yield _part(name, logged[name], own, run.log.path)


def _logged(run: _Run) -> Iterator[tuple[str, Reading]]:
    """The sizes of the log, and what they make together."""
    found = dict(run.start.readings)
    if "k_bytes" in found:
        found["kv_space_bytes"] = _added(found["k_bytes"], found["v_bytes"])
    if "kv_space_blocks" in found:
        blocks = found["kv_space_blocks"]
        tokens = blocks.value * run.needs.served_by.engine.block_tokens
        found.setdefault("kv_space_tokens", Reading(tokens, blocks.line, blocks.text))
    if run.is_partial:
        weights = [found.pop(name) for name in ("weights_bytes", "host_bytes") if name in found]
        if weights:
            found["loaded_bytes"] = _added(*weights)
    elif all(name in found for name in _SUM):
        found["total_bytes"] = _added(*(found[name] for name in _SUM))
    yield from found.items()


def _added(*readings: Reading) -> Reading:
    last = max(readings, key=lambda each: each.line)
    is_estimated = any(each.is_estimated for each in readings)
    return Reading(sum(each.value for each in readings), last.line, last.text, is_estimated)


def _ours(run: _Run) -> dict[str, Figure]:
    """The figures of the estimate by the names of the log; without what is kept of earlier logs."""
    needs, overhead = run.needs, run.overhead
    roots = (overhead.total, *overhead.further)
    found = {figure.name: figure for root in reversed(roots) for _, figure in root.walk()}
    found = {name: figure for name, figure in found.items() if name in _COMPARED}
    host = needs.host_bytes
    whole = {"weights_bytes": needs.weights_bytes, **({"host_bytes": host} if host else {})}
    found |= whole
    found["loaded_bytes"] = derive("loaded_bytes", "bytes", memory.sum_bytes, note="", **whole)
    found["kv_cache_bytes"] = needs.cache.total_bytes
    if "activation_bytes" in found:
        summed = {name: found[name] for name in _SUM}
        found["total_bytes"] = derive("total_bytes", "bytes", memory.sum_bytes, note="", **summed)
    if "kv_space_bytes" in found and _keeps_each_token(needs):
        found["kv_space_tokens"] = derive(
            "kv_space_tokens",
            "tokens",
            formulas.kv_space_tokens,
            kv_space_bytes=found["kv_space_bytes"],
            kv_bytes_per_token=needs.cache.per_token,
        )
    return found


def _keeps_each_token(needs: Needs) -> bool:
    """Whether every layer keeps every token; else an engine counts tokens of groups that it pads."""
    return {cache.kind for cache in needs.spec.architecture.caches} <= {"full", "latent"}


def _part(name: str, reading: Reading, ours: Figure, path: Path) -> LoadedPart:
    unit = ours.unit
    source = Source(path.name, checked=date.today())
    logged = measured("measured", round(reading.value), unit, source, note=say("line {n:,}", n=reading.line))
    estimated = derive("estimated", unit, memory.sum_bytes, note="", **{name: ours})
    beyond = derive(
        "difference", unit, formulas.beyond_bytes, note="", measured_bytes=logged, estimated_bytes=estimated
    )
    share = derive("difference_share", "", ratios.share_beyond, note="", value=logged, against=estimated)
    details = LineDetails(line=reading.line, text=_cut(reading.text), is_estimated=reading.is_estimated)
    return LoadedPart(subject=name, figures=(logged, estimated, beyond, share), details=details)


def _cut(text: str) -> str:
    return text if len(text) <= _MOST_LINE_CHARS else text[: _MOST_LINE_CHARS - 1] + "…"


def _correction(run: _Run, question: Loaded, parts: tuple[LoadedPart, ...]) -> Correction:
    """What the log shows beyond the estimate.

    Raises:
        UsageError: it measured nothing that a correction could be made of, or nobody can ask for it again.
    """
    engine = run.needs.served_by.engine
    if run.log.form.name != engine.name:
        raise UsageError(
            "{engine} has no estimate of its own: what it took is no correction of {other}",
            engine=run.log.form.title,
            other=engine.title,
        )
    machine = machine_of(run.device) if question.gpu else machine_of_log(run.device)
    if not machine:
        raise UsageError("nothing ran on a GPU in {path}: there is no overhead to keep", path=run.log.path)
    by_name = {part.subject: part for part in parts if not part.details.is_estimated}
    weights = _beyond(by_name, "weights_bytes")
    overhead = _overhead_beyond(run, by_name, weights)
    return Correction(
        engine=engine.name,
        version=engine.version,
        machine=machine,
        gpu=run.device.name,
        tp=run.needs.tp,
        model=run.needs.spec.name,
        quant=run.needs.quant.name,
        overhead_bytes=overhead,
        weights_bytes=weights,
        log=run.log.path.name,
        day=date.today(),
    )


def _overhead_beyond(run: _Run, by_name: Mapping[str, LoadedPart], weights: int) -> int:
    """Bytes: what is not left for the cache, or what all GPUs took for computing."""
    if "kv_space_bytes" in by_name:
        return -_beyond(by_name, "kv_space_bytes") - weights
    if "activation_bytes" in by_name:
        return _beyond(by_name, "activation_bytes") * max(1, len(run.device.members))
    raise UsageError(
        "{path}: the log measures no overhead: it ends too early, or its sizes are the engine's own guess",
        path=run.log.path,
    )


def _beyond(by_name: Mapping[str, LoadedPart], name: str) -> int:
    part = by_name.get(name)
    return 0 if part is None else int(part["difference"].value or 0)


def _notes(run: _Run, question: Loaded) -> Iterator[Note]:
    told = run.start.settings
    if question.model is None:
        yield Note(say("the model is the one that the log names"))
    elif not says_model(run.start):
        yield Note(say("the log does not say which model it is of"), "warning")
    if len(run.log.starts) > 1:
        yield Note(say("the log tells of {n} starts: the last of this model counts", n=len(run.log.starts)))
    if run.log.form.name != run.needs.served_by.engine.name:
        yield Note(
            say(
                "{engine} runs {other}: compared with that",
                engine=run.log.form.title,
                other=run.needs.served_by.engine.title,
            )
        )
    if "gpu_layers" in told and run.is_partial:
        yield Note(
            say(
                "{n} of {all} layers were on the GPU: what both hold together is compared",
                n=told["gpu_layers"],
                all=told.get("all_layers", "?"),
            )
        )
    if any(reading.is_estimated for reading in run.start.readings.values()):
        text = say("sizes marked ~ are what {engine} planned, not what it took", engine=run.log.form.title)
        yield Note(text)
    if question.keep:
        yield Note(
            say(
                "kept: {engine} on {gpu} is corrected from now on; {option:drop} takes it away",
                engine=run.needs.served_by.engine.title,
                gpu=run.device.name,
            )
        )
    yield from (note for note in run.device.notes if run.device.kind == "named GPU")
