"""Which GPUs `CUDA_VISIBLE_DEVICES` leaves to this process, and in which order."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .gpu import GpuDevice


def visible_devices(devices: Sequence[GpuDevice]) -> tuple[list[GpuDevice], str]:
    """The devices that CUDA would show, in its order, and what could not be told.

    The variable lists numbers or UUIDs, and CUDA ignores what follows the first that it
    does not know (https://docs.nvidia.com/cuda/cuda-c-programming-guide/, section CUDA
    Environment Variables). A number is CUDA's own, which is NVML's only where all GPUs
    are alike or `CUDA_DEVICE_ORDER` is `PCI_BUS_ID`.
    """
    wanted = os.environ.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return list(devices), ""
    entries = [entry.strip() for entry in wanted.split(",")]
    if any(entry.startswith("MIG") for entry in entries):
        return list(devices), "CUDA_VISIBLE_DEVICES names slices of a GPU (MIG); whole GPUs are shown"
    same_order = (
        os.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len({each.name for each in devices}) == 1
    )
    if not same_order and any(entry.isdecimal() for entry in entries):
        return list(devices), (
            f"CUDA_VISIBLE_DEVICES={wanted} counts in CUDA's order, which the driver does not tell; "
            "every GPU is shown (set CUDA_DEVICE_ORDER=PCI_BUS_ID)"
        )
    chosen: list[GpuDevice] = []
    for entry in entries:
        matches = [each for each in devices if _is_named(each, entry)]
        if len(matches) != 1 or matches[0] in chosen:
            break
        chosen += matches
    return chosen, ""


def _is_named(device: GpuDevice, entry: str) -> bool:
    if entry.isdecimal():
        return device.index == int(entry)
    # CUDA takes the beginning of a UUID where it is unique.
    return bool(device.uuid) and entry.startswith("GPU-") and str(device.uuid).startswith(entry)
