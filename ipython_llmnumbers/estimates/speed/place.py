"""Where a model runs at each batch size: on one GPU, divided or laid over several, or on a whole machine."""

from __future__ import annotations

from ...catalog.hardware.engine_speed import EngineSpeed
from ...catalog.open_models.spec import ModelSpec
from ...records import dataclass
from ..devices import Device, laid_over
from ..memory.judgement import Judgement, judge
from ..memory.machine.machine import Machine, machine_of
from ..memory.question import Fit
from .question import Speed
from .step import Step


@dataclass(frozen=True, slots=True)
class Place:
    """What is asked, and where; `asked` is the same question of the memory."""

    spec: ModelSpec
    asked: Fit
    question: Speed
    engine: EngineSpeed
    devices: tuple[Device, ...]
    whole: tuple[Device, ...]
    """The GPUs that layers may go over: those that are named, or all of this machine."""
    ram: Device
    laid_gpus: int

    def step(self, batch_size: int) -> tuple[Step, Judgement | Machine]:
        """A step of so many sequences, and whether they fit: the engine is asked, as by `gpu_fit`."""
        request = self.asked.changed(batch_size=batch_size)
        machine = None
        if self.whole:
            are_meant = request.gpu is not None
            machine = machine_of(self.spec, request, self.whole, self.ram, are_meant=are_meant)
        room = laid_over(self.devices) if self.laid_gpus > 1 else self.devices[0]
        judged = machine or judge(self.spec, request, room)
        step = Step(
            spec=self.spec,
            quant=judged.needs.quant,
            kv=self.question.kv,
            device=machine.gpus[0] if machine else self.devices[0],
            engine=self.engine,
            context=judged.needs.context_tokens,
            output_tokens=self.question.output_tokens,
            tp=request.tp,
            laid_gpus=self.laid_gpus * request.pp,
            offload=None if request.cpu_offload_gb is None else judged.needs.host_bytes,
            machine=machine,
        )
        return step, judged
