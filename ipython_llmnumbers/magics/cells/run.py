"""`%%llmcost --run`: the cell is Python and runs as it is; under it stands what its calls cost.

The first line of the cell is turned into the line magic `%llmcost --run` (`first_line.py`), which starts the
recording. It ends with the cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UsageError
from ..exports import export
from ..options import refuse
from .recorded import RecordedCells, Wanted, cells_of

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from ...estimates.cost.usage_details import CellRun
    from ..magic import Call

# What a run takes beside `--run`.
_TAKEN = ("run", "model", "output_tokens", "lang", "json", "output", "overwrite")


def answer_run(call: Call) -> None:
    """Record the calls from here to the end of the cell, and then show them.

    Raises:
        UsageError: an option or a text that a run does not take, or a model that is not known.
    """
    refuse(call.options, [each for each in call.options.values if each not in _TAKEN], "--run")
    if call.options.rest:
        raise UsageError("--run takes no text: what it records is the cell below it")
    if "model" in call.options.values:
        from ...estimates.hosted_model import resolve_tokenizer

        resolve_tokenizer(call.model)
    wanted = Wanted(
        model=lambda: call.model,
        language=lambda: call.language,
        show=lambda run: _show(call, run),
        output_tokens=call.options.get("output_tokens"),
    )
    cells = cells_of(call.session)
    if problem := cells.record(wanted):
        print("llmnumbers:", problem)
    if call.cell is not None:
        _run_called(call, cells)


def _run_called(call: Call, cells: RecordedCells) -> None:
    """Run a cell that a program hands over, as an exported notebook does: no cell ends the recording."""
    try:
        call.session.shell.run_cell(call.cell)
    finally:
        cells.end(call.cell or "", None)


def _show(call: Call, run: CellRun) -> DisplayHandle | None:
    from IPython.display import display

    # First: whatever else goes wrong, the calls are made and billed.
    shown: DisplayHandle | None = display(run, display_id=True)
    export(call, run)
    return shown
