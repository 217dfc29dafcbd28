"""Where a model may run: a named GPU, the local ones, or this machine's memory."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date

from ..catalog.hardware.gpu_names import read_gpu_name
from ..catalog.hardware.gpus import Gpu, find_gpu, find_gpu_sets
from ..catalog.hardware.ram import ram_figure, read_ram
from ..errors import UnknownNameError, UsageError
from ..figures import Details, Figure, Note, Source, Verdict, assumed, derive, given, measured
from ..formulas import memory
from ..messages import joined, option, say
from ..probes.hardware.gpu_device import GpuDevice, GpuProcess, GpuReading
from ..probes.hardware.host import host_memory
from ..probes.hardware.local_gpus import local_gpus
from ..records import dataclass
from .gpu_holders import holders_notes

# From the best to the worst.
_WORSE: tuple[Verdict | None, ...] = ("fits", "tight", None, "does not fit")


@dataclass(frozen=True, slots=True, kw_only=True)
class GpuDetails(Details):
    """What is known of a GPU beside its memory."""

    compute_capability: str | None
    """NVIDIA's version of the GPU's instructions, such as `9.0`; None if it is unknown."""
    bandwidth_bytes_per_s: int | None
    """How fast the memory is read; None if it is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalGpuDetails(GpuDetails):
    """What is known of a GPU of this machine."""

    uuid: str | None
    """The GPU's own identifier; None if the driver does not tell it."""
    driver: str | None
    """The version of the driver; None if it is unknown."""
    processes: tuple[GpuProcess, ...] | None
    """The processes that hold its memory; None if the driver does not tell them."""


@dataclass(frozen=True, slots=True)
class Device:
    """What is free there and in all, and how to name it; `gpu` holds what is published of its speed.

    `kind` is `named GPU`, `local GPU`, `ram`, or `none` where no GPU is named and none is here.
    `members` are the GPUs whose memory this one stands for, where a model's layers go over several.
    """

    name: str
    kind: str
    free_bytes: Figure
    device_bytes: Figure
    gpu: Gpu | None = None
    gpu_details: GpuDetails | None = None
    notes: tuple[Note, ...] = ()
    further: tuple[Figure, ...] = ()
    members: tuple[Device, ...] = ()
    is_unified: bool = False
    """Whether its memory is the machine's, so that there is no RAM beside it."""
    bandwidth: Figure | None = None
    """How fast a machine's RAM is read."""
    gpus_bytes: float = 0.0
    """The memory of all GPUs of a machine that has several."""

    @property
    def is_gpu(self) -> bool:
        return self.kind != "ram"

    def bandwidth_figure(self) -> Figure:
        """How fast the memory is read; unknown where no table has the GPU."""
        if self.bandwidth is not None:
            return self.bandwidth
        if self.gpu is not None:
            return self.gpu.bandwidth_figure()
        note = say("the bandwidth of {gpu} is in no table", gpu=self.name)
        return assumed("bandwidth_bytes_per_s", None, "bytes/s", note)


def named_device(name: str) -> Device:
    """An empty GPU of the table, or of the user's; one of them where the name is of several.

    Raises:
        UsageError, UnknownNameError: as `find_gpu`.
    """
    return named_devices(name)[0]


def named_devices(name: str) -> tuple[Device, ...]:
    """The empty GPUs that a name is of: `2x RTX 3090` are two, `p5.48xlarge` eight; raises as `find_gpu`.

    >>> [device.name for device in named_devices("A100-80GB,T4")]
    ['A100 80GB SXM', 'T4']
    """
    return tuple(_empty(each.gpu) for each in find_gpu_sets(name) for _ in range(each.count))


def named_machine(gpu: str, ram: str | None) -> tuple[tuple[Device, ...], Device]:
    """The empty GPUs of a name, and the RAM beside them, unknown where nobody says.

    A chip that shares the machine's memory has none beside it: what is said of the RAM is then its size,
    where its name has none. Raises as `find_gpu` and `read_ram`.

    >>> [device.name for device in named_machine("M2 Max", "64GB")[0]]
    ['M2 Max 64GB']
    """
    devices, beside = named_devices(gpu), named_ram(ram)
    if ram is None or not any(device.is_unified for device in devices):
        return devices, beside
    if read_gpu_name(gpu).size_gb is None:
        devices = named_devices(f"{gpu} {_gb_as_sold(read_ram(ram).size_bytes)}GB")
    return devices, named_ram(None)


def is_size_of(ram: str, device: Device) -> bool:
    """Whether that is the memory of a chip that shares the machine's, written in GB or in GiB."""
    whole = device.device_bytes.value
    return whole is not None and _gb_as_sold(read_ram(ram).size_bytes) == round(float(whole) / 2**30)


def _gb_as_sold(size_bytes: int) -> int:
    """A memory in the GB that it is sold by, whichever GB was meant.

    >>> _gb_as_sold(64 * 10**9), _gb_as_sold(64 * 2**30)
    (64, 64)
    """
    return round(size_bytes / (2**30 if size_bytes % 2**30 == 0 else 10**9))


def _empty(gpu: Gpu) -> Device:
    return Device(
        gpu.name,
        "named GPU",
        gpu.memory_figure(),
        gpu.device_figure(),
        gpu,
        GpuDetails(
            compute_capability=gpu.compute_capability, bandwidth_bytes_per_s=gpu.bandwidth_bytes_per_s
        ),
        (Note(gpu.note),) if gpu.note else (),
        is_unified=gpu.usable_share is not None,
    )


