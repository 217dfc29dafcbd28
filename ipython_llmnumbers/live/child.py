"""A process of its own that counts, as the Jupyter server and the terminal's toolbar use it.

What somebody types may hang or crash a library. So the process is killed when it is late, and another
one is started. It runs `python -m ipython_llmnumbers line`, see `line_process.py`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from ..messages import speaking, tell
from ..processes import NoAnswerError, end, exchange, start

if TYPE_CHECKING:
    import subprocess

MOST_REQUEST_BYTES = 1_000_000
LINE_S = 2.0
# The tokenizer and the prices are loaded at the start: half a second, and ten on a small busy machine.
_START_S = 30.0
_LONGEST_PAUSE_S = 60.0
_MOST_ANSWER_BYTES = 1_000_000
# Each kind of line once: its modules and tables take half a second, and on a small busy machine more than a
# line has. The first word is in no vocabulary: at such a one splintr makes its table of merges.
_KINDS = (
    "%llmcost zqxjkvbw",
    "%tokens x",
    "%gpufit qwen3-8b",
    "%gpufit qwen3-8b --speed",
    "%gpufit qwen3-8b --train lora",
)
_WARM = tuple(json.dumps({"text": kind}).encode() for kind in _KINDS)


class _CannotStartError(Exception):
    """There is no process, and none is tried again yet."""


class Child:
    """One such process: started when it is first needed, killed when it is late, and started again.

    Its methods block, so each child has a thread that waits for it; only `close` is for any thread.
    """

    def __init__(self, root: str | None = None) -> None:
        """`root` is the only folder that it opens a cell's paths in; None allows all."""
        self._root = root
        self._process: subprocess.Popen[bytes] | None = None
        self._n_failures, self._not_before, self._reason = 0, 0.0, ""
        self._is_closed = False
        atexit.register(self.close)

    def ready(self) -> None:
        """Have a process that has counted once, unless it cannot be started; the next line need not wait."""
        with contextlib.suppress(_CannotStartError):
            self._start()

    def ask(self, request: bytes, language: str) -> dict[str, Any]:
        """The process's answer to one JSON object: `{"lines": […]}` or `{"error": …}`.

        Where it has none, the line says why, in the language.
        """
        with speaking(language):
            if len(request) > MOST_REQUEST_BYTES:
                return _line(_too_long(), "info")
            try:
                return exchange(self._start(), request, LINE_S, _MOST_ANSWER_BYTES)
            except _CannotStartError:
                command = "python -m ipython_llmnumbers line"
                told = tell(
                    "the live line's process does not start ({reason}); to see why, run: {command}",
                    reason=self._reason,
                    command=command,
                )
                return _line(told, "error")
            except NoAnswerError as error:
                if error.is_late:
                    return _line(_too_long(), "info")
                return _line(tell("the process that counts this cell ended; run the cell"), "error")

    def close(self) -> None:
        """End the process, for good."""
        self._is_closed = True
        atexit.unregister(self.close)
        if self._process is not None:
            end(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        """The process that runs, or a new one; after a failure not before a pause, longer each time.

        Raises:
            _CannotStartError: there is none.
        """
        if self._process is not None and self._process.poll() is None:
            return self._process
        if self._process is not None:
            end(self._process)
        if self._is_closed or time.monotonic() < self._not_before:
            raise _CannotStartError
        try:
            root = [] if self._root is None else ["--root", self._root]
            package = __package__.partition(".")[0]
            self._process = start(package, "line", *root, cwd=self._root, own_group=True)
            for request in _WARM:
                exchange(self._process, request, _START_S, _MOST_ANSWER_BYTES)
        except (OSError, NoAnswerError) as error:
            self._reason = error.reason if isinstance(error, NoAnswerError) else error.strerror or ""
            self._n_failures += 1
            self._not_before = time.monotonic() + min(2.0**self._n_failures, _LONGEST_PAUSE_S)
            raise _CannotStartError from None
        self._n_failures = 0
        return self._process


def _line(text: str, level: str) -> dict[str, Any]:
    return {"lines": [{"parts": [text], "level": level}]}


def _too_long() -> str:
    return tell("too long to count while typing; run the cell")
