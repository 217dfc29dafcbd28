"""A log beside the estimate: each size that the engine wrote, ours, and what one is beyond the other."""

from __future__ import annotations

from collections.abc import Iterator

from ...catalog.hardware.corrections import keep_correction
from ...catalog.hardware.engine_logs import FIGURES, log_forms
from ...errors import UsageError
from ...figures import Note
from ...files.reading import user_path
from ...messages import say
from ...probes.engines.log import read_log
from ..open_model import resolve_model
from ..subjects import without_object
from .compare import parts_of
from .details import LoadedDetails, LoadedEstimate, LoadedPart
from .keep import correction_of_log, weigh_otherwise
from .question import Loaded
from .run import Run, run_of
from .started import matching_start, model_of, says_model


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
    run = run_of(question, log, start, spec)
    parts = tuple(parts_of(run))
    if not parts:
        raise UsageError("{path}: nothing in this log is estimated here", path=log.path)
    if question.keep:
        keep_correction(correction_of_log(run, question, parts))
    return LoadedEstimate(
        subject=spec.name,
        notes=tuple(_notes(run, question, parts)),
        details=LoadedDetails(
            model=spec.name,
            quant=run.needs.quant.name,
            engine=run.engine_title,
            device=run.devices_name,
            log=log.path.name,
            context_tokens=run.fit.context_tokens,
            is_kept=question.keep,
        ),
        question=question,
        parts=parts,
    )


def _notes(run: Run, question: Loaded, parts: tuple[LoadedPart, ...]) -> Iterator[Note]:
    told = run.start.settings
    if question.model is None:
        yield Note(say("the model is the one that the log names"))
    elif not says_model(run.start):
        yield Note(say("the log does not say which model it is of"), "warning")
    if weigh_otherwise(parts):
        text = say(
            "the weights are not those of {model} in {quant}: {option:quant} takes another quantisation",
            model=run.needs.spec.name,
            quant=run.needs.quant.name,
        )
        yield Note(text, "warning")
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
                gpu=run.devices_name,
            )
        )
    yield from (note for note in run.device.notes if run.device.kind == "named GPU")
