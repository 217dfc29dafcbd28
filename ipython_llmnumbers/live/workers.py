"""The processes that count for a Jupyter server, and the lines that wait for one of them."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from queue import Full, Queue
from threading import Thread
from typing import Any

from ..messages import LANGUAGES
from ..patterns import pattern
from .child import Child

__all__ = ["Full", "Workers"]

# Two, so that one line that takes its two seconds leaves room for the other cells.
N_PROCESSES = 2
# A page has four requests on their way at most (`server.js`), and a cell one, with its newest text.
# So these are the lines of sixteen pages, and none of them is out of date.
MOST_WAITING = 64
# The body itself is the processes' to read. A quote within a JSON string has a backslash before it, so
# this is no part of the cell.
_LANGUAGE = pattern(rb'"language"\s*+:\s*+"(%s)"' % "|".join(LANGUAGES).encode())


class Workers:
    """Hands each line to the process that is free next.

    The threads only wait for a pipe: that works on every system and event loop, where asyncio's own
    child processes need a loop that Jupyter does not use on Windows.
    """

    def __init__(self, root: str) -> None:
        """`root` is the folder that the server serves. The processes start in the background."""
        self._waiting: Queue[tuple[bytes, Future[dict[str, Any]]]] = Queue(MOST_WAITING)
        for _ in range(N_PROCESSES):
            # A daemon: the server does not wait for a line when it stops.
            Thread(target=self._work, args=(Child(root),), name="llmnumbers-line", daemon=True).start()

    async def ask(self, request: bytes) -> dict[str, Any]:
        """The answer of a process, as `Child.ask` gives it.

        Raises:
            Full: too many lines are waiting.
        """
        answer: Future[dict[str, Any]] = Future()
        self._waiting.put_nowait((request, answer))
        return await asyncio.wrap_future(answer)

    def _work(self, child: Child) -> None:
        while True:
            child.ready()
            request, answer = self._waiting.get()
            try:
                answer.set_result(child.ask(request, _language(request)))
            except Exception as error:
                answer.set_exception(error)


def _language(request: bytes) -> str:
    found = _LANGUAGE.search(request)
    return found[1].decode() if found else "en"
