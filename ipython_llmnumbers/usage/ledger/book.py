"""What a session writes into its ledger, and how the ledger is read: from memory, or from a file."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import FileError
from ...records import dataclass
from .entries import Place, call_entry, estimate_entries, source_entries

if TYPE_CHECKING:
    from ...estimates.answer_lengths import RecordedAnswers
    from ...estimates.cost.details import CostEstimate
    from ...estimates.cost.notebook_details import CellEstimate
    from ...estimates.ledger.details import Ledger
    from ...estimates.ledger.entry import Entry
    from ..recording.recording import RecordedCall, Recording
    from .ledger_file import LedgerFile

# Each estimate is booked. What reads the book, or a call, is imported by those alone who do.


@dataclass(slots=True)
class _Run:
    """A recorded cell; `n_taken` of its calls are entries already. Its tasks may call after its end.

    What its source lets expect is booked with its first call: there is nothing beside it before.
    """

    recording: Recording
    estimate: CellEstimate | None
    place: Place
    n_taken: int = 0


class Book:
    """The ledger of a session. `path` is the file that keeps it; None keeps it in memory.

    What cannot be written waits in memory for the next try.

    Raises:
        FileError: from what adds to it or reads it; then what was added waits.
    """

    def __init__(self) -> None:
        self.path: Path | None = None
        self._session = os.urandom(4).hex()
        self._entries: list[Entry] = []
        self._waiting: list[Entry] = []
        self._runs: list[_Run] = []
        self._n_taken = 0

    def add_estimate(self, estimate: CostEstimate, cell: str) -> None:
        """Book an estimate, which that cell asked for."""
        self._keep(estimate_entries(estimate, Place(self._session, cell)))
        self._write()

    def add_run(self, recording: Recording, estimate: CellEstimate | None) -> None:
        """Book the calls of a recorded cell, those too that come later, and what its source lets expect."""
        self._runs.append(_Run(recording, estimate, Place(self._session, recording.name)))
        self.update()

    def ledger(self) -> Ledger:
        """All that is booked, in this session or in the file, and what is known of the calls that go on."""
        from .ledger import ledger

        self.update()
        file = self._file
        kept = self._entries if file is None else file.entries()
        return ledger([*kept, *self._under_way()], self.path)

    def take_calls(self) -> list[Entry]:
        """The calls of this session that have not been taken yet: each is handed on once."""
        self.update()
        calls = [entry for entry in self._entries[self._n_taken :] if entry.kind == "call"]
        self._n_taken = len(self._entries)
        return calls

    def update(self) -> None:
        """Book the calls that have ended since: a task of a cell may call after its end."""
        for run in self._runs:
            calls = run.recording.calls[run.n_taken :]
            if calls and not run.n_taken:
                self._keep(source_entries(run.estimate, run.place, self._template))
            for call in calls:
                self._keep([self._call(call, run)])
                run.n_taken += 1
        self._write()

    def answers(self, text: str) -> RecordedAnswers | None:
        """How long the recorded answers to a prompt were, whose messages have that text; None if none is."""
        if self.path is None and not self._runs:
            return None
        from .lengths import MOST_CALLS, recorded_answers

        template, file = self._template(text), self._file
        if file is not None:
            return recorded_answers(file.calls_of(template, MOST_CALLS))
        return recorded_answers(each for each in reversed(self._entries) if each.template == template)

    @property
    def _file(self) -> LedgerFile | None:
        if self.path is None:
            return None
        from .ledger_file import LedgerFile

        return LedgerFile(self.path)

    def _under_way(self) -> Iterator[Entry]:
        """Of each call that goes on what is known by now; it is booked when it ends."""
        for run in self._runs:
            yield from (self._call(call, run) for call in run.recording.calls_under_way())

    def _keep(self, entries: Iterable[Entry]) -> None:
        new = list(entries)
        self._entries += new
        self._waiting += new

    def _write(self) -> None:
        """Into the file, if there is one: all that waits, or nothing."""
        if self._waiting and (file := self._file) is not None:
            file.append(self._waiting)
            self._waiting.clear()

    def _call(self, call: RecordedCall, run: _Run) -> Entry:
        from ..call_cost import call_cost
        from .prompts_of_calls import prompt_of

        cost = call_cost(call)
        prompt = prompt_of(call, cost.details.listed_as, run.recording, run.estimate)
        return call_entry(cost, run.place, None if prompt is None else self._template(prompt))

    def _template(self, text: str) -> str:
        from .templates import template_hash

        return template_hash(text, self._key())

    def _key(self) -> bytes:
        """The key of templates; where the user's cannot be had, that of this session, which learns alone."""
        from .templates import session_key, user_key

        if self.path is None:
            return session_key()
        try:
            return user_key()
        except FileError:
            return session_key()
