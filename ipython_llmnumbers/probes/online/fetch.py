"""Ask a server, within a total time and a size, without a secret in anything that is said of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import urlsplit

from ...messages import say
from ...records import dataclass

_T = TypeVar("_T")
_PIECE_BYTES = 1 << 16


class FetchError(Exception):
    """No answer that can be used; `reason` says why, and holds neither an address nor a library's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered: the HTTP status, and the body, unpacked."""

    status: int
    body: bytes


def fetch(
    url: str,
    *,
    seconds: float,
    most_bytes: int,
    headers: Mapping[str, str] | None = None,
    post: Any = None,
    follow_redirects: bool = False,
) -> Answer:
    """The answer to a GET, or to a POST of an object as JSON.

    Args:
        url: http or https; the system's proxies are used.
        seconds: for all of it: name, connection, headers and body.
        most_bytes: of the body, counted as it is unpacked.
        headers: where there is a key among them, no redirect is followed.
        post: what to send; None sends nothing.
        follow_redirects: to http and https, five times at most.

    Raises:
        FetchError: no answer in time, one that is too large, or no connection.
    """
    import httpx2

    end = time.monotonic() + seconds

    def ask() -> Answer:
        try:
            with (
                httpx2.Client(timeout=seconds, follow_redirects=follow_redirects, max_redirects=5) as client,
                client.stream(
                    "GET" if post is None else "POST",
                    url,
                    # Of the encodings that may be installed here, the one whose pieces stay small.
                    headers={"accept-encoding": "gzip", **(headers or {})},
                    json=post,
                ) as response,
            ):
                body = bytearray()
                for piece in response.iter_bytes(_PIECE_BYTES):
                    body += piece
                    if len(body) > most_bytes:
                        raise FetchError(say("more than the {n:,} bytes that are read", n=most_bytes))
                    if time.monotonic() > end:
                        raise _late(seconds)
                return Answer(response.status_code, bytes(body))
        except httpx2.TimeoutException:
            raise _late(seconds) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, ValueError) as error:
            raise FetchError(type(error).__name__) from None

    return within(seconds, ask)


def within(seconds: float, ask: Callable[[], _T]) -> _T:
    """What `ask` returns or raises, if it does so in time.

    A library's own timeout counts between two bytes. So the question waits in a thread that is left
    behind when the time is over, or when the user interrupts; it ends with the process.

    Raises:
        FetchError: it took longer.
    """
    answers: list[_T] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True, name="llmnumbers-online")
    thread.start()
    thread.join(seconds)
    if errors:
        raise errors[0]
    if not answers:
        raise _late(seconds)
    return answers[0]


def shown_url(url: str) -> str:
    """An address without what may be secret in it: the user, the password, the query and the fragment.

    >>> shown_url("https://user:password@example.org:8080/prices.json?key=1#2")
    'https://example.org:8080/prices.json'
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return "URL"
    if not host:
        return "URL"
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{parts.path}"


def _late(seconds: float) -> FetchError:
    return FetchError(say("no answer within {n:.0f} s", n=seconds))
