"""The calls of one cell: what is kept of each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import datetime
from decimal import Decimal
from typing import Literal, Protocol

from ...records import dataclass
from .sent_prompts import SentPrompts
from .tokens import Tokens

State = Literal[
    "complete", "cut", "silent", "uncounted", "unreadable", "declined",
    "refused", "unsent", "failed", "open", "lost",
]  # fmt: skip
"""How much is known of a call.

`complete`: its usage is whole. `cut`: it was left before its usage came; what is known of it is the least.
`silent`: the answer is whole and has no usage. `uncounted`: nothing here reads the answers of that address.
`declined`: the provider's own filter answered before anything was written, and it bills nothing.
`unreadable`: no bytes or counts that make sense. `refused`:
the provider answered with an error, and did nothing. `unsent`: no connection could be made. `failed`: no
answer came, or an error behind which the provider may have worked. `open`: it goes on, or did when the
recorder was turned off, and no answer had come. `lost`: the recorder made a mistake.
"""


@dataclass(frozen=True, slots=True)
class RecordedCall:
    """What is kept of one call: counts, names and times, and no text of the prompt, the answer or a header.

    `started` is in UTC. `duration_s` is from the sending to the end of the answer, `first_text_s` to its
    first piece of text, where it is streamed. `address` is the scheme and the machine. `host` sells the model
    where the address does not tell it. `operation` is what OpenTelemetry calls it. `is_stray` says that work
    which began before the cell made the call.
    `modes` are the answer's words for how it was made beside its tier, `tools` how often each of the
    provider's own was used, by the row of its table, and `server` is the server of one's own that the answer
    is of. `prompt` is the number of the prompt in the cell's source that was sent, ANOTHER or, where that is
    not known, None.
    """

    started: datetime
    duration_s: float
    first_text_s: float | None
    client: str
    address: str
    host: str
    operation: str
    status: int | None
    model: str | None
    tier: str | None
    tokens: Tokens | None
    billed_usd: Decimal | None
    state: State
    is_stray: bool
    modes: Mapping[str, str] = field(default_factory=dict)
    tools: Mapping[int, int] = field(default_factory=dict)
    server: str = ""
    prompt: int | None = None


class UnderWay(Protocol):
    """A call that goes on: an exchange, which knows the recording that it belongs to."""

    def ended(self, *, is_whole: bool, is_recorder_off: bool = False) -> None: ...

    def so_far(self) -> RecordedCall | None: ...


@dataclass(slots=True, eq=False)
class Recording:
    """The calls of one cell, in the order in which they ended. `name` is its number in the session.

    `n_faults` counts the mistakes of the recorder: what a call was, it may not have seen. `n_free` counts
    what was sent that costs nothing. `n_processes` are the processes that were started meanwhile: their calls
    it cannot see. `is_handed_over` says that a pool of processes was given work, which may have been there
    before. `n_of_earlier` are the calls meanwhile that belong to earlier cells, by tasks and threads of
    theirs. `prompts` are those of the cell's source. `when_late` is told of each call that ends; it is set
    when the cell has ended, and may be called in any thread.
    """

    name: str = ""
    calls: list[RecordedCall] = field(default_factory=list)
    n_faults: int = 0
    n_free: int = 0
    n_processes: int = 0
    is_handed_over: bool = False
    n_of_earlier: int = 0
    prompts: SentPrompts | None = None
    open: set[UnderWay] = field(default_factory=set)
    when_late: Callable[[], None] | None = None
    # A response that the collector closes may come here while its thread is here already.
    lock: threading.RLock = field(default_factory=threading.RLock)

    def close(self) -> None:
        """Take what is still open as it is."""
        for exchange in tuple(self.open):
            exchange.ended(is_whole=False, is_recorder_off=True)

    def calls_under_way(self) -> list[RecordedCall]:
        """What is known by now of those that go on."""
        found = (exchange.so_far() for exchange in tuple(self.open))
        return [call for call in found if call is not None]
