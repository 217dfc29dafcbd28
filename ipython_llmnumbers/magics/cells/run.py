"""`%%llmcost --run`: the cell is Python and runs as it is; under it stands what its calls cost.

The first line of the cell is turned into the line magic `%llmcost --run` (`first_line.py`), which starts the
recording. It ends with the cell.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from ...errors import LLMNumbersError, net
from ...messages import speaking, tell
from ..exports import export
from ..flags import as_flag
from ..options import refuse
from .first_line import below_first_line

if TYPE_CHECKING:
    from ...estimates.cost.notebook_details import CellEstimate
    from ...usage.recording.switch import Switch
    from ..magic import Call

# What a run takes beside `--run`.
_TAKEN = ("run", "model", "lang", "json", "output", "overwrite")


def answer_run(call: Call) -> None:
    """Record the calls from here to the end of the cell, and then show them."""
    refuse(call.options, [each for each in call.options.values if each not in _TAKEN], "--run")
    run = _Run(call)
    if call.cell is None:
        run.start()
        return
    # Called by a program, as an exported notebook does: there is no cell around it to end the run.
    run.start()
    try:
        call.session.shell.run_cell(call.cell)
    finally:
        run.end(call.cell)


def turn_off(shell: Any) -> None:
    """End what is being recorded, and show nothing."""
    run = _RUNS.pop(id(shell), None)
    if run is not None:
        run.leave()


class _Run:
    """One recorded cell. Cells that run inside it (`get_ipython().run_cell`, `%run`) are a part of it."""

    def __init__(self, call: Call) -> None:
        self._call, self._shell = call, call.session.shell
        self._depth = 0
        self._switch: Switch | None = None

    def start(self) -> None:
        """Start the recording; if that fails, the cell runs all the same."""
        from ...usage.recording.switch import Switch

        switch = Switch(str(self._shell.execution_count))
        try:
            is_on = switch.on()
        except Exception:  # whatever it is, the cell is the user's
            switch.off()
            is_on = False
        if not is_on:
            print("llmnumbers:", tell("another cell is being recorded, so this one is not"))
            return
        self._switch = switch
        self._shell.events.register("pre_run_cell", self._enter)
        self._shell.events.register("post_run_cell", self._exit)
        _RUNS[id(self._shell)] = self

    def _enter(self, _info: Any) -> None:
        self._depth += 1

    def _exit(self, result: Any) -> None:
        if self._depth:
            self._depth -= 1
            return
        info = getattr(result, "info", None)
        self.end(getattr(info, "raw_cell", "") or "")

    def end(self, source: str) -> None:
        """Stop, and show what the calls cost; `source` is the cell as it was written."""
        if self._switch is None:
            return
        switch, covered = self._switch, self.leave()
        with speaking(self._call.language, as_flag):
            try:
                with net():
                    self._show(switch, source, covered)
            except LLMNumbersError as error:
                print(f"llmnumbers: {error}")

    def leave(self) -> list[str]:
        """Stop; the names of functions of ours that stay in their place."""
        switch, self._switch = self._switch, None
        if switch is None:
            return []
        for event, function in (("pre_run_cell", self._enter), ("post_run_cell", self._exit)):
            self._shell.events.unregister(event, function)
        _RUNS.pop(id(self._shell), None)
        return switch.off()

    def _show(self, switch: Switch, source: str, covered: list[str]) -> None:
        from IPython.display import display

        from ...usage.cell_run import cell_run

        run = partial(cell_run, switch.recording, self._estimate(source), covered)
        self._call.session.runs.append(run)
        display(export(self._call, run()))

    def _estimate(self, source: str) -> CellEstimate | None:
        """What the cell's source lets expect; None where it shows no prompt, or none that can be priced."""
        from ...notebooks.cell import cell_prompts

        transform: Callable[[str], str] = self._shell.transform_cell
        try:
            return cell_prompts(below_first_line(source), self._call.model, transform)
        except Exception:  # an estimate beside them is worth less than what the calls cost
            return None


# What is being recorded in each shell, so that unloading ends it.
_RUNS: dict[int, _Run] = {}
