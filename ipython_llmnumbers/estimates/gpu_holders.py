"""Who holds the memory of a GPU of this machine: this kernel first, and what would free it."""

from __future__ import annotations

from ..figures import Note
from ..messages import joined, say
from ..probes.hardware.gpu_device import GpuDevice, GpuProcess

_GIB = 2**30
# A driver keeps up to that for itself on an idle GPU: 0.6 GiB of an A100, 0.9 of an H200.
_DRIVER_BYTES = _GIB


def holders_notes(device: GpuDevice) -> list[Note]:
    """What is held of it and by whom; nothing of an idle GPU."""
    held = device.processes or ()
    used = (device.total_bytes or 0) - (device.free_bytes or 0)
    if device.free_bytes is None or (not held and used <= _DRIVER_BYTES):
        return []
    notes = [Note(_told(device, used, _holders(device, held)))]
    if held and all(each.used_bytes is None for each in held):
        notes.append(Note(say("how much each of them holds the driver does not say")))
    if device.pytorch_bytes or any(each.kin for each in held):
        text = say(
            "to free what this kernel holds, delete it, then torch.cuda.empty_cache(); or restart the kernel"
        )
        notes.append(Note(text))
    return notes


def _told(device: GpuDevice, used: int, holders: list[str]) -> str:
    gpu, gib = device.title, used / _GIB
    if holders:
        return say("{gpu}: {gib:,.1f} GiB are used: {who}", gpu=gpu, gib=gib, who=joined("; ", *holders))
    if device.processes is None:
        return say("{gpu}: {gib:,.1f} GiB are used; the driver does not say by whom", gpu=gpu, gib=gib)
    return say("{gpu}: {gib:,.1f} GiB are used, by no process that can be seen from here", gpu=gpu, gib=gib)


def _holders(device: GpuDevice, held: tuple[GpuProcess, ...]) -> list[str]:
    """Each in a few words: this kernel, what it started, then the others by what they hold."""
    ordered = sorted(held, key=lambda each: (each.kin is None, each.kin != "this", -(each.used_bytes or 0)))
    own = []
    if device.pytorch_bytes and not any(each.kin == "this" for each in held):
        own = [say("PyTorch in this kernel {gib:,.1f} GiB", gib=device.pytorch_bytes / _GIB)]
    return [*own, *(_who(each) for each in ordered)]


def _who(process: GpuProcess) -> str:
    """One holder in a few words, as nvitop and gpustat name it."""
    name = process.name or say("a process that is not seen from here")
    who = say("{name} (pid {pid})", name=name, pid=process.pid)
    if process.kin == "this":
        who = say("this kernel (pid {pid})", pid=process.pid)
    elif process.kin == "child":
        who = say("{name} (pid {pid}), which this kernel started", name=name, pid=process.pid)
    if process.used_bytes is None:
        return who
    return say("{who} {gib:,.1f} GiB", who=who, gib=process.used_bytes / _GIB)
