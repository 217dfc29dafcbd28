"""Record what the cells of a shell call, and show it below each: the one that runs, or all that follow."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ...errors import LLMNumbersError, net
from ...messages import speaking
from ..flags import as_flag
from .first_line import below_first_line
from .ledger import keep, recorded_answers

if TYPE_CHECKING:
    from ...estimates.cost.notebook_details import CellEstimate
    from ...estimates.cost.usage_details import CellRun
    from ...usage.recording.switch import Switch
    from ..session import Session


class RecordedCells:
    """Cells that are recorded. What runs inside a cell (`get_ipython().run_cell`, `%run`) is a part of it.

    Args:
        session: whose cells they are.
        model: for prompts of the source beside which no model stands.
        output_tokens: of each answer that is estimated.
        language: that of what is shown.
        show: shows what a cell cost, under it.
        is_once: only the cell that runs now; else those behind it.
    """

    def __init__(
        self,
        session: Session,
        *,
        model: Callable[[], str],
        output_tokens: int | tuple[int, int] | None = None,
        language: Callable[[], str],
        show: Callable[[CellRun], None],
        is_once: bool,
    ) -> None:
        self._session, self._shell = session, session.shell
        self._model, self._language, self._show, self._is_once = model, language, show, is_once
        # How many cells run, one inside the other.
        self._depth = 1 if is_once else 0
        self._output_tokens = output_tokens
        self._switch: Switch | None = None

    def start(self) -> bool:
        """Start to record; False where that cannot be, and then the cells run all the same."""
        from ...usage.recording.switch import Switch

        switch = Switch()
        try:
            if not switch.on():
                return False
        except Exception:  # whatever it is, the cell is the user's
            switch.off()
            return False
        self._switch = switch
        self._shell.events.register("pre_run_cell", self._before)
        self._shell.events.register("post_run_cell", self._after)
        return True

    def stop(self) -> list[str]:
        """Restore everything; the names of functions of ours that stay, under somebody else's."""
        switch, self._switch = self._switch, None
        if switch is None:
            return []
        self._shell.events.unregister("pre_run_cell", self._before)
        self._shell.events.unregister("post_run_cell", self._after)
        return switch.off()

    def end(self, source: str, number: int | None) -> None:
        """The cell has ended: show what it cost. `source` is the cell as it was written."""
        switch = self._switch
        if switch is None:
            return
        recording = switch.recording
        recording.name = self._session.cell if number is None else str(number)
        covered = self.stop() if self._is_once else []
        with speaking(self._language(), as_flag):
            try:
                with net():
                    from ...usage.cell_run import cell_run

                    estimate = self._estimate(source)
                    run = cell_run(recording, estimate, covered=covered, lacking=switch.lacking)
                    keep(self._session, lambda book: book.add_run(recording, estimate))
                    self._show(run)
            except LLMNumbersError as error:
                print(f"llmnumbers: {error}")

    def _before(self, _info: Any) -> None:
        self._depth += 1
        if self._depth == 1 and self._switch is not None:
            self._switch.go_on()

    def _after(self, result: Any) -> None:
        if not self._depth:  # of the cell that started this
            return
        self._depth -= 1
        if not self._depth:
            source = getattr(getattr(result, "info", None), "raw_cell", None)
            self.end(source or "", getattr(result, "execution_count", None))

    def _estimate(self, source: str) -> CellEstimate | None:
        """What the cell's source lets expect; None where it shows no prompt, or none that can be priced."""
        from ...notebooks.cell import cell_prompts

        transform: Callable[[str], str] = self._shell.transform_cell
        try:
            return cell_prompts(
                below_first_line(source),
                self._model(),
                transform,
                self._output_tokens,
                lambda text: recorded_answers(self._session, text),
            )
        except Exception:  # an estimate beside them is worth less than what the calls cost
            return None
