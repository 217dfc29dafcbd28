"""Turn the recording on and off: the functions of the clients are replaced for just as long."""

from __future__ import annotations

from functools import partial

from . import owners, recorder
from .hooks import aiohttp_client, http_client, httpx_clients, pools, processes, threads, websockets_client
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
    "concurrent.futures.thread": pools.hook_thread_executors,
    "multiprocessing.pool": pools.hook_pools,
    "os": processes.hook_os,
    "subprocess": processes.hook_subprocess,
    "multiprocessing.process": processes.hook_multiprocessing,
    "concurrent.futures.process": pools.hook_process_executors,
    "loky.process_executor": pools.hook_process_executors,
    "joblib.externals.loky.process_executor": pools.hook_process_executors,
}


class Switch:
    """Reads the calls of cells from `on` to `off`. `recording` is that of the cell that runs, or ran last."""

    def __init__(self) -> None:
        self.recording = Recording()
        self._recordings: list[Recording] = []
        self._replacements = Replacements()
        self._late = LateImports(
            (module, partial(hook, self._replacements)) for module, hook in _HOOKS.items()
        )

    def on(self) -> bool:
        """Start; False where something else of this process is recorded."""
        if recorder.is_on():
            return False
        self._record()
        self._late.watch()
        return True

    def go_on(self) -> None:
        """Record another cell; what an earlier one started stays with that."""
        self.recording = Recording()
        self._record()

    def rest(self) -> None:
        """Record no cell for now, but what the earlier ones started."""
        recorder.rest()

    def goes_on(self, recording: Recording) -> bool:
        """Whether a call of that cell is under way, or may yet be made."""
        return bool(recording.open) or owners.is_at_work(recording)

    def off(self) -> list[str]:
        """Stop and restore; the names of functions that lie under those of somebody else, and stay.

        What is still open is taken as it is.
        """
        self._late.stop()
        recorder.switch_off()
        for recording in self._recordings:
            recording.close()
        self._recordings.clear()
        return self._replacements.take_out()

    def _record(self) -> None:
        self._recordings = [each for each in self._recordings if self.goes_on(each)]
        self._recordings.append(self.recording)
        recorder.switch_on(self.recording)

    @property
    def lacking(self) -> list[str]:
        """The functions that a client does not have in this version: its calls are not read."""
        return self._replacements.lacking
