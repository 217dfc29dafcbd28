"""One request and its answer, as a client's hook sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from functools import wraps
from time import perf_counter
from typing import Any, Concatenate, ParamSpec, TypeVar

from ...catalog.api_usage import Route
from .answer import AnswerReader
from .encodings import Dechunked, UnreadableError
from .recording import RecordedCall, Recording, State
from .tokens import NonsenseError, Tokens

_P = ParamSpec("_P")
_T = TypeVar("_T")

# Errors behind which the provider, or one behind a gateway, may have made an answer all the same: a time that
# ran out, and what went wrong within (RFC 9110, 15.5.9 and 15.6; 499 is nginx's for a client that left, 52x
# Cloudflare's).
_MAY_BE_BILLED = frozenset({408, 499, 500, 502, 504, *range(520, 528)})


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
        body: Callable[[], bytes | None],
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
        self._asked, self._body = asked, body
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
    def asks(self, asked: Callable[[], str | None], body: Callable[[], bytes | None]) -> None:
        """The body is on its way: what finds the model that it names, "" of one that names none.

        A model that the address names stays the call's.
        """
        named = self._asked
        self._asked, self._body = lambda: named() or asked(), body

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
        if tokens is not None and reader.is_declined(tokens) and not self._route.host:
            self._over("declined", reader, tokens)
        elif tokens is None:
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
            prompt=self._prompt(),
            **self._about,
        )

    def _prompt(self) -> int | None:
        """Which prompt of the source was sent: not to know it is better than to lose the call."""
        try:
            prompts = self.recording.prompts
            return None if prompts is None else prompts.number_of(self._body())
        except Exception:
            self.recording.n_faults += 1
            return None

    def _leave(self, call: RecordedCall | None) -> None:
        with self.recording.lock:
            self.recording.open.discard(self)
            was_over, self._is_over = self._is_over, True
            is_new = call is not None and not was_over
            if call is not None and is_new:
                self.recording.calls.append(call)
        self._reader = None
        self._let_go()
        if is_new and self.recording.when_late is not None:
            self.recording.when_late()

    def _let_go(self) -> None:
        """Of the request's body."""
        self._asked, self._body = lambda: None, lambda: None

    @harmless
    def _lose(self) -> None:
        self._let_go()  # it may be what failed
        self._over("lost")
