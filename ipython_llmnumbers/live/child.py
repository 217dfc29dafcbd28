"""A process of its own that counts, as the Jupyter server and the terminal's toolbar use it.

What somebody types may hang or crash a library, and a thread can be neither stopped nor left. A
process can: it is killed when it is late, and another one is started. It runs
`python -m ipython_llmnumbers line`, see `line_process.py`.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from threading import Timer
from typing import Any

from ..files.formats import parse_json
from ..messages import say, speaking, tell

MOST_REQUEST_BYTES = 1_000_000
# What a cell's first line may leave out, as the settings editor names it.
DEFAULTS = ("model", "currency", "rate", "language")
LINE_S = 2.0
# The tokenizer and the prices are loaded at the start: half a second, and ten on a small busy machine.
_START_S = 30.0
_LONGEST_PAUSE_S = 60.0
_MOST_ANSWER_BYTES = 1_000_000
_WARM = json.dumps({"text": "%%llmcost\nwarm"}).encode()


class _NoAnswerError(Exception):
    """The process gave no answer; it is gone."""

    def __init__(self, reason: str, *, is_late: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_late = reason, is_late


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
        """The process's answer to one JSON object: `{"line": …}` or `{"error": …}`.

        Where it has none, the line says why, in the language.
        """
        with speaking(language):
            if len(request) > MOST_REQUEST_BYTES:
                return _line(_too_long(), "info")
            try:
                return self._exchange(self._start(), request, LINE_S)
            except _CannotStartError:
                command = "python -m ipython_llmnumbers line"
                told = tell(
                    "the live line's process does not start ({reason}); to see why, run: {command}",
                    reason=self._reason,
                    command=command,
                )
                return _line(told, "error")
            except _NoAnswerError as error:
                if error.is_late:
                    return _line(_too_long(), "info")
                return _line(tell("the process that counts this cell ended; run the cell"), "error")

    def close(self) -> None:
        """End the process, for good."""
        self._is_closed = True
        atexit.unregister(self.close)
        if self._process is not None:
            _bury(self._process)

    def _start(self) -> subprocess.Popen[bytes]:
        """The process that runs, or a new one; after a failure not before a pause, longer each time.

        Raises:
            _CannotStartError: there is none.
        """
        if self._process is not None and self._process.poll() is None:
            return self._process
        if self._process is not None:
            _bury(self._process)
        if self._is_closed or time.monotonic() < self._not_before:
            raise _CannotStartError
        try:
            self._process = _popen(self._root)
            self._exchange(self._process, _WARM, _START_S)
        except (OSError, _NoAnswerError) as error:
            self._reason = error.reason if isinstance(error, _NoAnswerError) else error.strerror or ""
            self._n_failures += 1
            self._not_before = time.monotonic() + min(2.0**self._n_failures, _LONGEST_PAUSE_S)
            raise _CannotStartError from None
        self._n_failures = 0
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes, seconds: float) -> dict[str, Any]:
        """Write a line and read one. Both may block, so a clock kills the process.

        Raises:
            _NoAnswerError: it was killed, or has ended by itself.
        """
        assert process.stdin is not None
        assert process.stdout is not None
        end = time.monotonic() + seconds
        clock = Timer(seconds, _kill, [process])
        clock.daemon = True
        clock.start()
        try:
            # In JSON a line break stands between two marks only: a space says the same.
            process.stdin.write(request.replace(b"\n", b" ") + b"\n")
            process.stdin.flush()
            return dict(parse_json(process.stdout.readline(_MOST_ANSWER_BYTES)))
        except (OSError, ValueError):  # gone, no JSON, or closed by `close`
            is_late = time.monotonic() >= end
            code = _bury(process)
            reason = say("no answer within {n:.0f} s", n=seconds) if is_late else say("it ended: {n}", n=code)
            raise _NoAnswerError(reason, is_late=is_late) from None
        finally:
            clock.cancel()


def _line(text: str, level: str) -> dict[str, Any]:
    return {"line": {"parts": [text], "level": level}}


def _too_long() -> str:
    return tell("too long to count while typing; run the cell")


def _popen(root: str | None) -> subprocess.Popen[bytes]:
    # -P: a json.py in the folder that is served is not the standard library's.
    command = [sys.executable, "-P", "-m", __package__.partition(".")[0], "line"]
    return subprocess.Popen(
        [*command, *([] if root is None else ["--root", root])],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a library that crashes may quote the text
        cwd=root,
        env=_environment(),
        # A group of its own: Ctrl-C in the terminal is not meant for it, and what it starts ends with it.
        start_new_session=True,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def _environment() -> dict[str, str]:
    """This process's variables, with the way to this package where it is not installed for all."""
    folder, environment = Path(__file__).parents[2], dict(os.environ)
    # A folder of that name would come before the standard library, and may hold an old argparse.
    if folder.name not in ("site-packages", "dist-packages"):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return environment


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process, and those that it has started for a tokenizer.json."""
    if process.returncode is not None:  # its number may be another's by now
        return
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()


def _bury(process: subprocess.Popen[bytes]) -> int | None:
    """Kill what is left of a process, and close its pipes: its exit status."""
    _kill(process)
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    with contextlib.suppress(subprocess.TimeoutExpired):  # it hangs in the system, and ends later
        process.wait(1)
    return process.returncode
