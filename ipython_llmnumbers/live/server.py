"""The Jupyter server's side of the live line: one request, one line, nothing kept.

The server answers and not the kernel, so that the line goes on while a cell runs. The
text is counted in memory; it is written to no log, no file and no error message.
"""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.ioloop import IOLoop
from traitlets import TraitError

from ..messages import LANGUAGES, speaking, tell
from .line import LiveLine, live_line, settings_with

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

PATH = "llmnumbers/line"
MAX_BODY_BYTES = 1_000_000
# A notebook of two hundred such cells asks for all of them when it opens; a person who
# types asks some thirty times a second.
REQUESTS_PER_S, BURST = 60, 400
# What a cell's first line may leave out, as the settings editor names it.
DEFAULTS = ("model", "currency", "rate", "language")
# Four, so that one GPU driver that does not answer leaves room for the other cells.
_THREADS = 4


class TokenBucket:
    """How many requests may still come: `burst` at once, `per_s` each second."""

    def __init__(self, per_s: float, burst: int) -> None:
        self._per_s, self._burst = per_s, burst
        self._left, self._at = float(burst), time.monotonic()

    def take(self) -> bool:
        now = time.monotonic()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_s)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class LineHandler(APIHandler):
    """`POST {"text": cell}`, with any of `DEFAULTS` beside it → `{"parts": […], "level": …}`.

    The answer is null where the cell begins with none of our magics.
    """

    auth_resource = "llmnumbers"

    def initialize(self, bucket: TokenBucket, threads: ThreadPoolExecutor) -> None:
        self._bucket, self._threads = bucket, threads

    @web.authenticated
    @authorized
    async def post(self) -> None:
        if not self._bucket.take():
            # Not an HTTPError: tornado would drop the header with it.
            self.set_status(429)
            self.set_header("Retry-After", "1")
            self.finish(json.dumps({"message": "too many live lines at once; ask again in a second"}))
            return
        text, defaults = _read(self.request.body)
        line = await IOLoop.current().run_in_executor(self._threads, _line, text, defaults)
        self.finish(json.dumps(asdict(line) if line else None))


def _read(body: bytes) -> tuple[str, dict[str, str]]:
    """The cell and the defaults of a request.

    Raises:
        HTTPError: 400 or 413, with what a client has to change; never with the text.
    """
    if len(body) > MAX_BODY_BYTES:
        raise web.HTTPError(413, f"the cell is longer than the {MAX_BODY_BYTES:,} bytes counted while typing")
    try:
        request = json.loads(body)
    except (ValueError, RecursionError) as error:
        position = f" at byte {error.pos}" if isinstance(error, json.JSONDecodeError) else ""
        raise web.HTTPError(400, f'not JSON{position}; send {{"text": "the cell"}}') from None
    if not isinstance(request, dict) or not isinstance(request.get("text"), str):
        raise web.HTTPError(400, 'no text; send {"text": "the cell"}')
    defaults = {name: request.get(name, "") for name in DEFAULTS}
    for name, word in defaults.items():
        if not isinstance(word, str):
            raise web.HTTPError(400, f'"{name}" must be a string, not {type(word).__name__}')
    return request["text"], defaults


def _line(text: str, defaults: dict[str, str]) -> LiveLine | None:
    try:
        settings = settings_with(**defaults)
    except TraitError as error:
        language = defaults.get("language", "")
        with speaking(language if language in LANGUAGES else "en"):
            return LiveLine((tell("the settings of the live line: {error}", error=error),), "error")
    return live_line(text, settings)


def load(app: ServerApp) -> None:
    """Add the handler to a Jupyter server, and count one word so that the first cell need not wait."""
    threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="llmnumbers-line")
    threads.submit(_line, "%%llmcost\nwarm", {})
    web_app: Any = app.web_app
    route = url_path_join(web_app.settings["base_url"], PATH)
    shared = {"bucket": TokenBucket(REQUESTS_PER_S, BURST), "threads": threads}
    web_app.add_handlers(".*$", [(route, LineHandler, shared)])


_load_jupyter_server_extension = load
