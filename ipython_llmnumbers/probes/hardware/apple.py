"""The GPU of an Apple machine, which shares the machine's memory up to a limit."""

from __future__ import annotations

import subprocess
import sys

from ...messages import joined, say
from .gpu_device import GpuDevice, GpuReading
from .host import host_memory

# The share of the memory that Metal lets a GPU have where nobody set a limit: about two
# thirds on small machines, three quarters on large ones (recommendedMaxWorkingSetSize).
_SHARE, _LOW_SHARE, _HIGH_SHARE = 0.70, 0.65, 0.75
_MIB = 2**20


def read_apple(machine: str) -> GpuReading:
    """The GPU of an M-series chip: what is available of the machine's memory, up to the GPU's limit.

    The limit is the one that was set (`sysctl iogpu.wired_limit_mb`), else what PyTorch
    knows where it is imported already, else a share of the memory, with its range.
    """
    if machine != "arm64":
        return GpuReading(unavailable=say("no GPU that models run on: this is a Mac with an Intel chip"))
    ram = host_memory()
    assert ram is not None, "psutil is on every Mac that this package is on"
    limit = low = high = round(ram.total_bytes * _SHARE)
    wired_mib = _sysctl("iogpu.wired_limit_mb")
    recommended = _recommended_bytes()
    if wired_mib.isdecimal() and int(wired_mib) > 0:  # 0: macOS decides
        limit = low = high = int(wired_mib) * _MIB
        note = say("up to the limit set in iogpu.wired_limit_mb")
    elif recommended:
        limit = low = high = recommended
        note = say("up to torch.mps.recommended_max_memory()")
    else:
        low, high = round(ram.total_bytes * _LOW_SHARE), round(ram.total_bytes * _HIGH_SHARE)
        note = say(
            "up to {share:.0%} of the memory, from {low:.0%} to {high:.0%} by machine",
            share=_SHARE,
            low=_LOW_SHARE,
            high=_HIGH_SHARE,
        )
    available = ram.available_bytes
    is_exact = low == high or low >= available
    device = GpuDevice(
        index=0,
        uuid=None,
        name=_sysctl("machdep.cpu.brand_string") or "Apple GPU",
        total_bytes=ram.total_bytes,
        free_bytes=min(available, limit),
        is_unified=True,
        free_low_bytes=None if is_exact else min(available, low),
        free_high_bytes=None if is_exact else min(available, high),
        note=joined(", ", say("what is available of the machine's memory"), note),
    )
    return GpuReading(
        (device,), instrument=say("{first} and {second}", first="sysctl", second=ram.source.name)
    )


def _sysctl(name: str) -> str:
    """What the kernel says under that name; empty where it knows none."""
    try:
        done = subprocess.run(
            ["sysctl", "-n", name], capture_output=True, text=True, timeout=5, check=False, errors="replace"
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _recommended_bytes() -> int:
    """PyTorch's figure, where the notebook has imported it; it is not imported for this."""
    torch = sys.modules.get("torch")
    try:
        return int(torch.mps.recommended_max_memory()) if torch is not None else 0
    except Exception:  # a PyTorch without that call, or without MPS
        return 0
