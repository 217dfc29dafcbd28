"""Processes on this machine, one for each core, that count tasks; one that dies is replaced.

A `ProcessPoolExecutor` loses all that it holds when one of its processes dies, and imports the user's own
program anew in each. These run this package's worker alone, and a death costs one task.
"""

from __future__ import annotations

import os
from concurrent.futures import Future, ThreadPoolExecutor
from queue import Empty, SimpleQueue
from subprocess import Popen
from threading import Lock
from typing import Any

from ..processes import NoAnswerError, end, exchange, start

_WORKER = f"{__package__}.worker"
# A task is some megabytes, or one packed file of any size: long past what the slowest engine takes.
_LATE_S, _LATE_S_PER_MB = 300.0, 30.0


class WorkerDiedError(Exception):
    """The process that counted a task is gone, or was too late."""


class LocalPool:
    """So many processes; `submit` gives them requests."""

    def __init__(self, n_workers: int) -> None:
        self.n_workers = n_workers
        self._threads = ThreadPoolExecutor(n_workers, thread_name_prefix="llmnumbers-corpus")
        self._idle: SimpleQueue[Popen[bytes]] = SimpleQueue()
        self._all: set[Popen[bytes]] = set()
        self._lock = Lock()
        self._is_closed = False

    def submit(self, request: str, size: int) -> Future[dict[str, Any]]:
        """Count a task of so many bytes; the future raises WorkerDiedError where its process died."""
        return self._threads.submit(self._ask, request, size)

    def close(self) -> None:
        """End all processes, whatever they do."""
        with self._lock:
            self._is_closed = True
            running = list(self._all)
        for process in running:
            end(process)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _ask(self, request: str, size: int) -> dict[str, Any]:
        process = self._process()
        try:
            answer = exchange(process, request.encode(), _LATE_S + _LATE_S_PER_MB * size / 1e6)
        except NoAnswerError as error:
            with self._lock:
                self._all.discard(process)
            raise WorkerDiedError(error.reason) from None
        self._idle.put(process)
        return answer

    def _process(self) -> Popen[bytes]:
        try:
            return self._idle.get_nowait()
        except Empty:
            pass
        with self._lock:
            if self._is_closed:
                raise WorkerDiedError
            process = start(_WORKER, own_group=True)
            self._all.add(process)
        return process


def n_cores() -> int:
    """The cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
