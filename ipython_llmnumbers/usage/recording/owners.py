"""Which cell a call belongs to: the one that started the work, in whatever task, thread or pool it runs.

A task copies its context when it is made, and so does what `asyncio` hands to another thread; a context
variable is right there. A new thread has an empty context, which stays as it is (a copy would give it
the decimal precision and all else of its maker); it is remembered beside the cell that started it.

What works for a cell holds its mark. When nothing does any more, no call of the cell can come.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, WeakSet

if TYPE_CHECKING:
    from .recording import Recording


class Mark:
    """What a context, a thread or a pool's job has that works for a cell, or for none."""

    __slots__ = ("__weakref__", "recording")

    def __init__(self, recording: Recording | None) -> None:
        self.recording = recording


NOBODY = Mark(None)
_mark: ContextVar[Mark | None] = ContextVar("llmnumbers_mark", default=None)
_threads: WeakKeyDictionary[threading.Thread, Mark] = WeakKeyDictionary()
_marks: WeakSet[Mark] = WeakSet()


def owner() -> Recording | None:
    """The recording of the cell that started what runs now; None of what no recorded cell started."""
    mark = _mark_here()
    return None if mark is None else mark.recording


def _mark_here() -> Mark | None:
    """A context says it, also that nobody is: a later cell may use a thread of an earlier one."""
    return _mark.get() or _threads.get(threading.current_thread())


def own(recording: Recording | None) -> None:
    """What runs from here on in this context belongs to that recording, or to none."""
    if recording is None:
        _mark.set(NOBODY)
        return
    mark = Mark(recording)
    _marks.add(mark)
    _mark.set(mark)


def is_at_work(recording: Recording) -> bool:
    """Whether something that the cell started may call yet: a task, a thread, a job that waits in a pool.

    It may be said of what is over, as long as somebody keeps it.
    """
    for thread in list(_threads):
        if thread.ident is not None and not thread.is_alive():
            _threads.pop(thread, None)
    return any(mark.recording is recording for mark in _marks)


@contextmanager
def for_nobody() -> Iterator[None]:
    """What is started inside belongs to no cell."""
    token = _mark.set(NOBODY)
    try:
        yield
    finally:
        _mark.reset(token)


def remember(thread: threading.Thread) -> None:
    """A thread belongs to the cell that starts it."""
    mark = _mark_here()
    if mark is not None and mark is not NOBODY:
        _threads[thread] = mark


def carried(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function, to be run by a pool's thread for the cell that hands it over now."""
    submitter = _mark_here()
    if submitter is None:
        return function

    @wraps(function, assigned=(), updated=())
    def run(*arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        token = _mark.set(submitter)
        try:
            return function(*arguments, **named)
        finally:
            _mark.reset(token)

    return run
