"""The GPUs of this machine, read through NVIDIA's management library (NVML).

A machine without a driver is a normal answer: the reading then says why there are no
GPUs. Whatever a driver does not tell is None, and nothing here raises.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .cuda_visible import visible_devices

# nvmlInit takes 1 to 3 s per GPU where persistence mode is off
# (https://docs.nvidia.com/deploy/driver-persistence/), and a broken driver may never answer.
TIMEOUT_S = 10.0

# nvmlReturn_t values (nvml.h) and what a user can do about each.
_REASONS = {
    4: "this user may not read the GPU; ask for access to /dev/nvidia*",
    6: "no GPU answers to the driver",
    9: "the NVIDIA driver is installed but not loaded; restart the machine or run: sudo modprobe nvidia",
    12: "no NVIDIA driver was found",
    13: "the NVIDIA driver is too old to answer; update it",
    15: "the GPU is lost: it no longer answers on its bus; restart the machine",
    18: "the NVIDIA driver and its library have different versions, as after an update; restart the machine",
    25: "the NVIDIA driver does not know this version of the question; update nvidia-ml-py or the driver",
}
_NOT_SUPPORTED = 3


@dataclass(frozen=True, slots=True)
class GpuProcess:
    """A process that holds GPU memory; Windows does not tell how much."""

    pid: int
    used_bytes: int | None


@dataclass(frozen=True, slots=True)
class GpuDevice:
    """One GPU as it is now. `problem` says why its memory is unknown.

    `is_unified` where the GPU has no memory of its own but shares the machine's
    (GB10, Jetson), which NVML answers with "not supported".
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


@dataclass(frozen=True, slots=True)
class GpuReading:
    """The GPUs that this process may use, or the reason why there are none."""

    devices: tuple[GpuDevice, ...] = ()
    unavailable: str = ""
    driver_version: str | None = None
    note: str = ""


def local_gpus(timeout_s: float = TIMEOUT_S) -> GpuReading:
    """Read the GPUs of this machine.

    The driver is started once and kept for the session; memory is read at each call.
    A ctypes call cannot be interrupted, so the reading runs in a thread of its own,
    and a driver that hangs costs `timeout_s` seconds and one idle thread, not the cell.

    >>> reading = local_gpus()
    >>> bool(reading.devices) != bool(reading.unavailable)
    True
    """
    global _reader
    with _lock:
        if _reader is None or not _reader.is_alive():
            _reader = _Reader()
            _reader.start()
        reader = _reader
    reader.join(timeout_s)
    late = f"the NVIDIA driver has not answered in {timeout_s:g} s; run the cell again to wait on"
    return reader.reading or GpuReading(unavailable=late)


class _Reader(threading.Thread):
    """Reads once. While it waits for the driver, later calls join it instead of starting another."""

    def __init__(self) -> None:
        super().__init__(name="llmnumbers-nvml", daemon=True)
        self.reading: GpuReading | None = None

    def run(self) -> None:
        try:
            self.reading = _read()
        except Exception as error:  # pynvml is of many versions, and nobody above waits for its errors
            self.reading = GpuReading(unavailable=f"pynvml failed ({type(error).__name__}: {error})")


_lock = threading.Lock()
_reader: _Reader | None = None
_is_initialised = False


def _read() -> GpuReading:
    global _is_initialised
    import pynvml

    try:
        if not _is_initialised:
            pynvml.nvmlInit()
            _is_initialised = True
        count = pynvml.nvmlDeviceGetCount()
    except pynvml.NVMLError as error:
        _is_initialised = False
        return GpuReading(unavailable=_reason(error))
    driver = _ask(pynvml.nvmlSystemGetDriverVersion)
    devices, note = visible_devices([_device(pynvml, index) for index in range(count)])
    if not count:
        unavailable = "the NVIDIA driver runs but finds no GPU"
    else:
        unavailable = "" if devices else "CUDA_VISIBLE_DEVICES hides every GPU"
    return GpuReading(tuple(devices), unavailable, driver, note)


def _device(nvml: Any, index: int) -> GpuDevice:
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
    except nvml.NVMLError as error:
        return GpuDevice(index, None, f"GPU {index}", problem=_reason(error))
    total = free = None
    is_unified, problem = False, ""
    try:
        # The first version of the call: its `free` leaves out what the driver keeps for
        # itself, as the second's does, and drivers of every age have it.
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        total, free = memory.total, memory.free
    except nvml.NVMLError as error:
        is_unified = error.value == _NOT_SUPPORTED
        problem = "" if is_unified else _reason(error)
    mig = _ask(nvml.nvmlDeviceGetMigMode, handle)
    capability = _ask(nvml.nvmlDeviceGetCudaComputeCapability, handle)
    return GpuDevice(
        index=index,
        uuid=_ask(nvml.nvmlDeviceGetUUID, handle),
        name=_ask(nvml.nvmlDeviceGetName, handle) or f"GPU {index}",
        total_bytes=total,
        free_bytes=free,
        is_unified=is_unified,
        is_divided=bool(mig and mig[0]),
        problem=problem,
        processes=_processes(nvml, handle),
        compute_capability=".".join(map(str, capability)) if capability else None,
        bandwidth_bytes_per_s=_bandwidth(nvml, handle),
    )


def _processes(nvml: Any, handle: Any) -> tuple[GpuProcess, ...] | None:
    # By its full name: under the short one pynvml raises an error of another family where
    # the driver, of before 510, lacks the function.
    listed = _ask(nvml.nvmlDeviceGetComputeRunningProcesses_v3, handle)
    if listed is None:
        return None
    return tuple(GpuProcess(each.pid, each.usedGpuMemory) for each in listed)


def _bandwidth(nvml: Any, handle: Any) -> int | None:
    bus_bits = _ask(nvml.nvmlDeviceGetMemoryBusWidth, handle)
    clock_mhz = _ask(nvml.nvmlDeviceGetMaxClockInfo, handle, nvml.NVML_CLOCK_MEM)
    if not bus_bits or not clock_mhz:
        return None
    # Memory moves data at both edges of its clock: 5,120 bit × 1,593 MHz × 2 is the
    # 2,039 GB/s of an A100's data sheet.
    return int(bus_bits // 8 * clock_mhz * 1_000_000 * 2)


def _ask(question: Callable[..., Any], *arguments: Any) -> Any:
    """The driver's answer, or None where it has none."""
    import pynvml

    try:
        return question(*arguments)
    except (pynvml.NVMLError, ValueError):  # ValueError: a name that is not UTF-8
        return None


def _reason(error: Any) -> str:
    known = _REASONS.get(error.value)
    return known or f"the NVIDIA driver answers with an error ({str(error).strip()})"
