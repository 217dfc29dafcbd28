"""Servers that the tests ask: a real Jupyter server, and one on loopback that answers what a test wants."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple


class Server:
    """A running server on a free port of loopback, and the folder that it is in."""

    PING = "/"

    def __init__(self, root, command):
        """`command` gets the port behind it."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.root, self.url = root, f"http://127.0.0.1:{port}"
        self.log_path = root / "server.log"
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(
                [*command, f"--port={port}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=root
            )

    def wait(self):
        """Wait until it answers."""
        for _ in range(240):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}{self.PING}", timeout=2).close()
                return self
            except OSError:
                time.sleep(0.25)
        self.stop()
        raise RuntimeError(self.log())

    def log(self):
        return self.log_path.read_text(encoding="utf-8", errors="replace")

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            # It waits for a kernel that was still starting; kernels end with their parent.
            self.process.kill()
            self.process.wait(10)


class JupyterServer(Server):
    """A running Jupyter server and the folder that it serves; its token is `secret`."""

    PING = "/api/status?token=secret"
    MODULE = "jupyter_server"
    OPTIONS: tuple[str, ...] = ()

    def __init__(self, root, *arguments):
        command = [
            *(sys.executable, "-m", self.MODULE, "--allow-root", "--no-browser", "--ip=127.0.0.1"),
            *("--ServerApp.port_retries=0", "--IdentityProvider.token=secret"),
            *(f"--ServerApp.root_dir={root}", "--ServerApp.log_level=DEBUG"),
            *(*self.OPTIONS, *arguments),
        ]
        super().__init__(root, command)

    def line(self, body, token="secret"):
        """The status, the JSON and the headers of one request for a live line."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Authorization": f"token {token}"} if token else {}
        request = urllib.request.Request(f"{self.url}/llmnumbers/line", data, headers)
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                return response.status, json.load(response), response.headers
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error), error.headers


class Request(NamedTuple):
    """What a server was asked; `headers` finds a name in any case."""

    path: str
    headers: Message
    body: bytes


class Answer(NamedTuple):
    """What it says to that."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}


@contextmanager
def http_server(answer: Callable[[str], Answer]) -> Iterator[tuple[str, list[Request]]]:
    """A server on loopback that answers each path: its address, and the requests that came so far."""
    asked: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def handle_it(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            asked.append(Request(self.path, self.headers, body))
            said = answer(self.path)
            self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)

        do_GET = do_HEAD = do_POST = handle_it

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        # It looks for the end at each poll: the half second by default would be that of every test.
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}", asked
        finally:
            server.shutdown()
