"""Record what the cells of a shell call, and show it below each: the one that runs, or all that follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import LLMNumbersError, net
from ...messages import speaking, tell
from ...records import dataclass
from ..flags import as_flag
from .first_line import below_first_line
from .ledger import keep, recorded_answers

if TYPE_CHECKING:
    from ...estimates.cost.notebook_details import CellEstimate
    from ...estimates.cost.usage_details import CellRun
    from ...usage.recording.switch import Switch
    from ..session import Session


@dataclass(frozen=True, slots=True)
class Wanted:
    """How a recorded cell is estimated and shown: by a model, in a language, with answers of a length."""

    model: Callable[[], str]
    language: Callable[[], str]
    show: Callable[[CellRun], None]
    output_tokens: int | tuple[int, int] | None = None


class RecordedCells:
    """Cells that are recorded, from the one that runs on. What runs inside a cell (`get_ipython().run_cell`,
    `%run`) is a part of it.

    Args:
        session: whose cells they are.
        wanted: how each is shown.
        is_once: only the cell that runs now.
    """

    def __init__(self, session: Session, wanted: Wanted, *, is_once: bool) -> None:
        self._session, self._shell, self._is_once = session, session.shell, is_once
        self._wanted = self._of_this_cell = wanted
        # IPython's account of the cell that is recorded; None between two cells.
        self._cell: Any = None
        self._depth = 0
        self._callbacks: dict[str, Callable[..., None]] = {}
        self._switch: Switch | None = None

    @property
    def is_on(self) -> bool:
        return self._switch is not None

    def start(self) -> str:
        """Start to record; else why that cannot be, and the cells run all the same."""
        from ...usage.recording.switch import Switch

        switch = Switch()
        try:
            if not switch.on():
                return tell("another cell is being recorded, so this one is not")
        except Exception as error:  # whatever it is, the cell is the user's
            switch.off()
            return tell("the recorder does not start, so this cell is not recorded: {error}", error=error)
        self._switch, self._cell = switch, getattr(self._session.running_result, "info", None)
        self._callbacks = {"pre_run_cell": self._before, "post_run_cell": self._after}
        if getattr(self._cell, "silent", False):  # as those of a file: IPython tells only that one ends
            self._callbacks |= {"pre_execute": self._before_any, "post_execute": self._after_any}
        for event, callback in self._callbacks.items():
            self._shell.events.register(event, callback)
        return ""

    def want(self, wanted: Wanted) -> None:
        """Show the cell that runs in another way than the others."""
        self._of_this_cell = wanted

    def stop(self) -> list[str]:
        """Show what the cell that runs has cost so far, if one does, and restore everything.

        Returns the names of functions of ours that stay, under somebody else's.
        """
        covered = self.end(self._cell.raw_cell, None) if self._cell is not None else []
        return [*covered, *self._restore()]

    def end(self, source: str, number: int | None) -> list[str]:
        """The cell has ended: show what it cost. `source` is the cell as it was written.

        Returns the names of functions of ours that stay, where this was the last cell.
        """
        switch = self._switch
        if switch is None:
            return []
        recording, lacking = switch.recording, switch.lacking
        recording.name = self._session.cell if number is None else str(number)
        covered = self._restore() if self._is_once else []
        wanted, self._of_this_cell, self._cell = self._of_this_cell, self._wanted, None
        with speaking(wanted.language(), as_flag):
            try:
                with net():
                    from ...usage.cell_run import cell_run

                    estimate = self._estimate(source, wanted)
                    run = cell_run(recording, estimate, covered=covered, lacking=lacking)
                    keep(self._session, lambda book: book.add_run(recording, estimate))
                    wanted.show(run)
            except LLMNumbersError as error:
                print(f"llmnumbers: {error}")
        return covered

    def _restore(self) -> list[str]:
        switch, self._switch = self._switch, None
        if switch is None:
            return []
        for event, callback in self._callbacks.items():
            self._shell.events.unregister(event, callback)
        return switch.off()

    def _before(self, info: Any) -> None:
        if self._cell is None and self._switch is not None:
            self._cell = info
            self._switch.go_on()

    def _after(self, result: Any) -> None:
        # Not of a cell within it, nor of an empty one, which IPython says only the end of.
        if self._cell is None or getattr(result, "info", None) is not self._cell:
            return
        self.end(result.info.raw_cell or "", getattr(result, "execution_count", None))

    def _before_any(self) -> None:
        self._depth += 1

    def _after_any(self) -> None:
        self._depth -= 1
        if self._depth < 0 and self._cell is not None:
            self.end(self._cell.raw_cell or "", None)

    def _estimate(self, source: str, wanted: Wanted) -> CellEstimate | None:
        """What the cell's source lets expect; None where it shows no prompt, or none that can be priced."""
        from ...notebooks.cell import cell_prompts

        transform: Callable[[str], str] = self._shell.transform_cell
        try:
            return cell_prompts(
                below_first_line(source),
                wanted.model(),
                transform,
                wanted.output_tokens,
                lambda text: recorded_answers(self._session, text),
            )
        except Exception:  # an estimate beside them is worth less than what the calls cost
            return None
