"""The calls of one cell: what is kept of each, and the exchange that is being read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import wraps
from time import perf_counter
from typing import Any, Concatenate, Literal, ParamSpec, TypeVar

from ...catalog.api_usage import Route
from .answer import AnswerReader
from .encodings import Dechunked, UnreadableError
from .tokens import NonsenseError, Tokens

_P = ParamSpec("_P")
_T = TypeVar("_T")
State = Literal[
    "complete", "cut", "silent", "uncounted", "unreadable", "refused", "unsent", "failed", "open", "lost"
]  # fmt: skip
"""How much is known of a call.

`complete`: its usage is whole. `cut`: it was left before its usage came; what is known of it is the least.
`silent`: the answer is whole and has no usage. `uncounted`: nothing here reads the answers of that address.
`unreadable`: no bytes or counts that make sense. `refused`:
the provider answered with an error, and did nothing. `unsent`: no connection could be made. `failed`: no
answer came, or an error behind which the provider may have worked. `open`: it goes on, or did when the
recorder was turned off, and no answer had come. `lost`: the recorder made a mistake.
"""

# Errors behind which the provider, or one behind a gateway, may have made an answer all the same: a time that
# ran out, and what went wrong within (RFC 9110, 15.5.9 and 15.6; 499 is nginx's for a client that left, 52x
# Cloudflare's).
_MAY_BE_BILLED = frozenset({408, 499, 500, 502, 504, *range(520, 528)})


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """What is kept of one call: counts, names and times, and no text of the prompt, the answer or a header.

    `started` is in UTC. `duration_s` is from the sending to the end of the answer, `first_text_s` to its
    first piece of text, where it is streamed. `address` is the scheme and the machine. `host` sells the model
    where the address does not tell it. `operation` is what OpenTelemetry calls it. `is_stray` says that work
    which began before the cell made the call.
    `modes` are the answer's words for how it was made beside its tier, `tools` how often each of the
    provider's own was used, by the row of its table, and `server` is the server of one's own that the answer
    is of.
    """

    started: datetime
    duration_s: float
    first_text_s: float | None
    client: str
    address: str
    host: str
    operation: str
    status: int | None
    model: str | None
    tier: str | None
    tokens: Tokens | None
    billed_usd: Decimal | None
    state: State
    is_stray: bool
    modes: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[int, int] = field(default_factory=dict)
    server: str = ""


@dataclass(slots=True, eq=False)
class Recording:
    """The calls of one cell, in the order in which they ended. `name` is its number in the session.

    `n_faults` counts the mistakes of the recorder: what a call was, it may not have seen. `n_free` counts
    what was sent that costs nothing. `n_processes` are the processes that were started meanwhile: their calls
    it cannot see. `is_handed_over` says that a pool of processes was given work, which may have been there
    before. `n_of_earlier` are the calls meanwhile that belong to earlier cells, by tasks and threads of
    theirs. `when_late` is told of each call that ends; it is set when the cell has ended, and may be called
    in any thread.
    """

    name: str = ""
    calls: list[RecordedCall] = field(default_factory=list)
    n_faults: int = 0
    n_free: int = 0
    n_processes: int = 0
    is_handed_over: bool = False
    n_of_earlier: int = 0
    open: set[Exchange] = field(default_factory=set)
    when_late: Callable[[], None] | None = None
    # A response that the collector closes may come here while its thread is here already.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def close(self) -> None:
        """Take what is still open as it is."""
        for exchange in tuple(self.open):
            exchange.ended(is_whole=False, is_recorder_off=True)

    def calls_under_way(self) -> list[RecordedCall]:
        """What is known by now of those that go on."""
        found = (exchange.so_far() for exchange in tuple(self.open))
        return [call for call in found if call is not None]


def harmless(
    method: Callable[Concatenate[Exchange, _P], _T],
) -> Callable[Concatenate[Exchange, _P], _T | None]:
    """A step of the recorder that the user's call waits for: whatever it raises, the call goes on."""

    @wraps(method)
    def guarded(exchange: Exchange, /, *arguments: _P.args, **named: _P.kwargs) -> _T | None:
        try:
            return method(exchange, *arguments, **named)
        except Exception:
            exchange.is_lost = True
            exchange.recording.n_faults += 1
            return None

    return guarded


