"""Processes of this package's own, that answer a JSON line with another and are killed when they are late.

A library that hangs or crashes can be neither stopped nor left in a thread. The process that starts
one uses `start`, `exchange` and `end`; the one that is started uses `only_answers` and `limit_memory`.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time
from pathlib import Path
from threading import Timer
from typing import TYPE_CHECKING, Any, BinaryIO

from .files.formats import parse_json
from .messages import say

if TYPE_CHECKING:
    import subprocess


class NoAnswerError(Exception):
    """The process gave no answer, and is gone; `reason` says why."""

    def __init__(self, reason: str, *, is_late: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.is_late = reason, is_late


def start(
    module: str, *arguments: str, cwd: str | None = None, own_group: bool = False
) -> subprocess.Popen[bytes]:
    """Run a module of this package as `python -m` does, with its input and output as pipes.

    Args:
        module: its full name.
        arguments: what stands behind it.
        cwd: where it runs; None is here.
        own_group: Ctrl-C in the terminal is not meant for it, and what it starts ends with it.

    Raises:
        OSError: it cannot be started.
    """
    import subprocess

    return subprocess.Popen(
        # -P: a json.py in the folder where it runs is not the standard library's.
        [sys.executable, "-P", "-m", module, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a library that crashes may quote the text
        cwd=cwd,
        env=_environment(),
        start_new_session=own_group,
        creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
    )


def exchange(
    process: subprocess.Popen[bytes], request: bytes | None, seconds: float, most_bytes: int = -1
) -> dict[str, Any]:
    """Write a line and read one of `most_bytes`. Both may block, so a clock kills the process.

    Args:
        process: one of `start`.
        request: a text, an empty one too; None where the process speaks first.
        seconds: how long both may take.
        most_bytes: of the answer; -1 is any number.

    Raises:
        NoAnswerError: it was late, or has ended by itself.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    late_at = time.monotonic() + seconds
    clock = Timer(seconds, _kill, [process])
    clock.daemon = True
    clock.start()
    try:
        if request is not None:
            # In JSON a line break stands between two marks only: a space says the same.
            process.stdin.write(request.replace(b"\n", b" ") + b"\n")
            process.stdin.flush()
        return dict(parse_json(process.stdout.readline(most_bytes)))
    except (OSError, ValueError):  # gone, no JSON, or its pipes were closed meanwhile
        is_late = time.monotonic() >= late_at
        code = end(process)
        reason = say("no answer within {n:.0f} s", n=seconds) if is_late else say("it ended: {n}", n=code)
        raise NoAnswerError(reason, is_late=is_late) from None
    except BaseException:  # an interrupt: the answer that is still to come belongs to no question
        end(process)
        raise
    finally:
        clock.cancel()


def end(process: subprocess.Popen[bytes]) -> int | None:
    """Kill what is left of a process, and close its pipes: its exit status."""
    from subprocess import TimeoutExpired

    _kill(process)
    for pipe in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if pipe is not None:
                pipe.close()
    with contextlib.suppress(TimeoutExpired):  # it hangs in the system, and ends later
        process.wait(1)
    return process.returncode


def only_answers() -> BinaryIO:
    """This process's output for its answers alone: what a library prints goes where errors go."""
    answers = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(2, 1)
    return answers


def limit_memory(most_bytes: int) -> None:
    """Give this process, and each that it starts, so much memory at most. Windows has no such limit."""
    try:
        import resource
    except ImportError:
        return
    hard = resource.getrlimit(resource.RLIMIT_AS)[1]
    most = most_bytes if hard == resource.RLIM_INFINITY else min(hard, most_bytes)
    with contextlib.suppress(ValueError, OSError):  # macOS names the limit and does not set it
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


def _environment() -> dict[str, str]:
    """This process's variables, with the way to this package where it is not installed for all."""
    folder, environment = Path(__file__).parents[1], dict(os.environ)
    # A folder of that name would come before the standard library, and may hold an old argparse.
    if folder.name not in ("site-packages", "dist-packages"):
        environment["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return environment


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process, and in a group of its own those that it has started."""
    if process.returncode is not None:  # its number may be another's by now
        return
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg") and os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
