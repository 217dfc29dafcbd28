"""The Jupyter server's side of the live line: one request, one line, nothing kept.

The server answers and not the kernel, so that the line goes on while a cell runs. It hands the
request to a process of its own (`workers.py`) as it came: nothing of a cell is read, counted or
written down in the server itself.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web

from .child import MOST_REQUEST_BYTES
from .rate import TokenBucket
from .workers import Full, Workers

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

PATH = "llmnumbers/line"
# A notebook of two hundred such cells asks for all of them when it opens; a person who
# types asks some thirty times a second.
REQUESTS_PER_S, BURST = 60, 400


class LineHandler(APIHandler):
    """`POST {"text": cell}`, with what `line_process.py` takes beside it → `[{"parts": […], "level": …}, …]`.

    The list has a line for each magic of the cell, and is empty where it has none of ours.
    """

    auth_resource = "llmnumbers"

    def initialize(self, bucket: TokenBucket, workers: Workers) -> None:
        self._bucket, self._workers = bucket, workers

    @web.authenticated
    @authorized
    async def post(self) -> None:
        if not self._bucket.take():
            self._refuse()
            return
        if len(self.request.body) > MOST_REQUEST_BYTES:
            message = f"the cell is longer than the {MOST_REQUEST_BYTES:,} bytes counted while typing"
            raise web.HTTPError(413, message)
        try:
            answer = await self._workers.ask(self.request.body)
        except Full:
            self._refuse()
            return
        if "error" in answer:
            raise web.HTTPError(400, answer["error"])
        self.finish(json.dumps(answer["lines"]))

    def _refuse(self) -> None:
        # Not an HTTPError: tornado would drop the header with it.
        self.set_status(429)
        self.set_header("Retry-After", "1")
        self.finish(json.dumps({"message": "too many live lines at once; ask again in a second"}))


def load(app: ServerApp) -> None:
    """Add the handler to a Jupyter server, and start the processes so that the first cell need not wait."""
    web_app: Any = app.web_app
    route = url_path_join(web_app.settings["base_url"], PATH)
    shared = {"bucket": TokenBucket(REQUESTS_PER_S, BURST), "workers": Workers(app.root_dir)}
    web_app.add_handlers(".*$", [(route, LineHandler, shared)])


_load_jupyter_server_extension = load
