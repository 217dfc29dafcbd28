"""What a log shows beyond the estimate, as a correction for its engine, version and machine."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from ...catalog.hardware.corrections import Correction
from ...errors import UsageError
from ..memory.engines.corrections import machine_of
from .details import LoadedPart
from .machine import machine_of_log
from .question import Loaded
from .run import Run

# Padding, and layers of a draft that an engine loads, make less of a difference.
_SAME_WEIGHTS = 0.12


def weigh_otherwise(parts: tuple[LoadedPart, ...]) -> bool:
    """Whether the weights are so far from the estimate that another model or quantisation was loaded."""
    shares = [
        part["difference_share"].value for part in parts if part.subject in {"weights_bytes", "loaded_bytes"}
    ]
    return any(abs(share or 0) > _SAME_WEIGHTS for share in shares)


def correction_of_log(run: Run, question: Loaded, parts: tuple[LoadedPart, ...]) -> Correction:
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
    if weigh_otherwise(parts):
        raise UsageError(
            "{path}: its weights are not those of {model} in {quant}: nothing is kept",
            path=run.log.path,
            model=run.needs.spec.name,
            quant=run.needs.quant.name,
        )
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


def _overhead_beyond(run: Run, by_name: Mapping[str, LoadedPart], weights: int) -> int:
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
    """Bytes; none where the log's own rounding may be all of it."""
    part = by_name.get(name)
    return 0 if part is None or part.details.is_rounding else int(part["difference"].value or 0)
