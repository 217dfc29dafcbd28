"""Record what the cells of a shell call, and show it below each: the one that runs, or all that follow.

What a cell started may call when the cell has ended. So its record stays open for as long as something of
it goes on, and what is shown of it is brought up to date.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import LLMNumbersError, net
from ...messages import speaking, tell
from ...records import dataclass
from ..flags import as_flag
from .expected import sent_prompts, source_estimate
from .ledger import keep

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from ...estimates.cost.notebook_details import CellEstimate
    from ...estimates.cost.usage_details import CellRun
    from ...usage.recording.recording import Recording
    from ...usage.recording.switch import Switch
    from ..session import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a recorded cell is estimated and shown: by a model, in a language, with answers of a length.

    `show` returns what can bring the display up to date; None where nothing is shown.
    """

    model: Callable[[], str]
    language: Callable[[], str]
    show: Callable[[CellRun], DisplayHandle | None]
    output_tokens: int | tuple[int, int] | None = None


@dataclass(slots=True)
class _Ended:
    """A cell that has ended, and how many of its calls are told."""

    recording: Recording
    estimate: CellEstimate | None
    wanted: Wanted
    n_told: int
    shown: DisplayHandle | None = None

    @property
    def is_told(self) -> bool:
        return self.n_told == len(self.recording.calls)


