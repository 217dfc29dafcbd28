"""Where something is to run, and how fast that is: a GPU by name, the local one, or none."""

from __future__ import annotations

from dataclasses import dataclass

from ..catalog.hardware.gpus import Gpu, find_gpu
from ..errors import UnknownNameError, UsageError
from ..figures import Figure, Note, Verdict, assumed
from ..messages import say
from ..probes.hardware.local_gpus import local_gpus
from .devices import local_device, named_device


@dataclass(frozen=True, slots=True)
class Place:
    """A GPU with its free memory; `gpu` holds its published speed, None where no table knows it."""

    name: str
    kind: str
    free_bytes: Figure
    gpu: Gpu | None
    notes: tuple[Note, ...] = ()


def named_place(name: str) -> Place:
    """An empty GPU of that name.

    Raises:
        UsageError, UnknownNameError: as `find_gpu`.
    """
    gpu = find_gpu(name)
    device = named_device(gpu)
    return Place(device.name, device.kind, device.free_bytes, gpu, device.notes)


def local_place() -> Place:
    """The local GPU with the most free memory; where there is none, a place without memory that says why."""
    reading = local_gpus()
    if reading.unavailable:
        free = assumed("free_bytes", None, "bytes", say("no GPU is named and none is here"))
        note = say("no local GPU: {reason}; name one with {option:gpu}", reason=reading.unavailable)
        return Place(say("no GPU"), "none", free, None, (Note(note),))
    places = []
    for found in reading.devices:
        device = local_device(found, reading.driver_version, reading.instrument)
        # A slice is slower than the GPU that it was cut from, which is what the table knows.
        gpu = None if found.slice_index is not None else _published(found.name)
        places.append(Place(device.name, device.kind, device.free_bytes, gpu, device.notes))
    best = max(places, key=lambda place: place.free_bytes.value or 0)
    several = (
        say("{n} GPUs; {gpu} has the most free memory", n=len(places), gpu=best.name)
        if len(places) > 1
        else ""
    )
    notes = tuple(Note(text) for text in (several, reading.note) if text)
    return Place(best.name, best.kind, best.free_bytes, best.gpu, (*notes, *best.notes))


def _published(name: str) -> Gpu | None:
    try:
        return find_gpu(name)
    except (UnknownNameError, UsageError):
        return None


def verdict(total_bytes: Figure, free_bytes: Figure) -> Verdict | None:
    """`fits` where even the most is free, `tight` where only the least is, None where it is unknown."""
    low, high, least, most = total_bytes.low, total_bytes.high, free_bytes.low, free_bytes.high
    if low is None or high is None or least is None or most is None:
        return None
    if high <= least:
        return "fits"
    return "tight" if low <= most else "does not fit"