def laid_over(devices: tuple[Device, ...]) -> Device:
    """GPUs as one, whose memory is the sum of theirs and which an engine lays layers over; one is itself.

    >>> laid_over(named_devices("2x RTX 3090")).free_bytes.value // 2**30  # GiB
    48
    """
    return replace(summed_device(devices), members=devices) if len(devices) > 1 else devices[0]


def summed_device(devices: tuple[Device, ...]) -> Device:
    """Several devices as one, whose memory is the sum of theirs.

    >>> summed_device((*named_devices("2x RTX 3090"), named_ram("64GB"))).name
    '2 × RTX 3090 + RAM'
    """
    if len(devices) == 1:
        return devices[0]
    counts = Counter(device.name for device in devices)
    name = " + ".join(name if count == 1 else f"{count} × {name}" for name, count in counts.items())
    free, whole = (
        derive(
            figure,
            "bytes",
            memory.sum_bytes,
            note=say("of {n} devices together", n=len(devices)),
            **{f"device_{number}": getattr(device, figure) for number, device in enumerate(devices)},
        )
        for figure in ("free_bytes", "device_bytes")
    )
    notes = tuple(dict.fromkeys(note for device in devices for note in device.notes))
    return replace(devices[0], name=name, free_bytes=free, device_bytes=whole, notes=notes)


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
    notes += holders_notes(device)
    # A slice is slower than the GPU that it was cut from, which is what the table knows.
    gpu = None if device.slice_index is not None else _published(device.name, device.total_bytes)
    return Device(
        device.title,
        "local GPU",
        free,
        whole,
        gpu,
        LocalGpuDetails(
            uuid=device.uuid,
            driver=driver,
            compute_capability=device.compute_capability,
            bandwidth_bytes_per_s=device.bandwidth_bytes_per_s,
            processes=device.processes,
        ),
        tuple(notes),
        (whole,),
        is_unified=device.is_unified,
    )


def local_devices(reading: GpuReading) -> tuple[Device, ...]:
    """The GPUs of this machine as they are now, in the driver's order."""
    devices = [local_device(each, reading.driver_version, reading.instrument) for each in reading.devices]
    whole = sum(float(device.device_bytes.value or 0) for device in devices)
    return tuple(replace(device, gpus_bytes=whole) for device in devices)


def whole_local_devices() -> tuple[Device, ...]:
    """The local GPUs that are no slices, in the driver's order."""
    reading = local_gpus()
    both = zip(local_devices(reading), reading.devices, strict=True)
    return tuple(device for device, each in both if each.slice_index is None)


def freest_local_device() -> Device:
    """The local GPU with the most free memory; where there is none, one without memory that says why."""
    reading = local_gpus()
    if reading.unavailable:
        unknown = say("no GPU is named and none is here")
        free, whole = (assumed(name, None, "bytes", unknown) for name in ("free_bytes", "device_bytes"))
        text = say("no local GPU: {reason}; name one with {option:gpu}", reason=reading.unavailable)
        return Device(say("no GPU"), "none", free, whole, notes=(Note(text),))
    devices = local_devices(reading)
    best = max(devices, key=lambda device: device.free_bytes.value or 0)
    several = ""
    if len(devices) > 1:
        several = say("{n} GPUs; {gpu} has the most free memory", n=len(devices), gpu=best.name)
    notes = tuple(Note(text) for text in (several, reading.note) if text)
    return replace(best, notes=(*notes, *best.notes))


def _published(name: str, memory_bytes: int | None) -> Gpu | None:
    try:
        return find_gpu(name, memory_bytes)
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


def worst(*verdicts: Verdict | None) -> Verdict | None:
    """That of several devices which all must have room; where one's is not known, neither is theirs.

    >>> worst("fits", "does not fit", None), worst("fits", None)
    ('does not fit', None)
    """
    return max(verdicts, key=_WORSE.index, default=None)


def instrument_name(instrument: str, driver: str | None) -> str:
    """What read a GPU, with the version of its driver where that is known."""
    if not driver:
        return instrument
    return say("{instrument}, driver {version}", instrument=instrument, version=driver)


def local_ram(text: str | None) -> Device:
    """The RAM of this machine, or as it was written; raises as `read_ram`."""
    return this_machine() if text is None else named_ram(text)


def named_ram(text: str | None) -> Device:
    """The RAM of a machine as it was written, all free; unknown where nobody says; raises as `read_ram`."""
    if text is None:
        return _unknown_ram()
    ram = read_ram(text)
    note = option("ram", text)
    return Device(
        say("RAM"),
        "ram",
        given("free_bytes", ram.size_bytes, "bytes", note),
        given("device_bytes", ram.size_bytes, "bytes", note),
        bandwidth=ram.bandwidth,
    )


def _unknown_ram() -> Device:
    note = say("{option:ram} says how much there is")
    free, whole = (assumed(name, None, "bytes", note) for name in ("free_bytes", "device_bytes"))
    return Device(say("RAM"), "ram", free, whole, bandwidth=ram_figure("ram_bandwidth_bytes_per_s"))


def this_machine() -> Device:
    """The memory of this machine, for a program that runs on the CPU; unknown where nothing measures it."""
    ram = host_memory()
    if ram is None:
        return _unknown_ram()
    source = Source(ram.source.name, checked=date.today())
    return Device(
        say("this machine's RAM (CPU)"),
        "ram",
        measured("free_bytes", ram.available_bytes, "bytes", source),
        measured("device_bytes", ram.total_bytes, "bytes", source),
        bandwidth=ram_figure("ram_bandwidth_bytes_per_s"),
    )
