"""The machine that models are to fit: its GPUs, and the RAM beside them."""

from __future__ import annotations

from ...catalog.hardware.corrections import kept_corrections
from ...errors import LLMNumbersError, ParameterError, UsageError
from ...figures import Note
from ...messages import say
from ...probes.hardware.local_gpus import local_gpus
from ...records import dataclass
from ..devices import (
    Device,
    laid_over,
    local_devices,
    local_ram,
    named_devices,
    named_machine,
    summed_device,
)
from ..memory.engines import serving
from ..memory.notes import ram_left_out
from .question import FittingModels


@dataclass(frozen=True, slots=True)
class Where:
    """The GPUs, and the RAM where an engine runs layers there; `notes` say how they were found."""

    gpus: tuple[Device, ...]
    ram: Device | None
    notes: tuple[Note, ...] = ()
    saved_bytes: float = 0.0
    """What the kept corrections take off an estimate, all of them together."""

    @property
    def name(self) -> str:
        """All of it: `2 × RTX 3090 + RAM`."""
        return summed_device((*self.gpus, *self._ram)).name

    @property
    def smallest(self) -> Device:
        """The GPU that decides where each holds the same share."""
        return min(self.gpus, key=lambda device: device.free_bytes.low or 0)

    @property
    def together(self) -> Device:
        """The GPUs as one, which layers are laid over."""
        return laid_over(self.gpus)

    def room_bytes(self, place: str) -> float:
        """What is free in a place at the most, and what was measured to be needed less than is estimated."""
        devices = (*(self.gpus if place != "ram" else ()), *(self._ram if place != "gpu" else ()))
        free = sum(float(each.free_bytes.high or 0) for each in devices)
        return free + self.saved_bytes

    @property
    def _ram(self) -> tuple[Device, ...]:
        return () if self.ram is None else (self.ram,)

    def device(self, place: str, tp: int) -> Device:
        """Where a model that is in no parts lies: in RAM, divided over `tp` GPUs, or over all."""
        if place == "ram":
            assert self.ram is not None
            return self.ram
        return self.smallest if tp > 1 else self.together


def where_asked(question: FittingModels, engine: str) -> Where:
    """The named GPUs, or those of this machine, and the RAM as it was written, or this machine's.

    RAM counts where the engine runs layers there, or where there is nothing else to run on.

    Raises:
        ParameterError: no size of a memory.
        UsageError: neither a GPU nor RAM is known here; also as `named_devices`, as is UnknownNameError.
    """
    named = question.gpu or _size_of_a_gpu(question.vram)
    if named is not None:
        gpus, ram = named_machine(named, question.ram)
        notes: tuple[Note, ...] = tuple(dict.fromkeys(note for gpu in gpus for note in gpu.notes))
    else:
        gpus, notes = _local(engine)
        ram = local_ram(question.ram)
    saved = float(sum(each.saved_bytes for each in kept_corrections()))
    is_known = ram.free_bytes.value is not None
    if not gpus and not is_known:
        raise UsageError(
            "there is no GPU here, and nothing measures the RAM;"
            " name one with {option:gpu}, {option:vram} or {option:ram}"
        )
    if not gpus or (serving(engine).keeps_layers_in_ram and is_known):
        return Where(gpus, ram, notes, saved)
    if question.ram is not None and is_known:
        notes = (*notes, Note(ram_left_out(serving(engine), question.ram), "warning"))
    return Where(gpus, None, notes, saved)


def _size_of_a_gpu(vram: str | None) -> str | None:
    """The size as it was written, if it is one."""
    if vram is None:
        return None
    try:
        is_size = all(each.gpu is not None and each.gpu.is_given for each in named_devices(vram))
    except LLMNumbersError:
        is_size = False
    if not is_size:
        raise ParameterError("{option} is no size of a GPU's memory; write one such as 8GB", "vram", vram)
    return vram


def _local(engine: str) -> tuple[tuple[Device, ...], tuple[Note, ...]]:
    """The GPUs of this machine: all of them for an engine that lays layers, else the freest."""
    reading = local_gpus()
    if reading.unavailable:
        text = say(
            "no local GPU: {reason}; {option:gpu} or {option:vram} names one", reason=reading.unavailable
        )
        return (), (Note(text),)
    both = zip(local_devices(reading), reading.devices, strict=True)
    devices = tuple(device for device, each in both if each.slice_index is None or len(reading.devices) == 1)
    freest = max(devices, key=lambda device: device.free_bytes.value or 0)
    return devices if serving(engine).lays_layers else (freest,), freest.notes
