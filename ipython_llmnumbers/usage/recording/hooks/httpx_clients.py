"""httpx and httpx2: the clients of openai, anthropic, google-genai, mistralai, cohere, groq, litellm.

`_send_single_request` lies below an SDK's retries and the client's redirects, so that each attempt is seen.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any

from ..exchange import Exchange
from ..recorder import Request, begin, inside, model_in
from .replacing import Replacements

_SEND = "_send_single_request"
# Raised before anything is sent: no connection, or none of the pool's in time.
_UNSENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ProxyError")


def hook(replacements: Replacements, package: Any) -> None:
    """Put in the functions that read what the package's clients are answered."""
    stream, async_stream = _stream_classes(package)
    name = package.__name__
    replacements.put(package.Client, _SEND, lambda original: _sending(original, name, stream))
    replacements.put(
        package.AsyncClient, _SEND, lambda original: _sending_async(original, name, async_stream)
    )


def _is_unsent(error: BaseException) -> bool:
    return type(error).__name__ in _UNSENT


def _sending(send: Callable[..., Any], client: str, stream: Callable[..., Any]) -> Callable[..., Any]:
    def send_single_request(self: Any, request: Any) -> Any:
        __tracebackhide__ = True
        exchange = begin(client, _request, request)
        if exchange is None:
            return send(self, request)
        token = inside.set(True)
        try:
            response = send(self, request)
        except BaseException as error:
            exchange.failed(is_unsent=_is_unsent(error))
            raise
        finally:
            inside.reset(token)
        exchange.attach(_attach, response, stream)
        return response

    return send_single_request


def _sending_async(send: Callable[..., Any], client: str, stream: Callable[..., Any]) -> Callable[..., Any]:
    async def send_single_request(self: Any, request: Any) -> Any:
        __tracebackhide__ = True
        exchange = begin(client, _request, request)
        if exchange is None:
            return await send(self, request)
        token = inside.set(True)
        try:
            response = await send(self, request)
        except BaseException as error:
            exchange.failed(is_unsent=_is_unsent(error))
            raise
        finally:
            inside.reset(token)
        exchange.attach(_attach, response, stream)
        return response

    return send_single_request


def _request(request: Any) -> Request:
    return Request(request.method, str(request.url), lambda: _model(request), lambda: _body(request))


def _model(request: Any) -> str | None:
    for field in getattr(request.stream, "fields", ()):  # of a form with files, which is streamed
        if field.name == "model":
            return str(getattr(field, "value", ""))
    return model_in(_body(request))


def _body(request: Any) -> bytes | None:
    with suppress(RuntimeError):  # one that is streamed cannot be read again
        content: bytes = request.content
        return content
    return None


def _attach(exchange: Exchange, response: Any, stream: Callable[..., Any]) -> None:
    if response.is_closed:  # a transport that is no network has it all in memory
        exchange.answered(response.status_code, response.headers, is_decoded=True)
        exchange.saw(response.content)
        exchange.ended(is_whole=True)
        return
    exchange.answered(response.status_code, response.headers)
    response.stream = stream(response.stream, exchange)


def _stream_classes(package: Any) -> tuple[Callable[..., Any], Callable[..., Any]]:
    """Streams that show their bytes to an exchange as they pass, of the classes that the package asks for."""

    class Stream(package.SyncByteStream):  # type: ignore[misc]
        def __init__(self, inner: Any, exchange: Exchange) -> None:
            self._inner, self._exchange = inner, exchange

        def __iter__(self) -> Iterator[bytes]:
            __tracebackhide__ = True
            is_whole = False
            try:
                for data in self._inner:
                    self._exchange.saw(data)
                    yield data
                is_whole = True
            finally:  # what is left in the middle cannot be read on
                self._exchange.ended(is_whole=is_whole)

        def close(self) -> None:
            try:
                self._inner.close()
            finally:
                self._exchange.ended(is_whole=False)

    class AsyncStream(package.AsyncByteStream):  # type: ignore[misc]
        def __init__(self, inner: Any, exchange: Exchange) -> None:
            self._inner, self._exchange = inner, exchange

        async def __aiter__(self) -> AsyncIterator[bytes]:
            __tracebackhide__ = True
            is_whole = False
            try:
                async for data in self._inner:
                    self._exchange.saw(data)
                    yield data
                is_whole = True
            finally:
                self._exchange.ended(is_whole=is_whole)

        async def aclose(self) -> None:
            try:
                await self._inner.aclose()
            finally:
                self._exchange.ended(is_whole=False)

    return Stream, AsyncStream
