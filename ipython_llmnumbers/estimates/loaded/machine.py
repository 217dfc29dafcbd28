"""On which GPUs an engine ran: those that its log names, of their full memory."""

from __future__ import annotations

from ...errors import LLMNumbersError, UsageError
from ...probes.engines.log import Start
from ...probes.hardware.local_gpus import local_gpus
from ..devices import Device, local_devices, named_device, named_devices, this_machine
from ..memory.engines.corrections import machine_of
from .started import number


def logged_devices(gpu: str | None, start: Start) -> tuple[Device, ...]:
    """The GPUs as they are empty: the named ones, else those of the log, else this machine's.

    An engine may be running now, so what is free now says nothing of its start.

    Raises:
        UsageError: nothing says which GPU it was.
        UnknownNameError: no table has the named one.
    """
    if gpu is not None:
        return named_devices(gpu)
    if logged := _named_by(start):
        return logged
    if size := number(start.settings, "device_gib"):
        return (named_device(f"{size:.2f}GiB"),)
    if start.settings.get("gpu_layers") == "0":
        return (this_machine(),)
    reading = local_gpus()
    found = local_devices(reading)
    published = [each.gpu for each in found if each.gpu is not None]
    if published:
        return (named_device(published[0].name),)
    raise UsageError("the log does not say on which GPU it was; name it with {option:gpu}")


def _named_by(start: Start) -> tuple[Device, ...]:
    """The GPUs that the log names, where a table has all of them; of two sizes the one that the log says."""
    size = number(start.settings, "device_gib")
    sized = f" {size:.0f}GB" if size and len(set(start.gpus)) == 1 else ""
    for names in ([f"{name}{sized}" for name in start.gpus], start.gpus):
        try:
            return tuple(map(named_device, names))
        except LLMNumbersError:  # a name that no table has, or not in that size
            continue
    return ()


def machine_of_log(device: Device) -> str:
    """What tells the machine of a log from others, where nobody names the GPU.

    A log of the kind of GPU that is here is taken to be of the one that is here.
    """
    reading = local_gpus()
    here = local_devices(reading)
    same = [each for each in here if each.gpu is not None and each.gpu.name == device.name]
    return machine_of(same[0] if same else device)
