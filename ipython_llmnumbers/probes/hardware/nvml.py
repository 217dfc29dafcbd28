"""NVIDIA GPUs, read through NVIDIA's management library (NVML) and its bindings, pynvml."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from ...messages import say
from ...patterns import pattern
from .cuda_visible import visible_devices
from .gpu_device import GpuDevice, GpuProcess, GpuReading
from .pytorch import reserved_bytes_by_uuid

# nvmlReturn_t values (nvml.h) and what a user can do about each.
_REASONS = {
    4: say("this user may not read the GPU; ask for access to /dev/nvidia*"),
    6: say("no GPU answers to the driver"),
    9: say("the NVIDIA driver is installed but not loaded; restart the machine or run: sudo modprobe nvidia"),
    12: say("no NVIDIA driver was found"),
    13: say("the NVIDIA driver is too old to answer; update it"),
    15: say("the GPU is lost: it no longer answers on its bus; restart the machine"),
    18: say(
        "the NVIDIA driver and its library have different versions, as after an update; restart the machine"
    ),
    25: say(
        "the NVIDIA driver does not know this version of the question; update nvidia-ml-py or the driver"
    ),
}
_NOT_SUPPORTED = 3
# No machine has more, and a driver that says so is broken.
_MOST_GPUS, _MOST_BYTES = 256, 2**45
# Chips that share the machine's memory: GB10 (DGX Spark), N1X, and the Jetsons. Their drivers answer
# "not supported", or with all of the machine's memory, or with a part that says nothing:
# https://github.com/XuehaiPan/nvitop/pull/208, https://github.com/unslothai/unsloth/pull/10283.
_UNIFIED = pattern(r"\b(GB10|N1X|Orin|Thor|Xavier|Tegra\w*|Jetson)\b", re.IGNORECASE)
# A card's memory is not the machine's to the last percent; the kernel keeps a few for itself.
_SAME_MEMORY = 0.03


def _pid_namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").readlink())
    except OSError:
        return ""


# The kernel's first process namespace has a fixed number (PROC_PID_INIT_INO in linux/proc_ns.h);
# any other is a container's, where the driver's pid 1000 is not the process 1000.
_NUMBERS_PROCESSES_AS_THE_DRIVER = _pid_namespace() == "pid:[4026531836]"

_is_initialised = False


def read_nvml() -> GpuReading:
    """Every GPU, with the slices of a divided one in its place.

    The driver is started once and kept for the session; memory is read at each call.
    """
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
    every = [device for index in range(min(count, _MOST_GPUS)) for device in _devices(pynvml, index)]
    devices, note = visible_devices(every)
    unavailable = ""
    if not count:
        unavailable = say("the NVIDIA driver runs but finds no GPU")
    elif not devices:
        unavailable = say("CUDA_VISIBLE_DEVICES hides every GPU")
    kept = reserved_bytes_by_uuid()
    known = tuple(replace(device, pytorch_bytes=kept.get(device.uuid or "")) for device in devices)
    return GpuReading(known, unavailable, driver, note)


def _devices(nvml: Any, index: int) -> list[GpuDevice]:
    """The GPU at that index, or its slices where it is divided."""
    try:
        handle = nvml.nvmlDeviceGetHandleByIndex(index)
    except nvml.NVMLError as error:
        return [GpuDevice(index, None, f"GPU {index}", problem=_reason(error))]
    mode = _ask(nvml.nvmlDeviceGetMigMode, handle)
    capability = _ask(nvml.nvmlDeviceGetCudaComputeCapability, handle)
    whole = replace(
        _device(nvml, handle, index),
        is_divided=bool(mode and mode[0]),
        compute_capability=".".join(map(str, capability)) if capability else None,
        bandwidth_bytes_per_s=_bandwidth(nvml, handle),
    )
    return (list(_slices(nvml, handle, whole)) if whole.is_divided else []) or [whole]


def _slices(nvml: Any, handle: Any, whole: GpuDevice) -> Iterator[GpuDevice]:
    """The slices (MIG devices) of a GPU, which anybody may read; the GPU itself needs privilege."""
    for place in range(min(_ask(nvml.nvmlDeviceGetMaxMigDeviceCount, handle) or 0, _MOST_GPUS)):
        slice_handle = _ask(nvml.nvmlDeviceGetMigDeviceHandleByIndex, handle, place)
        if slice_handle is None:  # places need not all be taken
            continue
        part = _device(nvml, slice_handle, whole.index)
        yield replace(
            part,
            slice_index=place,
            parent_uuid=whole.uuid,
            compute_capability=whole.compute_capability,
            bandwidth_bytes_per_s=_share_of_bandwidth(whole, part),
        )


def _share_of_bandwidth(whole: GpuDevice, part: GpuDevice) -> int | None:
    """A memory slice is a share of the memory and the same share of its bandwidth.

    https://docs.nvidia.com/datacenter/tesla/mig-user-guide/, section Terminology.
    """
    if not (whole.bandwidth_bytes_per_s and whole.total_bytes and part.total_bytes):
        return None
    return whole.bandwidth_bytes_per_s * part.total_bytes // whole.total_bytes


def _device(nvml: Any, handle: Any, index: int) -> GpuDevice:
    """What a GPU and a slice are both asked."""
    name = _ask(nvml.nvmlDeviceGetName, handle) or f"GPU {index}"
    total = free = None
    is_unified, problem = False, ""
    try:
        # The first version of the call: its `free` leaves out what the driver keeps for
        # itself, as the second's does, and drivers of every age have it.
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        total, free = memory.total, memory.free
        if not 0 <= free <= total <= _MOST_BYTES or not total:
            total = free = None
            problem = say("the NVIDIA driver tells amounts of memory that no GPU has")
        is_unified = total is not None and _shares_memory(nvml, handle, name, total)
        if is_unified:
            total = free = None
    except nvml.NVMLError as error:
        is_unified = error.value == _NOT_SUPPORTED
        problem = "" if is_unified else _reason(error)
    return GpuDevice(
        index=index,
        uuid=_ask(nvml.nvmlDeviceGetUUID, handle),
        name=name,
        total_bytes=total,
        free_bytes=free,
        is_unified=is_unified,
        problem=problem,
        processes=_processes(nvml, handle, total),
    )


def _shares_memory(nvml: Any, handle: Any, name: str, total_bytes: int) -> bool:
    """Whether the memory that was told is the machine's: by the chip, or by size where no bus is told."""
    if _UNIFIED.search(name):
        return True
    import psutil

    ram: int = psutil.virtual_memory().total
    return abs(total_bytes - ram) < _SAME_MEMORY * ram and not _ask(nvml.nvmlDeviceGetMemoryBusWidth, handle)


