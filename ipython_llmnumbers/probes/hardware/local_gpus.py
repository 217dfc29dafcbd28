"""The GPUs of this machine: NVIDIA's by their driver, else Apple's or AMD's.

A machine without a GPU is a normal answer: the reading then says why there is none.
Whatever a driver does not tell is None, and nothing here raises.
"""

from __future__ import annotations

import platform
import sys
import threading

from ...messages import say
from .gpu_device import GpuDevice as GpuDevice
from .gpu_device import GpuProcess as GpuProcess
from .gpu_device import GpuReading as GpuReading

# nvmlInit takes 1 to 3 s per GPU where persistence mode is off
# (https://docs.nvidia.com/deploy/driver-persistence/), and a broken driver may never answer.
TIMEOUT_S = 10.0


def local_gpus(timeout_s: float = TIMEOUT_S) -> GpuReading:
    """Read the GPUs of this machine.

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
            try:
                _reader.start()
            except RuntimeError:  # no threads, as in a browser, where no driver hangs either
                _reader.run()
                return _reader.reading or GpuReading()
        reader = _reader
    reader.join(timeout_s)
    late = say(
        "the NVIDIA driver has not answered in {seconds:g} s; run the cell again to wait on",
        seconds=timeout_s,
    )
    return reader.reading or GpuReading(unavailable=late)


class _Reader(threading.Thread):
    """Reads once. While it waits for the driver, later calls join it instead of starting another."""

    def __init__(self) -> None:
        super().__init__(name="llmnumbers-gpu", daemon=True)
        self.reading: GpuReading | None = None

    def run(self) -> None:
        try:
            self.reading = _read()
        except Exception as error:  # pynvml is of many versions, and nobody above waits for its errors
            reason = f"{type(error).__name__}: {error}"
            self.reading = GpuReading(unavailable=say("pynvml failed ({reason})", reason=reason))


_lock = threading.Lock()
_reader: _Reader | None = None


def _read() -> GpuReading:
    if sys.platform == "darwin":
        from .apple import read_apple

        return read_apple(platform.machine())
    from .amd import read_amd
    from .nvml import read_nvml

    reading = read_nvml()
    if reading.devices or "CUDA_VISIBLE_DEVICES" in reading.unavailable:
        return reading
    # An AMD card shows itself; where there is none, NVIDIA's reason is the one to mend.
    return read_amd() or reading
