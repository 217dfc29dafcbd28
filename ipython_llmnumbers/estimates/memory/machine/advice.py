"""What a part of the model in RAM would give, where the GPUs are too small for all of it."""

from __future__ import annotations

from ....catalog.open_models.spec import ModelSpec
from ....figures import Note
from ....messages import joined, option, say
from ...devices import Device, local_ram, named_ram
from ..judgement import Judgement, judge
from ..question import Fit
from .answer import split_options, where
from .machine import Machine, asks_split, can_be_split, split_over, with_engine

_GIB = 2**30


def offload_advice(spec: ModelSpec, request: Fit, judged: Judgement, device: Device) -> list[Note]:
    """The layers that go on the GPUs, what stays in RAM, and the speed; nothing where no engine can.

    Where no engine is named, one that keeps layers in RAM is, if it loads what was asked for.
    """
    if judged.verdict != "does not fit" or asks_split(request):
        return []
    if "cpu_offload_gb" in judged.needs.served_by.engine.takes:
        return _read_from_ram(spec, request, judged, device)
    asked, gpus = request, device.members or (device,)
    if request.engine is None and judged.needs.quant.scope == "gguf":
        asked = with_engine(request, needs_ram=True)
    if not device.is_gpu or not can_be_split(spec, asked, gpus):
        return []
    machine = split_over(spec, asked, gpus, named_ram(None) if request.gpu else local_ram(request.ram))
    if machine.verdict != "fits" or not machine.split.n_on_gpus:
        return []
    return [Note(joined("; ", _options(machine, request), _told(machine)))]


def _options(machine: Machine, request: Fit) -> str:
    """What to write for it; an engine that places the layers itself is told of no number."""
    engine = machine.needs.served_by.engine
    if "ngl" not in engine.takes:
        return say("it runs with a part in RAM")
    named = "" if request.engine else option("engine", engine.name)
    return say("it runs with {option}", option=joined(" ", named, split_options(machine)))


def _told(machine: Machine) -> str:
    speed = machine.speeds(machine.needs.batch_size)["tokens_per_s"]
    if speed.low is None or speed.high is None:
        return where(machine)
    ends = say("{low:.1f} to {high:.1f} tokens/s", low=float(speed.low), high=float(speed.high))
    return joined("; ", where(machine), ends)


def _read_from_ram(spec: ModelSpec, request: Fit, judged: Judgement, device: Device) -> list[Note]:
    """The fewest whole GiB of weights in RAM with which it fits, where the engine's GPUs can read them."""
    total, free = judged.total_bytes.high, device.free_bytes.low
    if total is None or free is None or not device.is_gpu:
        return []
    asked = request.cpu_offload_gb or 0
    gib = asked - (-int(float(total) - float(free)) // _GIB)
    if gib <= asked:
        return []
    if judge(spec, request.changed(cpu_offload_gb=gib), device).verdict != "fits":
        return []
    given = option("cpu_offload_gb", gib)
    return [
        Note(say("it runs with {option}, slowly: a step reads so much of the weights from RAM", option=given))
    ]