class Exchange:
    """One request and its answer, as a client's hook sees it. No step raises."""

    def __init__(
        self,
        recording: Recording,
        route: Route,
        client: str,
        address: str,
        asked: Callable[[], str | None],
        *,
        is_stray: bool,
        is_provider: bool,
    ) -> None:
        self.recording = recording
        self._is_provider = is_provider
        self.is_lost = False
        self._about: dict[str, Any] = {
            "client": client,
            "address": address,
            "host": route.host,
            "operation": route.operation,
            "is_stray": is_stray,
        }
        self._route = route
        self._asked = asked
        self._status: int | None = None
        self._reader: AnswerReader | None = None
        self._is_unreadable = False
        self._dechunked: Dechunked | None = None
        self._left: int | None = None
        self._started = datetime.now(UTC)
        self._start = perf_counter()
        self._first_text_s: float | None = None
        self._is_over = False
        with recording.lock:
            recording.open.add(self)

    @harmless
    def asks(self, asked: Callable[[], str | None]) -> None:
        """The body is on its way: what finds the model that it names, "" of one that names none.

        A model that the address names stays the call's.
        """
        named = self._asked
        self._asked = lambda: named() or asked()

    @harmless
    def attach(self, step: Callable[..., None], *arguments: Any) -> None:
        """Let a hook put what shows the body's bytes in its place: `step(exchange, *arguments)`."""
        step(self, *arguments)

    @harmless
    def answered(
        self,
        status: int,
        headers: Mapping[str, str],
        *,
        is_decoded: bool = False,
        is_chunked: bool = False,
        length: int | None = None,
    ) -> None:
        """The head of the answer has come; `headers` are by their names in lower case.

        Args:
            status: of HTTP.
            headers: only the type, the encoding and a bill are read.
            is_decoded: the client undoes the compression before the hook sees the bytes.
            is_chunked: the hook sees the chunks of the wire.
            length: of the body in bytes, where the hook cannot see its end otherwise.
        """
        self._status = status
        if 300 <= status < 400:  # what it leads to is a call of its own
            self._leave(None)
            return
        if status >= 400:
            self._over("failed" if status in _MAY_BE_BILLED else "refused")
            return
        if not self._route.shapes:
            self._over("uncounted")
            return
        self._dechunked = Dechunked() if is_chunked else None
        self._left = length
        try:
            self._reader = AnswerReader(self._route, headers, is_decoded=is_decoded)
        except UnreadableError:
            self._is_unreadable = True

    @harmless
    def saw(self, data: bytes | bytearray | memoryview) -> None:
        """Bytes of the body pass; none at all are its end, where nothing else tells it."""
        if self._is_over or self.is_lost:
            return
        body = bytes(data)
        if self._left is not None:
            self._left -= len(body)
        has_end = self._dechunked is not None or self._left is not None
        is_end = self._left is not None and self._left <= 0
        if self._dechunked is not None:
            body, is_end = self._dechunked(body), self._dechunked.is_ended
        self._read(body)
        if is_end or not data:
            self._end(is_whole=is_end or not has_end)

    @harmless
    def failed(self, *, is_unsent: bool = False) -> None:
        """The client got no answer; `is_unsent` says that it had no connection to send anything by."""
        self._over("unsent" if is_unsent else "failed")

    def ended(self, *, is_whole: bool, is_recorder_off: bool = False) -> None:
        """No more bytes come: the body is at its end, or it was left."""
        if not self.is_lost:
            self._ended(is_whole=is_whole, is_recorder_off=is_recorder_off)
        if self.is_lost:
            self._lose()

    @harmless
    def _ended(self, *, is_whole: bool, is_recorder_off: bool) -> None:
        if is_recorder_off and self._status is None:
            self._over("open")
        else:
            self._end(is_whole=is_whole)

    def _read(self, body: bytes) -> None:
        if self._reader is None or self._is_unreadable or not body:
            return
        try:
            self._reader.feed(body)
        except UnreadableError:
            self._is_unreadable = True
        if self._first_text_s is None and self._reader.has_text:
            self._first_text_s = perf_counter() - self._start

    def _end(self, *, is_whole: bool) -> None:
        if self._is_over:
            return
        reader = self._reader
        if reader is None or self._is_unreadable:
            self._over("unreadable")
            return
        try:
            reader.end(is_whole=is_whole)
            tokens = reader.tokens()
        except (UnreadableError, NonsenseError):
            self._over("unreadable", reader)
            return
        if tokens is None and reader.tools and reader.has_last:  # billed by another unit alone
            tokens = Tokens(0, 0)
        if tokens is None:
            self._over("silent" if is_whole or reader.has_last else "cut", reader)
        else:
            self._over("complete" if reader.has_last else "cut", reader, tokens)

    @harmless
    def so_far(self) -> RecordedCall | None:
        """What is known of the call while it goes on; None of one that has ended, or may be no model's."""
        reader = self._reader
        tokens = None
        if reader is not None and not self._is_unreadable:
            with suppress(NonsenseError):
                tokens = reader.tokens()
        return None if self._is_over else self._described("open", reader, tokens)

    def _over(self, state: State, reader: AnswerReader | None = None, tokens: Tokens | None = None) -> None:
        if not self._is_over:
            self._leave(self._described(state, reader, tokens))

    def _described(
        self, state: State, reader: AnswerReader | None, tokens: Tokens | None
    ) -> RecordedCall | None:
        model = (reader.model if reader else None) or self._asked()
        # What names no model and counts nothing is no model's: others than providers have such addresses too.
        is_nothing = not model and tokens is None and (state == "silent" or model is not None)
        if is_nothing and not self._is_provider:
            return None
        modes = dict(reader.modes) if reader else {}
        return RecordedCall(
            started=self._started,
            duration_s=perf_counter() - self._start,
            first_text_s=self._first_text_s,
            status=self._status,
            model=model or None,
            tier=modes.pop("service_tier", None),
            tokens=tokens,
            billed_usd=reader.billed_usd if reader and state != "open" else None,
            state=state,
            modes=modes,
            tools=dict(reader.tools) if reader else {},
            server=reader.server if reader else "",
            **self._about,
        )

    def _leave(self, call: RecordedCall | None) -> None:
        with self.recording.lock:
            self.recording.open.discard(self)
            was_over, self._is_over = self._is_over, True
            is_new = call is not None and not was_over
            if call is not None and is_new:
                self.recording.calls.append(call)
        self._reader = None
        self._asked = lambda: None  # lets go of the request's body
        if is_new and self.recording.when_late is not None:
            self.recording.when_late()

    @harmless
    def _lose(self) -> None:
        self._asked = lambda: None  # may be what failed
        self._over("lost")
