"""The kernel's side of the live line: it tells the pages what its cells are estimated with.

The page keeps what it is told, so that its lines are those of this notebook while the kernel is busy.
What goes wrong with comms elsewhere made this one as it is:

- It is opened without telling anybody. A front end that has no part in it would close it for all
  others (jupyterlab/jupyterlab#6929); so pages listen to the messages, and need no comm of theirs.
- Only what has changed is sent, and so many bytes a second: a Jupyter server drops the outputs of a
  kernel that sends too much (jupyterlab/jupyterlab#8769). The messages are numbered, so that a page
  that has missed one asks for all.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .rate import TokenBucket
from .told import Notebook, Told

if TYPE_CHECKING:
    from ..magics.settings import LLMNumbers

# The comm's target, and its id: a kernel has one. The page knows both (`labextension/static/told.js`).
COMM = "ipython_llmnumbers"
# The server's limit is a million bytes a second, over three seconds, for everything that a cell shows.
BYTES_PER_S, BURST_BYTES = 200_000, 400_000


class Teller:
    """Tells the pages of one kernel, and answers one that asks."""

    def __init__(self, shell: Any, settings: LLMNumbers) -> None:
        from comm import create_comm, get_comm_manager

        self._notebook = Notebook(shell, settings, self._tell)
        self._bucket = TokenBucket(BYTES_PER_S, BURST_BYTES)
        self._told: Told | None = None
        self._number = 0
        # Not primary: no comm_open is sent.
        self._comm = create_comm(target_name=COMM, comm_id=COMM, primary=False)
        get_comm_manager().register_comm(self._comm)
        self._comm.on_msg(lambda _message: self._tell_all())

    def start(self) -> None:
        self._notebook.start()

    def stop(self) -> None:
        self._notebook.stop()
        self._comm.close()

    def _tell_all(self) -> None:
        self._told = None
        self._notebook.read()

    def _tell(self, told: Told) -> None:
        """Send what is new since the last message; all of it the first time."""
        if self._told == told:
            return
        before, now = self._told.variables if self._told else {}, told.variables
        new = {
            name: text if self._bucket.take(len(name) + len(text or "")) else None
            for name, text in now.items()
            if name not in before or before[name] != text
        }
        self._number += 1
        self._comm.send(
            {
                "number": self._number,
                "settings": dict(told.settings),
                "variables": new,
                "gone": [name for name in before if name not in now],
                "is_all": self._told is None,
            }
        )
        # What there was no room for is new once more next time.
        self._told = Told(told.settings, {**now, **new})


_TELLERS: dict[int, Teller] = {}


def load(shell: Any, settings: LLMNumbers) -> None:
    """Have a kernel tell its pages, if it has comms."""
    with suppress(ImportError):
        _TELLERS[id(shell)] = Teller(shell, settings)
        _TELLERS[id(shell)].start()


def unload(shell: Any) -> None:
    """Tell the pages that this was all."""
    teller = _TELLERS.pop(id(shell), None)
    if teller is not None:
        teller.stop()
