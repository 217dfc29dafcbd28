"""A real Jupyter server in a process of its own."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request


class JupyterServer:
    """A running server and the folder that it serves; its token is `secret`."""

    MODULE = "jupyter_server"
    OPTIONS: tuple[str, ...] = ()

    def __init__(self, root, *arguments):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.root, self.url = root, f"http://127.0.0.1:{port}"
        self.log_path = root / "server.log"
        command = [
            *(sys.executable, "-m", self.MODULE, "--allow-root", "--no-browser", "--ip=127.0.0.1"),
            *(f"--port={port}", "--ServerApp.port_retries=0", "--IdentityProvider.token=secret"),
            *(f"--ServerApp.root_dir={root}", "--ServerApp.log_level=DEBUG"),
            *(*self.OPTIONS, *arguments),
        ]
        with self.log_path.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=root)

    def wait(self):
        """Wait until it answers."""
        for _ in range(240):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/api/status?token=secret", timeout=2).close()
                return self
            except OSError:
                time.sleep(0.25)
        self.stop()
        raise RuntimeError(self.log_path.read_text())

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            # It waits for a kernel that was still starting; kernels end with their parent.
            self.process.kill()
            self.process.wait(10)
