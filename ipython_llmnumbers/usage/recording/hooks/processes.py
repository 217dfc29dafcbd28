"""Other processes: what they call is not seen, so that it must be said that there were some."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from ..recorder import active, quietly
from .replacing import Replacements


def hook_subprocess(replacements: Replacements, module: Any) -> None:
    """Count what `subprocess` starts; the shell's `!` and a client that runs a command line are among it."""
    replacements.put(module.Popen, "__init__", _starting)


def hook_os(replacements: Replacements, module: Any) -> None:
    """Count what is started without `subprocess`: the shell's `!` forks a terminal of its own."""
    for name in ("system", "fork", "forkpty", "posix_spawn", "posix_spawnp"):
        if hasattr(module, name):  # Windows has the first alone
            replacements.put(module, name, _calling)


def hook_multiprocessing(replacements: Replacements, module: Any) -> None:
    """Count what `multiprocessing` starts."""
    replacements.put(module.BaseProcess, "start", _starting)


def _starting(original: Callable[..., Any]) -> Callable[..., Any]:
    def start(self: Any, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        quietly(_count)
        return original(self, *arguments, **named)

    return start


def _calling(original: Callable[..., Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        # What these two start for somebody is counted where they are asked to; between is what calls this.
        caller = str(sys._getframe(2).f_globals.get("__name__"))
        if caller.partition(".")[0] not in ("subprocess", "multiprocessing"):
            quietly(_count)
        return original(*arguments, **named)

    return call


def _count() -> None:
    recording = active()
    if recording is not None and not _is_asked_by_platform():
        recording.n_processes += 1


def _is_asked_by_platform() -> bool:
    """Whether the standard library asks what machine this is: it runs `uname` for the headers of SDKs."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_globals.get("__name__") == "platform":
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False
