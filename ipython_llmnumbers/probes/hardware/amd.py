"""AMD cards, read from what the Linux driver amdgpu writes under /sys.

Nobody has run this on an AMD card yet: it follows the kernel's documentation
(https://docs.kernel.org/gpu/amdgpu/driver-misc.html, "mem_info_vram_total"), and its readings say so.
"""

from __future__ import annotations

from pathlib import Path

from ...files.reading import read_system_number, read_system_text
from ...messages import say
from .gpu_device import GpuDevice, GpuReading

_CARDS = Path("/sys/class/drm")
_AMD = "0x1002"


def read_amd(cards: Path = _CARDS) -> GpuReading | None:
    """The AMD cards of this machine; None where there is none."""
    folders = sorted(cards.glob("card[0-9]*/device"), key=lambda folder: folder.parent.name)
    devices: list[GpuDevice] = []
    for folder in folders:
        total = read_system_number(folder / "mem_info_vram_total")
        if read_system_text(folder / "vendor") != _AMD or not total:
            continue
        used = read_system_number(folder / "mem_info_vram_used")
        name = read_system_text(folder / "product_name") or "AMD GPU"
        free = None if used is None else max(0, total - used)
        problem = "" if used is not None else say("the driver does not tell what is in use")
        devices.append(GpuDevice(len(devices), None, name, total, free, problem=problem))
    if not devices:
        return None
    return GpuReading(
        tuple(devices),
        note=say("AMD cards are read from /sys, which was not tried on a real one yet"),
        instrument=say("amdgpu, mem_info_vram_total and mem_info_vram_used"),
    )
