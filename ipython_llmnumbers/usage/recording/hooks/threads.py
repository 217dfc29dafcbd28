"""Threads and pools: a call belongs to the cell that started the thread, or handed the work to the pool."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import owners
from ..recorder import quietly
from .replacing import Replacements


def hook_threads(replacements: Replacements, module: Any) -> None:
    """Remember who starts a thread."""
    replacements.put(module.Thread, "start", _starting)


def hook_pools(replacements: Replacements, module: Any) -> None:
    """Remember who hands work to a pool."""
    replacements.put(module.ThreadPoolExecutor, "submit", _submitting)


def _starting(original: Callable[..., Any]) -> Callable[..., Any]:
    def start(self: Any) -> Any:
        __tracebackhide__ = True
        quietly(owners.remember, self)
        return original(self)

    return start


def _submitting(original: Callable[..., Any]) -> Callable[..., Any]:
    def submit(self: Any, function: Any, /, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        return original(self, quietly(owners.carried, function) or function, *arguments, **named)

    return submit
