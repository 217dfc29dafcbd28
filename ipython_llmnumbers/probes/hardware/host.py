"""This machine's memory, where a model runs that no GPU takes."""

from __future__ import annotations

import re
from pathlib import Path

from ...figures import Source
from ...files.reading import read_system_number, read_system_text
from ...messages import say
from ...records import dataclass

_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True, slots=True)
class HostMemory:
    """Bytes in all, and bytes that a new process can have without swapping."""

    total_bytes: int
    available_bytes: int
    source: Source


def host_memory(cgroup: Path = _CGROUP) -> HostMemory | None:
    """Measure the RAM, less what a container may not use of it; None where psutil is not, as in a browser.

    `/proc/meminfo` in a container tells of the whole machine, so the limit of the
    control group counts too (https://docs.kernel.org/admin-guide/cgroup-v2.html).

    >>> memory = host_memory()
    >>> 0 < memory.available_bytes <= memory.total_bytes
    True
    """
    try:
        import psutil
    except ImportError:
        return None
    ram = psutil.virtual_memory()
    total, available, instrument = ram.total, ram.available, "psutil.virtual_memory().available"
    limit = read_system_number(cgroup / "memory.max")
    in_use = read_system_number(cgroup / "memory.current")
    if limit is not None and in_use is not None and limit < total:
        # Pages of files are given up when memory runs short.
        room = max(0, limit - in_use + _inactive_file_bytes(cgroup / "memory.stat"))
        total = limit
        if room < available:
            available = room
            instrument = say("the container's memory limit, less what it uses (cgroup v2)")
    return HostMemory(total, min(available, total), Source(instrument))


def _inactive_file_bytes(path: Path) -> int:
    text = read_system_text(path) or ""
    found = re.search(r"^inactive_file (\d{1,19})$", text, re.MULTILINE | re.ASCII)
    return int(found[1]) if found else 0
