"""Pools: a call belongs to the cell that handed the work over; what a process of a pool calls is not seen.

A pool's threads are started for nobody: whose work they do is told with each job.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import owners
from ..recorder import active, quietly
from .replacing import Make, Replacements

# What takes a function to run in `multiprocessing`'s pools; `apply` calls the first.
_OF_POOLS = ("apply_async", "map", "map_async", "starmap", "starmap_async", "imap", "imap_unordered")
# What else such a pool calls for the caller: joblib hands in its next job there.
_CALLBACKS = {"callback", "error_callback"}


def hook_thread_executors(replacements: Replacements, module: Any) -> None:
    """Remember who hands work to a pool of `concurrent.futures`; asyncio's default is one."""
    replacements.put(module.ThreadPoolExecutor, "submit", _submitting)


def hook_process_executors(replacements: Replacements, module: Any) -> None:
    """See that work is handed to processes, which may be those of an earlier cell; joblib keeps its own."""
    replacements.put(module.ProcessPoolExecutor, "submit", _submitting_to_processes)


def hook_pools(replacements: Replacements, module: Any) -> None:
    """Both for the pools of `multiprocessing`; those of threads are joblib's too."""
    for name in _OF_POOLS:
        replacements.put(module.Pool, name, _handing(module.ThreadPool))


def _submitting(original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, function: Any, /, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        carried = quietly(owners.carried, function) or function
        with owners.for_nobody():
            return original(self, carried, *arguments, **named)

    return submit


def _submitting_to_processes(original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        quietly(_is_handed_over)
        return original(*arguments, **named)

    return submit


def _handing(pool_of_threads: type) -> Make:
    """To a pool of processes the function goes as it is: it is sent there by its name."""

    def make(original: Callable[..., Any]) -> Callable[..., Any]:
        def hand(self: Any, func: Any, *arguments: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            if not isinstance(self, pool_of_threads):
                quietly(_is_handed_over)
                return original(self, func, *arguments, **named)
            for name in _CALLBACKS & named.keys():
                if named[name] is not None:
                    named[name] = quietly(owners.carried, named[name]) or named[name]
            return original(self, quietly(owners.carried, func) or func, *arguments, **named)

        return hand

    return make


def _is_handed_over() -> None:
    recording = active()
    if recording is not None:
        recording.is_handed_over = True