def _processes(nvml: Any, handle: Any, total_bytes: int | None) -> tuple[GpuProcess, ...] | None:
    """Who holds memory, computing or drawing; None where the driver does not tell.

    The names of the calls are written out: under the short ones pynvml raises an error of
    another family where a driver of before 510 lacks the third version. A driver 535 with
    other structures than pynvml's fills in amounts that no GPU has; such a list is dropped.
    """
    computing = _listed(nvml, "Compute", handle)
    drawing = _listed(nvml, "Graphics", handle) or []
    if computing is None:
        return None
    listed = {each.pid: each for each in (*drawing, *computing)}
    amounts = [each.usedGpuMemory for each in listed.values()]
    if any(total_bytes and amount and amount > total_bytes for amount in amounts):
        return None
    return tuple(_process(pid, each.usedGpuMemory) for pid, each in listed.items())


def _listed(nvml: Any, kind: str, handle: Any) -> list[Any] | None:
    for version in ("v3", "v2"):
        question = getattr(nvml, f"nvmlDeviceGet{kind}RunningProcesses_{version}", None)
        found: list[Any] | None = _ask(question, handle) if question else None
        if found is not None:
            return found
    return None


def _process(pid: int, used_bytes: int | None) -> GpuProcess:
    """The process with its name; without one in a container, whose numbers are not the driver's."""
    if sys.platform == "linux" and not _NUMBERS_PROCESSES_AS_THE_DRIVER:
        return GpuProcess(pid, used_bytes)
    import psutil

    try:
        found = psutil.Process(pid)
        name, parents = found.name(), {each.pid for each in found.parents()}
    except (psutil.Error, OSError, ValueError):
        return GpuProcess(pid, used_bytes)
    if pid == os.getpid():
        return GpuProcess(pid, used_bytes, name, "this")
    return GpuProcess(pid, used_bytes, name, "child" if os.getpid() in parents else None)


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
    return known or say("the NVIDIA driver answers with an error ({reason})", reason=str(error).strip())
