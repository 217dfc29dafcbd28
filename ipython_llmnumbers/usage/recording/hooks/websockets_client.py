"""websockets: the realtime API, whose every response ends in an event with its usage.

One connection is many calls: a response is one, from `response.created` to `response.done`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from ....patterns import pattern
from ..exchange import Exchange
from ..recorder import Request, begin, quietly
from .replacing import Replacements

_CREATED, _DONE = b'"response.created"', b'"response.done"'
_MODEL = pattern(r"(?:^|&)(?:model|deployment)=([^&]+)")
# The response that each connection waits for: there is one at a time.
_waiting: WeakKeyDictionary[Any, Exchange] = WeakKeyDictionary()


def hook_async(replacements: Replacements, module: Any) -> None:
    """Put in the function that reads what an asynchronous connection receives."""
    replacements.forget.append(_waiting.clear)
    replacements.put(module.Connection, "recv", _receiving_async)


def hook_sync(replacements: Replacements, module: Any) -> None:
    """Put in the function that reads what a connection receives."""
    replacements.forget.append(_waiting.clear)
    replacements.put(module.Connection, "recv", _receiving)


def _receiving(receive: Callable[..., Any]) -> Callable[..., Any]:
    def recv(self: Any, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        message = receive(self, *arguments, **named)
        quietly(_saw, self, message)
        return message

    return recv


def _receiving_async(receive: Callable[..., Any]) -> Callable[..., Any]:
    async def recv(self: Any, *arguments: Any, **named: Any) -> Any:
        __tracebackhide__ = True
        message = await receive(self, *arguments, **named)
        quietly(_saw, self, message)
        return message

    return recv


def _saw(connection: Any, message: str | bytes) -> None:
    data = message.encode() if isinstance(message, str) else message
    if _CREATED in data[:200] or _DONE in data[:200]:
        if connection not in _waiting:
            exchange = begin("websockets", _request, connection)
            if exchange is None:
                return
            exchange.answered(200, {"content-type": "application/x-ndjson"})
            _waiting[connection] = exchange
        _waiting[connection].saw(data + b"\n")
        if _DONE in data[:200]:
            _waiting.pop(connection).ended(is_whole=True)


def _request(connection: Any) -> Request:
    uri = connection.protocol.uri  # a server's connection has none, and its usage is not one's own
    scheme = "https" if uri.secure else "http"
    port = "" if uri.port in (80, 443) else f":{uri.port}"
    model = _MODEL.search(uri.query or "")
    return Request("POST", f"{scheme}://{uri.host}{port}{uri.path}", lambda: model[1] if model else None)
