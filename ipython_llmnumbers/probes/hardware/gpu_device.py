"""What is known of a GPU at one moment. Whatever a driver does not tell is None."""

from __future__ import annotations

from datetime import date
from typing import Literal

from ...figures import Figure, Source, assumed, measured
from ...messages import joined, say
from ...records import dataclass
from .host import host_memory


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process that holds GPU memory; Windows does not tell how much, a container not whose.

    `kin` is `this` where it is the process that asks, and `child` where that one started it.
    """

    pid: int
    used_bytes: int | None
    name: str | None = None
    kin: Literal["this", "child"] | None = None

    def to_dict(self) -> dict[str, int | str | None]:
        return {"pid": self.pid, "name": self.name, "used_bytes": self.used_bytes, "kin": self.kin}


@dataclass(frozen=True, slots=True)
class GpuDevice:
    """One GPU, or one slice of a divided one, as it is now. `problem` says why its memory is unknown.

    `is_unified` where the GPU has no memory of its own but shares the machine's (GB10,
    Jetson, Apple); `is_divided` where it is cut into slices (MIG) that are not listed.
    A slice carries its number and the UUID of the GPU that it was cut from. `free_low_bytes`
    and `free_high_bytes` are set where the free memory is supposed, and `note` says from what.
    `pytorch_bytes` are what PyTorch keeps there for this process, where it is in use.
    """

    index: int
    uuid: str | None
    name: str
    total_bytes: int | None = None
    free_bytes: int | None = None
    is_unified: bool = False
    is_divided: bool = False
    problem: str = ""
    processes: tuple[GpuProcess, ...] | None = None
    compute_capability: str | None = None
    bandwidth_bytes_per_s: int | None = None
    slice_index: int | None = None
    parent_uuid: str | None = None
    free_low_bytes: int | None = None
    free_high_bytes: int | None = None
    note: str = ""
    pytorch_bytes: int | None = None

    @property
    def title(self) -> str:
        """The name on the screen, different for each device of a machine.

        >>> GpuDevice(0, None, "NVIDIA A100-SXM4-80GB MIG 1g.10gb", slice_index=2).title
        'GPU 0, slice 2: NVIDIA A100-SXM4-80GB MIG 1g.10gb'
        """
        place = f"GPU {self.index}"
        if self.slice_index is not None:
            place = joined(", ", place, say("slice {number}", number=self.slice_index))
        return place if self.name == place else joined(": ", place, self.name)

    def memory_figures(self, instrument: str) -> tuple[Figure, Figure]:
        """`free_bytes` and `device_bytes`, as `instrument` told them, or the machine's where they are shared.

        >>> free, all_of_it = GpuDevice(0, None, "T4", 15 * 2**30, 14 * 2**30).memory_figures("NVML")
        >>> free.value // 2**30, all_of_it.value // 2**30, free.origin
        (14, 15, 'measured')
        """
        total, free = self.total_bytes, self.free_bytes
        if self.is_unified and free is None and (ram := host_memory()):
            total, free, instrument = ram.total_bytes, ram.available_bytes, ram.source.name
        source = Source(instrument, checked=date.today())
        whole = measured("device_bytes", total, "bytes", source)
        if self.free_low_bytes is None:
            note = self.problem or self.note or _of_all(free, total)
            return measured("free_bytes", free, "bytes", source, note=note), whole
        low, high = self.free_low_bytes, self.free_high_bytes
        return assumed("free_bytes", free, "bytes", self.note, source=source, low=low, high=high), whole


def _of_all(free: int | None, total: int | None) -> str:
    """How much of the memory that is, in words."""
    if free is None or total is None:
        return ""
    return say("of {total:,.1f} GiB, {used:,.1f} are used", total=total / 2**30, used=(total - free) / 2**30)


@dataclass(frozen=True, slots=True)
class GpuReading:
    """The GPUs that this process may use, or the reason why there are none.

    `instrument` is what told of them.
    """

    devices: tuple[GpuDevice, ...] = ()
    unavailable: str = ""
    driver_version: str | None = None
    note: str = ""
    instrument: str = "NVML"
