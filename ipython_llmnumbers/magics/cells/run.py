"""`%%llmcost --run`: the cell is Python and runs as it is; under it stands what its calls cost.

The first line of the cell is turned into the line magic `%llmcost --run` (`first_line.py`), which starts the
recording. It ends with the cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UsageError
from ...messages import tell
from ..exports import export
from ..options import refuse
from .recorded import RecordedCells, Wanted

if TYPE_CHECKING:
    from ...estimates.cost.usage_details import CellRun
    from ..magic import Call
    from ..session import Session

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
    cells = RecordedCells(call.session, wanted, is_once=True)
    _start(call.session, cells, wanted)
    if call.cell is not None:
        _run_called(call, cells)


def turn_off(session: Session) -> list[str]:
    """End what is being recorded, and show what it has cost; the names of functions of ours that stay."""
    cells, session.recent.running = session.recent.running, None
    return [] if cells is None else cells.stop()


def _start(session: Session, cells: RecordedCells, wanted: Wanted) -> None:
    recent = session.recent
    if recent.watched is not None:  # then it is recorded anyway, and shown as this asks
        recent.watched.want(wanted)
        return
    if recent.running is not None and recent.running.is_on:
        problem = tell("this cell is being recorded already")
    else:
        problem = cells.start()
        recent.running = cells
    if problem:
        print("llmnumbers:", problem)


def _run_called(call: Call, cells: RecordedCells) -> None:
    """Run a cell that a program hands over, as an exported notebook does: no cell ends the recording."""
    try:
        call.session.shell.run_cell(call.cell)
    finally:
        cells.end(call.cell or "", None)


def _show(call: Call, run: CellRun) -> None:
    from IPython.display import display

    display(run)  # first: whatever else goes wrong, the calls are made and billed
    export(call, run)
