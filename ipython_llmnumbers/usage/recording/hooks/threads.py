"""Threads: a call belongs to the cell that started the thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import owners
from ..recorder import quietly
from .replacing import Replacements


def hook_threads(replacements: Replacements, module: Any) -> None:
    """Remember who starts a thread."""
    replacements.put(module.Thread, "start", _starting)


def _starting(original: Callable[..., Any]) -> Callable[..., Any]:
    def start(self: Any) -> Any:
        __tracebackhide__ = True
        quietly(owners.remember, self)
        return original(self)

    return start
