"""`%%llmcost --run`: the cell is Python and runs as it is; under it stands what its calls cost.

The first line of the cell is turned into the line magic `%llmcost --run` (`first_line.py`), which starts the
recording. It ends with the cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ...messages import tell
from ..exports import export
from ..options import refuse
from .recorded import RecordedCells
from .watch import is_watched

if TYPE_CHECKING:
    from ...estimates.cost.usage_details import CellRun
    from ..magic import Call

# What a run takes beside `--run`.
_TAKEN = ("run", "model", "output_tokens", "lang", "json", "output", "overwrite")
# The recorded cell of each shell, so that unloading ends it.
_RUNNING: dict[int, RecordedCells] = {}


def answer_run(call: Call) -> None:
    """Record the calls from here to the end of the cell, and then show them."""
    refuse(call.options, [each for each in call.options.values if each not in _TAKEN], "--run")
    cells = RecordedCells(
        call.session,
        model=lambda: call.model,
        output_tokens=call.options.get("output_tokens"),
        language=lambda: call.language,
        show=lambda run: _show(call, run),
        is_once=True,
    )
    if cells.start():
        _RUNNING[id(call.session.shell)] = cells
    elif not is_watched(call.session.shell):  # then it is recorded, and shown, all the same
        print("llmnumbers:", tell("another cell is being recorded, so this one is not"))
    if call.cell is not None:
        _run_called(call, cells)


def turn_off(shell: Any) -> list[str]:
    """End what is being recorded and show nothing; the names of functions of ours that stay."""
    cells = _RUNNING.pop(id(shell), None)
    return [] if cells is None else cells.stop()


def _run_called(call: Call, cells: RecordedCells) -> None:
    """Run a cell that a program hands over, as an exported notebook does: no cell ends the recording."""
    try:
        call.session.shell.run_cell(call.cell)
    finally:
        cells.end(call.cell or "", None)


def _show(call: Call, run: CellRun) -> None:
    from IPython.display import display

    _RUNNING.pop(id(call.session.shell), None)
    display(export(call, run))
