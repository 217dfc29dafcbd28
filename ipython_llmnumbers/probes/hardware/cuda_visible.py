"""Which GPUs `CUDA_VISIBLE_DEVICES` leaves to this process, and in which order."""

from __future__ import annotations

import os
from collections.abc import Sequence

from ...messages import say
from .gpu_device import GpuDevice


def visible_devices(devices: Sequence[GpuDevice]) -> tuple[list[GpuDevice], str]:
    """The devices that CUDA would show, in its order, and what could not be told.

    The variable lists numbers or UUIDs, and CUDA ignores what follows the first that it
    does not know (https://docs.nvidia.com/cuda/cuda-c-programming-guide/, section CUDA
    Environment Variables). A number is CUDA's own, which is NVML's only where all GPUs
    are alike or `CUDA_DEVICE_ORDER` is `PCI_BUS_ID`. Of a divided GPU CUDA shows one slice:
    the one that is named, else the first (MIG user guide, section CUDA Device Enumeration).
    """
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    sliced = any(each.slice_index is not None for each in devices)
    if wanted is None:
        return list(devices), say("a process can use one slice of a divided GPU (MIG)") if sliced else ""
    entries = [entry.strip() for entry in wanted.split(",")]
    if any(entry.isdecimal() for entry in entries) and not _in_the_driver_s_order(devices):
        return list(devices), say(
            "CUDA_VISIBLE_DEVICES={numbers} counts in CUDA's order, which the driver does not tell; "
            "every GPU is shown (set CUDA_DEVICE_ORDER=PCI_BUS_ID)",
            numbers=wanted,
        )
    if any(entry.startswith("MIG") for entry in entries) and not sliced:
        return list(devices), say("CUDA_VISIBLE_DEVICES names slices of a GPU (MIG); whole GPUs are shown")
    return _chosen(devices, entries), ""


def _in_the_driver_s_order(devices: Sequence[GpuDevice]) -> bool:
    """Whether CUDA counts the devices as the driver does."""
    chips = {each.name.partition(" MIG ")[0] for each in devices}
    return os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len(chips) == 1


def _chosen(devices: Sequence[GpuDevice], entries: Sequence[str]) -> list[GpuDevice]:
    """The devices that the entries name, up to the first that names none, several, or one again."""
    chosen: list[GpuDevice] = []
    for entry in entries:
        matches = [each for each in devices if _is_named(each, entry)]
        n_meant = len(matches) if entry.startswith("MIG") else len({each.index for each in matches})
        if n_meant != 1 or matches[0] in chosen:
            break
        chosen.append(matches[0])
    return chosen


def _is_named(device: GpuDevice, entry: str) -> bool:
    """Whether the entry is the device's number or the beginning of its UUID, which CUDA takes too.

    A slice is also what its GPU's number and UUID lead to.
    """
    if entry.isdecimal():
        return device.index == int(entry)
    uuid = device.uuid if entry.startswith("MIG-") else device.parent_uuid or device.uuid
    return entry.startswith(("GPU-", "MIG-")) and bool(uuid) and str(uuid).startswith(entry)
