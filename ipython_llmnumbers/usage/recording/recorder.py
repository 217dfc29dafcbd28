"""Start and stop reading the calls of a cell: one recorder for each process."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar

from ...catalog.api_clients import provider_host
from ...catalog.api_usage import Route, is_free, route_of, uncounted_route
from ...catalog.names import MOST_NAME_CHARS
from ...catalog.sellers import host_named
from ...files.formats import FormatError, parse_json
from ...patterns import pattern
from ...records import dataclass
from . import owners
from .exchange import Exchange
from .recording import Recording

_T = TypeVar("_T")
_URL = pattern(r"(?P<scheme>https?)://(?:[^/?#@]*@)?(?P<machine>[^/?#]*)(?P<path>[^?#]*)", re.IGNORECASE)
_ESCAPED = pattern(r"%([0-9A-Fa-f]{2})")
# A longer body has files in it; a quotation mark within a text has a backslash before it.
_MOST_PARSED_BYTES = 1_000_000
_MODEL_OF_BODY = pattern(
    rb'(?<!\\)"model"\s*:\s*"([^"\\]{1,256})"|name="model"(?:\r\n[^\r\n]+)*\r\n\r\n([^\r\n]{1,256})'
)
# Of the cell that runs, or ran last; None where nothing is recorded.
_latest: Recording | None = None
_is_at_rest = False
# A call that one client makes through another counts once: litellm's is httpx over aiohttp.
inside: ContextVar[bool] = ContextVar("llmnumbers_inside", default=False)


@dataclass(frozen=True, slots=True)
class Request:
    """What a client is about to send. `model` finds what the body asks for, where no answer names it.

    It is "" where the body names none, and None where it cannot be read; so is the `body` itself.
    """

    method: str
    url: str
    model: Callable[[], str | None] = lambda: None
    body: Callable[[], bytes | None] = lambda: None


def active() -> Recording | None:
    """The recording of the cell that runs now; None between cells that are recorded."""
    return None if _is_at_rest else _latest


def is_on() -> bool:
    """Whether the clients' hooks are in their places, for this cell or for what an earlier one started."""
    return _latest is not None


def switch_on(recording: Recording) -> None:
    """Book from here on what the clients' hooks see; what runs in this context belongs to the recording."""
    global _latest, _is_at_rest
    _latest, _is_at_rest = recording, False
    owners.own(recording)


def rest() -> None:
    """Book from here on only what recorded cells have started."""
    global _is_at_rest
    _is_at_rest = True
    owners.own(None)


def switch_off() -> None:
    """Book nothing more."""
    global _latest, _is_at_rest
    _latest, _is_at_rest = None, False
    owners.own(None)


def quietly(step: Callable[..., _T], *arguments: Any) -> _T | None:
    """Take a step beside a call of the user's: whatever it raises, the call goes on."""
    try:
        return step(*arguments)
    except Exception:
        if _latest is not None:
            _latest.n_faults += 1
        return None


def begin(client: str, read: Callable[..., Request], *arguments: Any) -> Exchange | None:
    """The exchange of a request that a model may answer; None of any other, and where nothing is recorded.

    `read` makes the request of what the hook has. Nothing here raises.
    """
    return quietly(_begin, client, read, arguments) if _latest is not None else None


def _begin(client: str, read: Callable[..., Request], arguments: tuple[Any, ...]) -> Exchange | None:
    found, running = owners.owner(), active()
    recording = found or running
    if inside.get() or recording is None:
        return None
    request = read(*arguments)
    if request.method.upper() != "POST":
        return None
    url = _URL.match(request.url)
    if url is None:
        return None
    machine, path = url["machine"].lower(), url["path"]
    seller = provider_host(machine)
    is_provider = seller is not None and not host_named(seller).is_local
    if is_free(machine, path):
        recording.n_free += is_provider
        return None
    # What no table has may be billed by a provider all the same.
    route = route_of(path) or (uncounted_route(path) if is_provider else None)
    if route is None:
        return None
    if running is not None:
        running.n_of_earlier += recording is not running
    return Exchange(
        recording,
        route,
        client,
        f"{url['scheme'].lower()}://{machine}",
        _model_asked(route, path, request),
        request.body,
        is_stray=found is None,
        is_provider=is_provider,
    )


def _model_asked(route: Route, path: str, request: Request) -> Callable[[], str | None]:
    """What finds the model that the path names, or else the body."""
    if route.model is None or not (found := route.model.search(path)):
        return request.model
    named = _ESCAPED.sub(lambda code: chr(int(code[1], 16)), found[1])[:MOST_NAME_CHARS]
    return lambda: named


def model_in(body: bytes | None) -> str | None:
    r"""The model that a request's body names, of JSON or of a form; "" where it names none, None without one.

    >>> model_in(rb'{"messages": [{"content": "\"model\": \"no\""}], "model": "gpt-4o"}')
    'gpt-4o'
    >>> model_in(b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n--x--')
    'whisper-1'
    """
    if body is None:
        return None
    if len(body) <= _MOST_PARSED_BYTES and body[:1] == b"{":
        with suppress(FormatError):
            asked = parse_json(body).get("model")
            return asked[:MOST_NAME_CHARS] if isinstance(asked, str) else ""
    found = _MODEL_OF_BODY.search(body)
    return (found[1] or found[2]).decode(errors="replace") if found else ""
