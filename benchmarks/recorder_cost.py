"""What recording costs a call: `python benchmarks/recorder_cost.py` (with httpx2).

The calls go to a transport in memory, so that nearly all that is measured is Python. The processor time is
the least of several rounds, with the recorder less that without it; the instructions are those of this
package's bytecode, which carry over to another machine: `tests/test_recorder_cost.py` holds them.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import FrameType
from typing import Any

import httpx2

import ipython_llmnumbers
from ipython_llmnumbers.usage.recording.switch import Switch

PACKAGE = str(Path(ipython_llmnumbers.__file__).parent)
URL = "https://api.openai.com/v1/chat/completions"
USAGE = b'"usage":{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150}'
PLAIN = b'{"id":"c","model":"gpt-4o","choices":[{"index":0,"message":{"content":"hi"}}],%s}' % USAGE
EVENT = b'data: {"id":"c","model":"gpt-4o","choices":[{"index":0,"delta":{"content":"to"}}],"usage":null}\n\n'
LAST = b'data: {"id":"c","model":"gpt-4o","choices":[],%s}\n\ndata: [DONE]\n\n' % USAGE
ROUNDS, CALLS = 7, 200


class Portions(httpx2.SyncByteStream):
    """A body that comes in these portions."""

    def __init__(self, portions: Sequence[bytes]) -> None:
        self.portions = portions

    def __iter__(self) -> Iterator[bytes]:
        yield from self.portions


def client(portions: Sequence[bytes], content_type: str) -> httpx2.Client:
    """A client that is answered so from memory."""
    headers = {"content-type": content_type}
    transport = httpx2.MockTransport(
        lambda _: httpx2.Response(200, headers=headers, stream=Portions(portions))
    )
    return httpx2.Client(transport=transport)


def plain() -> httpx2.Client:
    """A call whose answer is one JSON text."""
    return client([PLAIN], "application/json")


def streamed(n_events: int) -> httpx2.Client:
    """A call whose answer is a stream of so many pieces of text, each in a portion of its own."""
    return client([*([EVENT] * n_events), LAST], "text/event-stream")


def milliseconds(each: httpx2.Client) -> float:
    """Processor time of one call, the least of several rounds."""

    def round_() -> float:
        start = time.process_time()
        for _ in range(CALLS):
            each.post(URL, content=b"{}").read()
        return 1000 * (time.process_time() - start) / CALLS

    return min(round_() for _ in range(ROUNDS))


def added_milliseconds(each: httpx2.Client) -> float:
    """What the recorder adds to that."""
    without, switch = milliseconds(each), Switch()
    assert switch.on()
    try:
        return milliseconds(each) - without
    finally:
        switch.off()


def instructions(each: httpx2.Client) -> int:
    """The instructions of this package's bytecode in one recorded call, when all tables have been read."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if not frame.f_code.co_filename.startswith(PACKAGE):
            return None
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    switch, before = Switch(), sys.gettrace()  # coverage has one
    assert switch.on()
    try:
        each.post(URL, content=b"{}").read()
        # Python 3.12 tells a tracer of opcodes only if a frame has asked for them before it is set.
        sys._getframe().f_trace_opcodes = True
        sys.settrace(trace)
        each.post(URL, content=b"{}").read()
    finally:
        sys.settrace(before)
        switch.off()
    assert [call.state for call in switch.recording.calls] == ["complete", "complete"]
    return count


if __name__ == "__main__":
    for name, each in (("plain", plain()), ("stream of 10", streamed(10)), ("stream of 300", streamed(300))):
        print(f"{name:14} {added_milliseconds(each):6.3f} ms  {instructions(each):7,} instructions")
