"""Which cell a call belongs to: the one that started the work, in whatever task, thread or pool it runs.

A task copies its context when it is made, and so does what `asyncio` hands to another thread; a context
variable is right there. A new thread has an empty context, which stays as it is (a copy would give it
the decimal precision and all else of its maker); it is remembered beside the cell that started it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from .recording import Recording

_owner: ContextVar[Recording | None] = ContextVar("llmnumbers_owner", default=None)
_threads: WeakKeyDictionary[threading.Thread, Recording] = WeakKeyDictionary()


def owner() -> Recording | None:
    """The recording of the cell that started what runs now; None of what no recorded cell started."""
    return _owner.get() or _threads.get(threading.current_thread())


def own(recording: Recording | None) -> None:
    """What runs from here on in this context belongs to that recording, or to none."""
    _owner.set(recording)


def remember(thread: threading.Thread) -> None:
    """A thread belongs to the cell that starts it."""
    starter = owner()
    if starter is not None:
        _threads[thread] = starter


def carried(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, to be run by a pool's thread for the cell that hands it over now."""
    submitter = owner()
    if submitter is None:
        return function

    @wraps(function, assigned=(), updated=())
    def run(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        token = _owner.set(submitter)
        try:
            return function(*arguments, **named)
        finally:
            _owner.reset(token)

    return run
