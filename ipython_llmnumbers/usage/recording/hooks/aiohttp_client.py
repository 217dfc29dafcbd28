"""aiohttp: google-genai's asynchronous client, where it is installed; the bytes come without compression."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ..exchange import Exchange
from ..recorder import Request, begin, model_in
from .replacing import Replacements

# The readers whose bytes are seen, by their ids; a reader takes no attribute and no weak reference.
_seen: dict[int, tuple[Any, Exchange]] = {}


def hook(replacements: Replacements, package: Any) -> None:
    """Put in the functions that read what a session is answered."""
    replacements.forget.append(_seen.clear)
    error = package.ClientConnectorError
    replacements.put(package.ClientSession, "_request", lambda original: _requesting(original, error))
    replacements.put(package.streams.StreamReader, "feed_data", _feeding)
    replacements.put(
        package.streams.StreamReader, "feed_eof", lambda original: _ending(original, is_whole=True)
    )
    replacements.put(
        package.streams.StreamReader, "set_exception", lambda original: _ending(original, is_whole=False)
    )


def _requesting(request: Callable[..., Any], connector_error: type[Exception]) -> Callable[..., Any]:
    async def requesting(self: Any, method: str, url: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        exchange = begin("aiohttp", _asked, self, method, url, named)
        if exchange is None:
            return await request(self, method, url, **named)
        try:
            response = await request(self, method, url, **named)
        except BaseException as error:
            exchange.failed(is_unsent=isinstance(error, connector_error))
            raise
        exchange.attach(_attach, self, response, named)
        return response

    return requesting


def _feeding(feed: Callable[..., Any]) -> Callable[..., Any]:
    def feed_data(self: Any, data: Any, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        if _seen and id(self) in _seen:
            _seen[id(self)][1].saw(data)
        return feed(self, data, *arguments, **named)

    return feed_data


def _ending(end: Callable[..., Any], *, is_whole: bool) -> Callable[..., Any]:
    def ending(self: Any, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        if _seen and id(self) in _seen:
            _seen.pop(id(self))[1].ended(is_whole=is_whole)
        return end(self, *arguments, **named)

    return ending


def _asked(session: Any, method: str, url: Any, named: dict[str, Any]) -> Request:
    return Request(method, str(session._build_url(url)), lambda: _model(named), lambda: _body(named))


def _model(named: dict[str, Any]) -> str | None:
    asked = named.get("json")
    if isinstance(asked, dict):
        return str(asked.get("model") or "")
    return model_in(_body(named))


def _body(named: dict[str, Any]) -> bytes | None:
    data = named.get("data")
    if named.get("json") is not None:
        data = json.dumps(named["json"])
    if isinstance(data, str):
        return data.encode()
    return data if isinstance(data, bytes) else None


def _attach(exchange: Exchange, session: Any, response: Any, named: dict[str, Any]) -> None:
    is_decoded = named.get("auto_decompress")
    is_decoded = session.auto_decompress if is_decoded is None else is_decoded
    headers = {name.casefold(): value for name, value in response.headers.items()}
    exchange.answered(response.status, headers, is_decoded=is_decoded)
    content = response.content
    for data in tuple(getattr(content, "_buffer", ())):  # what came with the head of the answer
        exchange.saw(data)
    if content.is_eof():
        exchange.ended(is_whole=True)
    else:
        _seen[id(content)] = (content, exchange)
