"""http.client: the standard library's openers, requests, urllib3 and botocore are all built on it.

The hook sits on `response.fp`, below the client's own reader, and so sees the chunks of the wire.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ..exchange import Exchange
from ..recorder import Request, begin, model_in, quietly
from .replacing import Replacements

# The exchange that a connection waits for, and what of its body was sent.
_asked: WeakKeyDictionary[Any, tuple[Exchange, list[bytes]]] = WeakKeyDictionary()


def hook(replacements: Replacements, module: Any) -> None:
    """Put in the functions that read what a connection is answered."""
    replacements.forget.append(_asked.clear)
    replacements.put(module.HTTPConnection, "putrequest", _asking)
    replacements.put(module.HTTPConnection, "send", _sending)
    replacements.put(module.HTTPConnection, "getresponse", _answering)


def _asking(put: Callable[..., Any]) -> Callable[..., Any]:
    def putrequest(self: Any, method: str, url: str, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        exchange = begin("http.client", _request, self, method, url)
        if exchange is not None:
            exchange.attach(_remember, self)
        return put(self, method, url, *arguments, **named)

    return putrequest


def _sending(send: Callable[..., Any]) -> Callable[..., Any]:
    """The connection is made with the first bytes; the body follows the headers."""

    def sending(self: Any, data: Any, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        if _asked:
            quietly(_sees, self, data)
        try:
            return send(self, data, *arguments, **named)
        except BaseException:
            exchange = quietly(_take, self) if _asked else None
            if exchange is not None:
                exchange.failed(is_unsent=self.sock is None)
            raise

    return sending


def _answering(get: Callable[..., Any]) -> Callable[..., Any]:
    def getresponse(self: Any, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        exchange = quietly(_take, self) if _asked else None
        try:
            response = get(self, *arguments, **named)
        except BaseException:
            if exchange is not None:
                exchange.failed()
            raise
        if exchange is not None:
            exchange.attach(_attach, response)
        return response

    return getresponse


def _request(connection: Any, method: str, url: str) -> Request:
    if "://" not in url:
        scheme = "https" if connection.default_port == 443 else "http"
        machine = getattr(connection, "_tunnel_host", None) or connection.host
        port = "" if connection.port in (80, 443, None) else f":{connection.port}"
        url = f"{scheme}://{machine}{port}{url}"
    return Request(method, url)


def _take(connection: Any) -> Exchange | None:
    exchange, _ = _asked.pop(connection, (None, None))
    return exchange


def _remember(exchange: Exchange, connection: Any) -> None:
    previous = _take(connection)
    if previous is not None:
        previous.failed()
    sent: list[bytes] = []
    exchange.asks(lambda: model_in(b"".join(sent)) if sent else None, lambda: b"".join(sent))
    _asked[connection] = exchange, sent


def _sees(connection: Any, data: Any) -> None:
    """The headers come first; what follows them is the body, in one piece or in several."""
    _, sent = _asked.get(connection, (None, None))
    if sent is not None and isinstance(data, bytes) and not data.startswith(b"POST "):
        sent.append(data)


def _attach(exchange: Exchange, response: Any) -> None:
    headers = {name.casefold(): value for name, value in response.getheaders()}
    exchange.answered(
        response.status,
        headers,
        is_chunked=bool(response.chunked),
        length=None if response.chunked else response.length,
    )
    if response.fp is None or response.length == 0:
        exchange.ended(is_whole=True)
    else:
        response.fp = _SeenFile(response.fp, exchange)


class _SeenFile:
    """A response's file that shows its bytes to an exchange as they are read."""

    def __init__(self, file: Any, exchange: Exchange) -> None:
        self._file, self._exchange = file, exchange

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def read(self, *size: Any) -> bytes:
        data: bytes = self._file.read(*size)
        return self._shown(data, size)

    def read1(self, *size: Any) -> bytes:
        data: bytes = self._file.read1(*size)
        return self._shown(data, size)

    def readline(self, *size: Any) -> bytes:
        data: bytes = self._file.readline(*size)
        return self._shown(data, size)

    def readinto(self, buffer: Any) -> int:
        n: int = self._file.readinto(buffer)
        self._exchange.saw(memoryview(buffer)[:n])
        return n

    def close(self) -> None:
        try:
            self._file.close()
        finally:
            self._exchange.ended(is_whole=False)

    def _shown(self, data: bytes, size: tuple[Any, ...]) -> bytes:
        if size != (0,):  # nothing was asked for, so that nothing is no end
            self._exchange.saw(data)
        return data
