"""One start of an engine, and the estimate of the same: what the log says is what is asked."""

from __future__ import annotations

from ...catalog.hardware.engine_logs import LogForm, log_forms
from ...catalog.hardware.engines import Engine, find_engine
from ...catalog.open_models.spec import ModelSpec
from ...errors import UsageError
from ...messages import option
from ...probes.engines.log import EngineLog, Start
from ...records import dataclass
from ..devices import Device, laid_over
from ..memory.engines import serving
from ..memory.engines.base import Overhead
from ..memory.needs import Needs, needs_of
from ..memory.question import Fit
from .machine import logged_devices
from .question import Loaded
from .started import engine_of, started_with, whole

# What only some engines take.
_OF_ENGINES = ("utilization", "max_num_batched_tokens")


@dataclass(frozen=True, slots=True)
class Run:
    """A start of the log, and what is estimated of it; without what is kept of earlier logs."""

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

    @property
    def devices_name(self) -> str:
        """The GPU, with how many of it hold a share of the model."""
        tp = self.needs.tp
        return self.device.name if tp == 1 else f"{tp} × {self.device.name}"

    @property
    def engine_title(self) -> str:
        """The engine that wrote the log, with its version where that is in it."""
        return f"{self.log.form.title} {self.start.settings.get('version', '')}".strip()


def run_of(question: Loaded, log: EngineLog, start: Start, spec: ModelSpec) -> Run:
    """The estimate with the engine, the GPU and the settings of that start.

    Raises:
        UsageError: nothing says on which GPU it was.
        UnknownNameError: no such GPU, engine or quantisation.
    """
    form = next(form for form in log_forms() if form.name == log.form.name)
    engine = question.engine or _known_version(
        engine_of(log, form.served_by, start.settings.get("version", ""))
    )
    _check_engine(log, form, find_engine(engine))
    taken = find_engine(engine).takes
    told = started_with(start, spec, serving(engine))
    told = {name: value for name, value in told.items() if name not in _OF_ENGINES or name in taken}
    given = {"quant": question.quant, "utilization": question.utilization}
    told |= {name: value for name, value in given.items() if value is not None}
    told |= {} if question.tp == 1 else {"tp": question.tp}
    devices = logged_devices(question.gpu, start)
    served_by = serving(engine, told.get("max_num_batched_tokens"))
    device = laid_over(devices) if served_by.lays_layers else devices[0]
    fit = Fit(model=spec.name, gpu=device.name, engine=engine, text_only=question.text_only, **told)
    needs = needs_of(spec, fit, device)
    return Run(log, start, fit, device, needs, served_by.overhead_on(needs, device))


def _check_engine(log: EngineLog, form: LogForm, engine: Engine) -> None:
    """The log is of the engine that is asked about, or of one that runs it.

    Raises:
        UsageError: it is of another.
    """
    if engine.name not in {form.name, form.served_by}:
        raise UsageError(
            "{path}: a log of {other}, not of {engine}; leave out {asked}",
            path=log.path,
            other=form.title,
            engine=engine.title,
            asked=option("engine", engine.name),
        )


def _known_version(engine: str) -> str:
    """The engine as asked for, or without a version that no figure depends on."""
    try:
        find_engine(engine)
    except UsageError:
        return engine.partition("==")[0]
    return engine
