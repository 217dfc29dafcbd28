"""Where a model may run: a named GPU, the local ones, or this machine's memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from ..catalog.hardware.gpus import Gpu
from ..figures import Figure, Note, Source, measured, published
from ..messages import joined, say
from ..probes.hardware.gpu_device import GpuDevice
from ..probes.hardware.host import host_memory


@dataclass(frozen=True, slots=True)
class Device:
    """What is free there and in all, and how to name it."""

    name: str
    kind: str
    free_bytes: Figure
    device_bytes: Figure
    details: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    further: tuple[Figure, ...] = ()

    @property
    def is_gpu(self) -> bool:
        return self.kind != "ram"


def named_device(gpu: Gpu) -> Device:
    """An empty GPU of the table, or of the user's."""
    free = gpu.memory_figure()
    return Device(
        gpu.name,
        "named GPU",
        free,
        published("device_bytes", gpu.memory_bytes, "bytes", gpu.source),
        {
            "compute_capability": gpu.compute_capability,
            "bandwidth_bytes_per_s": gpu.bandwidth_bytes_per_s,
        },
        (Note(gpu.note),) if gpu.note else (),
    )


def local_device(device: GpuDevice, driver: str | None, instrument: str) -> Device:
    """A GPU of this machine as it is now."""
    free, whole = device.memory_figures(instrument_name(instrument, driver))
    notes = [Note(joined(": ", device.title, device.problem), "warning")] if device.problem else []
    if device.is_unified:
        text = say("{gpu} shares the machine's memory: what is available there counts", gpu=device.title)
        notes.append(Note(text))
    if device.is_divided:
        text = say("{gpu} is divided (MIG): a slice of it holds less than is shown", gpu=device.title)
        notes.append(Note(text, "warning"))
    processes = None
    if device.processes is not None:
        processes = [each.to_dict() for each in device.processes]
    return Device(
        device.title,
        "local GPU",
        free,
        whole,
        {
            "uuid": device.uuid,
            "driver": driver,
            "compute_capability": device.compute_capability,
            "bandwidth_bytes_per_s": device.bandwidth_bytes_per_s,
            "processes": processes,
        },
        tuple(notes),
        (whole,),
    )


def instrument_name(instrument: str, driver: str | None) -> str:
    """What read a GPU, with the version of its driver where that is known."""
    if not driver:
        return instrument
    return say("{instrument}, driver {version}", instrument=instrument, version=driver)


def this_machine() -> Device:
    """The memory of this machine, for a program that runs on the CPU."""
    ram = host_memory()
    source = Source(ram.source.name, checked=date.today())
    return Device(
        say("this machine's RAM (CPU)"),
        "ram",
        measured("free_bytes", ram.available_bytes, "bytes", source),
        measured("device_bytes", ram.total_bytes, "bytes", source),
    )