class RecordedCells:
    """The recorded cells of a session. What runs inside a cell (`get_ipython().run_cell`, `%run`) is a part
    of it.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._shell = session, session.shell
        self._switch: Switch | None = None
        self._of_all: Wanted | None = None
        # How the cell that is recorded now is shown, and IPython's account of it.
        self._wanted: Wanted | None = None
        self._cell: Any = None
        self._is_silent, self._depth = False, 0
        self._ended: list[_Ended] = []
        self._callbacks: dict[str, Callable[..., None]] = {
            "pre_run_cell": self._before,
            "post_run_cell": self._after,
            "pre_execute": self._before_any,
            "post_execute": self._after_any,
        }

    def record(self, wanted: Wanted) -> str:
        """Record the cell that runs; else why that cannot be, and it runs all the same."""
        if self._wanted is not None and self._of_all is None:
            return tell("this cell is being recorded already")
        if self._wanted is None and (problem := self._begin()):
            return problem
        self._wanted = wanted
        return ""

    def watch(self, wanted: Wanted) -> str:
        """Record the cell that runs, and all that follow; else why that cannot be."""
        if self._wanted is None and (problem := self._begin()):
            return problem
        self._of_all = wanted
        self._wanted = self._wanted or wanted
        return ""

    def watch_no_more(self) -> None:
        """Show what the cell that runs has cost so far, and record none that follows."""
        if self._of_all is None:
            return
        self._of_all = None
        if self._cell is not None:
            self.end(self._cell.raw_cell, None)
        elif self._switch is not None:
            self._wanted = None
            self._switch.rest()
        self._look()

    def stop(self) -> None:
        """Show what the cell that runs has cost so far, if one does, and restore everything."""
        if self._cell is not None:
            self.end(self._cell.raw_cell, None)
        self._of_all = self._wanted = self._cell = None
        self._restore()
        self._tell()  # what was open is taken as it is
        self._ended.clear()

    def end(self, source: str, number: int | None) -> None:
        """The cell has ended: show what it cost. `source` is the cell as it was written."""
        wanted, switch = self._wanted, self._switch
        if wanted is None or switch is None:
            return
        recording = switch.recording
        recording.name = self._session.cell if number is None else str(number)
        # Of an earlier cell may be what this one only read to its end.
        late = sum(len(each.recording.calls) - each.n_told for each in self._ended)
        recording.n_of_earlier = max(recording.n_of_earlier, late)
        self._wanted = self._cell = None
        if self._of_all is None:
            switch.rest()
        recording.when_late = _later(self._look)
        self._guarded(wanted, lambda: self._show(recording, source, wanted, switch.lacking))
        self._look()

    def _begin(self) -> str:
        """Put the clients' hooks in, where they are not yet, and record; else why that cannot be."""
        self._cell = getattr(self._session.running_result, "info", None)
        self._is_silent, self._depth = getattr(self._cell, "silent", False), 0
        if self._switch is not None:
            self._go_on()
            return ""
        from ...usage.recording.switch import Switch

        switch = Switch()
        try:
            if not switch.on():
                return tell("another cell is being recorded, so this one is not")
        except Exception as error:  # whatever it is, the cell is the user's
            switch.off()
            return tell("the recorder does not start, so this cell is not recorded: {error}", error=error)
        self._switch = switch
        switch.recording.prompts = sent_prompts(self._shell, self._cell)
        for event, callback in self._callbacks.items():
            self._shell.events.register(event, callback)
        return ""

    def _go_on(self) -> None:
        if self._switch is not None:
            self._switch.go_on()
            self._switch.recording.prompts = sent_prompts(self._shell, self._cell)

    def _restore(self) -> None:
        """Take the hooks out; a line names each function of ours that stays, under somebody else's."""
        switch, self._switch = self._switch, None
        if switch is None:
            return
        for event, callback in self._callbacks.items():
            self._shell.events.unregister(event, callback)
        for name in switch.off():
            text = tell(
                "{name} lies under somebody else's function and stays; it records nothing more", name=name
            )
            print("llmnumbers:", text)

    def _before(self, info: Any) -> None:
        if self._wanted is None and self._of_all is None:
            self._restore_if_over()
        elif self._wanted is None and self._switch is not None:
            self._wanted = self._of_all
            self._cell = info
            self._go_on()
        elif self._cell is None:
            self._cell = info

    def _after(self, result: Any) -> None:
        if self._wanted is None:
            self._look()
        # Not of a cell within it, nor of an empty one, which IPython says only the end of.
        elif self._cell is not None and getattr(result, "info", None) is self._cell:
            self.end(result.info.raw_cell or "", getattr(result, "execution_count", None))

    def _before_any(self) -> None:
        self._depth += 1

    def _after_any(self) -> None:
        """Of a silent cell, as those of a file are, IPython tells only that it ends."""
        self._depth -= 1
        if self._is_silent and self._depth < 0 and self._cell is not None:
            self.end(self._cell.raw_cell or "", None)

    def _look(self) -> None:
        """Tell what has ended since, and restore the clients once nothing of any cell goes on."""
        self._tell()
        self._restore_if_over()

    def _restore_if_over(self) -> None:
        switch = self._switch
        if switch is None:
            return
        self._ended = [each for each in self._ended if not each.is_told or switch.goes_on(each.recording)]
        if not self._ended and self._of_all is None and self._wanted is None:
            self._restore()

    def _show(self, recording: Recording, source: str, wanted: Wanted, lacking: list[str]) -> None:
        from ...usage.cell_run import cell_run

        estimate = source_estimate(self._session, source, wanted.model, wanted.output_tokens)
        ended = _Ended(recording, estimate, wanted, len(recording.calls))
        self._ended.append(ended)
        run = cell_run(recording, estimate, lacking=lacking)
        keep(self._session, lambda book: book.add_run(recording, estimate))
        ended.shown = wanted.show(run)

    def _tell(self) -> None:
        """Bring up to date what is shown of the cells whose calls have ended since."""
        late = [each for each in self._ended if not each.is_told]
        if late:
            keep(self._session, lambda book: book.update())
        for ended in late:
            self._guarded(ended.wanted, partial(self._show_again, ended))

    def _show_again(self, ended: _Ended) -> None:
        from ...render.figure_text import value_text
        from ...usage.cell_run import cell_run

        n_told, ended.n_told = ended.n_told, len(ended.recording.calls)
        run = cell_run(ended.recording, ended.estimate)
        # A page shows it in its old place; on a terminal that has scrolled by.
        if ended.shown is not None and getattr(self._shell, "kernel", None) is not None:
            ended.shown.update(run)
            return
        n, usd = ended.n_told - n_told, value_text(run.figure("total_usd"))
        text = tell(
            "cell {cell}: calls that ended after it: {n}; all of its calls: {usd}",
            cell=ended.recording.name,
            n=n,
            usd=usd,
        )
        print("llmnumbers:", text)

    def _guarded(self, wanted: Wanted, step: Callable[[], None]) -> None:
        """Take a step of ours beside the user's cells: whatever goes wrong is one line."""
        with speaking(wanted.language(), as_flag):
            try:
                with net():
                    step()
            except LLMNumbersError as error:
                print(f"llmnumbers: {error}")


def cells_of(session: Session) -> RecordedCells:
    """The recorded cells of a session."""
    if session.recent.cells is None:
        session.recent.cells = RecordedCells(session)
    return session.recent.cells


def _later(step: Callable[[], None]) -> Callable[[], None] | None:
    """What has the step taken by the loop that runs here, from any thread; None where none does, as on a
    terminal between two cells.
    """
    from asyncio import get_running_loop

    try:
        loop = get_running_loop()
    except RuntimeError:
        return None

    def later() -> None:
        loop.call_soon_threadsafe(step)

    return later
