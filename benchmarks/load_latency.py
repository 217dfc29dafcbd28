"""How long `%load_ext ipython_llmnumbers` takes: `python benchmarks/load_latency.py`.

Each load is in a fresh process, beside the load of IPython in the same one; the ratios carry over to
another machine, the milliseconds do not. The goal: under 20 ms.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median

REPEATS = 15
_LOAD = """
import sys, time
start = time.process_time()
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
ready = time.process_time()
shell.config.LLMNumbers.update(SETTINGS)
shell.extension_manager.load_extension("ipython_llmnumbers")
print(1000 * (ready - start), 1000 * (time.process_time() - ready))
"""


def milliseconds(settings: dict[str, str]) -> tuple[float, float]:
    """Processor time of IPython and of the extension, median of several processes."""
    command = [sys.executable, "-c", _LOAD.replace("SETTINGS", repr(settings))]
    runs = [subprocess.run(command, capture_output=True, text=True, check=True) for _ in range(REPEATS)]
    ipython, extension = zip(*(map(float, run.stdout.split()[-2:]) for run in runs), strict=True)
    return median(ipython), median(extension)


def main() -> None:
    for settings in ({}, {"model": "claude-opus-5-5", "language": "ja"}):
        ipython, extension = milliseconds(settings)
        print(
            f"{extension:8.2f} ms  {extension / ipython:6.1%} of IPython's own {ipython:.0f} ms  {settings}"
        )


if __name__ == "__main__":
    main()
