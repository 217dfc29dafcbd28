"""`%%llmcost --run`: the cell is Python and runs as it is; under it stands what its calls cost.

A cell magic that ran its cell itself could not await at the top level, nor keep line numbers, nor show the
last value. So the first line becomes the line magic `%llmcost --run`, which starts the recording, and what
stands below it is the cell; the recording ends with the cell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import LLMNumbersError, net
from ..messages import speaking, tell
from .exports import export
from .flags import as_flag
from .options import refuse

if TYPE_CHECKING:
    from ..estimates.cost.notebook_details import CellEstimate
    from ..estimates.cost.run_details import CellRun
    from ..usage.recording.switch import Switch
    from .magic import Call

_FIRST_LINE = re.compile(r"%(?P<line>%llmcost\s(?:.*\s)?--run(?:\s.*)?)$")
_FUTURE = re.compile(r"from\s+__future__\s+import\s+(?P<many>\()?")
_BLANK_OR_COMMENT = re.compile(r"\s*(#.*)?$")
# What a run takes beside `--run`.
_TAKEN = ("run", "model", "lang", "json", "output", "overwrite")


def start_in_first_line(lines: list[str]) -> list[str]:
    """Turn `%%llmcost --run` into a statement that starts the recording, on the same line.

    One of IPython's line transforms, before the one that makes a call of a cell magic. Below it may stand
    another cell magic, and `from __future__`, before which no statement may.
    """
    found = _FIRST_LINE.match(lines[0].rstrip()) if lines else None
    if found is None:
        return lines
    start = f"get_ipython().run_line_magic('llmcost', {found['line'].removeprefix('%llmcost').strip()!r})\n"
    below = lines[1:]
    begins = next((at for at, line in enumerate(below) if line.strip()), 0)
    if below and below[begins].startswith("%%"):
        from IPython.core.inputtransformer2 import cell_magic

        return [start, *cell_magic(below[begins:])]
    at = _end_of_future_imports(below)
    if at == 0:
        return [start, *below]
    # On the line of the last of them, so that a traceback names the lines that the user sees.
    last = below[at - 1].rstrip()
    with_start = [last + "\n", start] if "#" in last else [f"{last}; {start}"]
    return ["\n", *below[: at - 1], *with_start, *below[at:]]


def _end_of_future_imports(lines: list[str]) -> int:
    """The number of lines down to the last `from __future__` that stands before everything else."""
    end = at = 0
    while at < len(lines):
        future = _FUTURE.match(lines[at])
        if future is None and not _BLANK_OR_COMMENT.match(lines[at]):
            break
        while future and at + 1 < len(lines) and (
            lines[at].rstrip().endswith("\\") or (future["many"] and ")" not in lines[at])
        ):  # fmt: skip
            at += 1
        at += 1
        end = at if future else end
    return end


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
        from ..usage.recording.switch import Switch

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

        from ..usage.cell_run import cell_run

        run: CellRun = cell_run(switch.recording, self._estimate(source), covered)
        self._call.session.runs.append(run)
        display(export(self._call, run))

    def _estimate(self, source: str) -> CellEstimate | None:
        """What the cell's source lets expect; None where it shows no prompt, or none that can be priced."""
        from ..notebooks.cell import cell_prompts

        below = source.partition("\n")[2] if _FIRST_LINE.match(source.partition("\n")[0].rstrip()) else source
        transform: Callable[[str], str] = self._shell.transform_cell
        try:
            return cell_prompts(below, self._call.model, transform)
        except Exception:  # an estimate beside them is worth less than what the calls cost
            return None


# What is being recorded in each shell, so that unloading ends it.
_RUNS: dict[int, _Run] = {}
