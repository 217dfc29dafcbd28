"""Hand out tasks, add up what comes back, and end with what was counted, whatever happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import field
from typing import Any

from ..errors import FileError, LLMNumbersError
from ..files.places import shown_place
from ..messages import say
from ..records import dataclass
from .executors import Workers, read_answer
from .parts import Job, Task, request_of
from .pool import WorkerDiedError
from .state import State
from .tally import Tally

Watch = Callable[[int], Any]
"""Told the bytes of each task that is counted."""

_ATTEMPTS = 2
# Python ends a wait for an interrupt at once on Unix, and on Windows only between two waits.
_WAIT_S = 0.5
_KEEP_EVERY_S = 60.0
# So many failures with nothing counted are the executor's, and not the texts'.
_MOST_FAILURES = 3


@dataclass(slots=True)
class Outcome:
    """What was counted; `stopped` says why it is not all, and is empty where it is.

    `is_kept`: the same count can go on from here.
    """

    tally: Tally = field(default_factory=Tally)
    done: set[int] = field(default_factory=set)
    stopped: str = ""
    is_kept: bool = False


class Run:
    """One count: tasks that are to be done, those that are under way, and the outcome so far."""

    def __init__(
        self,
        job: Job,
        workers: Workers,
        outcome: Outcome,
        *,
        watch: Watch = lambda _: None,
        state: State | None = None,
        note: Callable[[Task, Tally], Any] = lambda _task, _tally: None,
    ) -> None:
        self._job, self._workers, self._outcome = job, workers, outcome
        self._watch, self._state, self._note = watch, state, note
        self._under_way: dict[Future[Any], Task] = {}
        self._attempts: dict[int, int] = {}
        self._kept_at = time.monotonic()
        self._n_failures = 0

    def count(self, tasks: Iterable[Task]) -> Outcome:
        """Count all tasks that are not done; an interrupt ends it with what was counted so far."""
        try:
            todo = iter(task for task in tasks if task.number not in self._outcome.done)
            while self._fill(todo):
                self._collect()
        except KeyboardInterrupt:
            self._outcome.stopped = say("stopped")
        except BrokenExecutor:
            self._outcome.stopped = say("the executor has lost its workers")
        finally:
            for future in self._under_way:
                future.cancel()
        self._keep_or_drop()
        return self._outcome

    def _fill(self, todo: Iterator[Task]) -> bool:
        """Hand out as many tasks as the workers take; whether any is under way."""
        while len(self._under_way) < self._workers.window:
            task = next(todo, None)
            if task is None:
                break
            self._submit(task)
        return bool(self._under_way)

    def _submit(self, task: Task) -> None:
        self._attempts[task.number] = self._attempts.get(task.number, 0) + 1
        future = self._workers.submit(request_of(self._job, task), task.size)
        self._under_way[future] = task

    def _collect(self) -> None:
        done, _ = wait(self._under_way, timeout=_WAIT_S, return_when=FIRST_COMPLETED)
        for future in done:
            task = self._under_way.pop(future)
            try:
                tally = Tally.from_json(read_answer(future.result()))
            except (BrokenExecutor, KeyboardInterrupt):
                raise
            except Exception as error:  # of the user's executor: whatever its workers raise
                self._again(task, error)
            else:
                self._add(task, tally)

    def _add(self, task: Task, tally: Tally) -> None:
        self._outcome.tally.merge(tally)
        self._outcome.done.add(task.number)
        self._attempts.pop(task.number, None)
        self._note(task, tally)
        self._watch(task.size)
        if time.monotonic() - self._kept_at > _KEEP_EVERY_S:
            self._keep()
            self._kept_at = time.monotonic()

    def _again(self, task: Task, error: Exception) -> None:
        """Hand out a task once more; the second failure is told with its place, and the rest goes on."""
        died = isinstance(error, WorkerDiedError)
        self._n_failures += 1
        if not self._outcome.done and self._n_failures > _MOST_FAILURES and not died:
            raise LLMNumbersError(
                "the executor's workers cannot count ({kind}: {reason}); they need this package as well",
                kind=type(error).__name__,
                reason=str(error).partition("\n")[0][:200],
            ) from None
        if self._attempts[task.number] < _ATTEMPTS:
            self._outcome.tally.remark(say("a worker was lost: its part was counted again"))
            self._submit(task)
            return
        reason = say("its process died twice") if died else type(error).__name__
        lost = Tally(size=task.size)
        for span in task.spans:
            lost.problems[shown_place(span.place)] = say(
                "{path}: bytes {start:,} to {end:,} not counted ({reason})",
                path=shown_place(span.place),
                start=span.start,
                end=span.end,
                reason=reason,
            )
        self._add(task, lost)

    def _keep_or_drop(self) -> None:
        if self._outcome.stopped:
            self._keep()
        elif self._state is not None:
            self._state.drop()

    def _keep(self) -> None:
        """Keep what is counted so far; where that fails, the count goes on without."""
        if self._state is None:
            return
        try:
            self._state.keep(self._outcome.done, self._outcome.tally)
            self._outcome.is_kept = True
        except FileError as error:
            self._state = None
            self._outcome.is_kept = False
            self._outcome.tally.remark(say("what is counted cannot be kept: {error}", error=str(error)))
