"""Turn the recording on and off: the functions of the clients are replaced for just as long."""

from __future__ import annotations

from functools import partial

from . import recorder
from .hooks import aiohttp_client, http_client, httpx_clients, processes, threads, websockets_client
from .hooks.replacing import Hook, LateImports, Replacements
from .recording import Recording

_HOOKS: dict[str, Hook] = {
    "httpx": httpx_clients.hook,
    "httpx2": httpx_clients.hook,
    "http.client": http_client.hook,
    "aiohttp": aiohttp_client.hook,
    "websockets.asyncio.connection": websockets_client.hook_async,
    "websockets.sync.connection": websockets_client.hook_sync,
    "threading": threads.hook_threads,
    "concurrent.futures.thread": threads.hook_pools,
    "os": processes.hook_os,
    "subprocess": processes.hook_subprocess,
    "multiprocessing.process": processes.hook_multiprocessing,
}


class Switch:
    """Reads the calls of cells from `on` to `off`. `recording` is that of the cell that runs, or ran last."""

    def __init__(self) -> None:
        self.recording = Recording()
        self._replacements = Replacements()
        self._late = LateImports(
            (module, partial(hook, self._replacements)) for module, hook in _HOOKS.items()
        )

    def on(self) -> bool:
        """Start; False where something else of this process is recorded."""
        if recorder.active() is not None:
            return False
        recorder.switch_on(self.recording)
        self._late.watch()
        return True

    def go_on(self) -> None:
        """Record another cell; what an earlier one started stays with that."""
        self.recording = Recording()
        recorder.switch_on(self.recording)

    def off(self) -> list[str]:
        """Stop and restore; the names of functions that lie under those of somebody else, and stay."""
        self._late.stop()
        recorder.switch_off()
        return self._replacements.take_out()

    @property
    def lacking(self) -> list[str]:
        """The functions that a client does not have in this version: its calls are not read."""
        return self._replacements.lacking
