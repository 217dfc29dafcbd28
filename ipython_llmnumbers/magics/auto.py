"""`%llmcost --auto on`: one line after every cell that holds prompts, until `--auto off`."""

from __future__ import annotations

from typing import Any

from ..errors import LLMNumbersError, UsageError
from ..messages import shorten, speaking, tell
from .flags import as_flag
from .session import Session

_OWN_MAGICS = ("llmcost", "tokens", "gpufit", "llmnumbers")
# What `--auto on` registered with each shell, so that `off` and unloading take out just that.
_CALLBACKS: dict[int, Any] = {}


def switch(session: Session, word: str) -> None:
    """Turn the lines on or off; the word is what stood behind `--auto`.

    Raises:
        UsageError: another word.
    """
    if word not in ("on", "off"):
        raise UsageError("--auto {word}: write --auto on or --auto off", word=shorten(word))
    turn_off(session.shell)
    if word == "off":
        print("llmnumbers:", tell("a line after each cell with prompts is off"))
        return

    def after_cell(result: Any) -> None:
        _show_line(session, result)

    session.shell.events.register("post_run_cell", after_cell)
    _CALLBACKS[id(session.shell)] = after_cell
    print("llmnumbers:", tell("a line after each cell with prompts is on"))


def turn_off(shell: Any) -> None:
    """Take out the callback, if there is one."""
    callback = _CALLBACKS.pop(id(shell), None)
    if callback is not None:
        shell.events.unregister("post_run_cell", callback)


def _show_line(session: Session, result: Any) -> None:
    from IPython.display import display

    from ..notebooks.cell import cell_prompts
    from ..render.line import html_line, prompts_parts, text_line

    # IPython passes no result where it could not even read the cell.
    source = result.info.raw_cell if result is not None and result.info is not None else None
    if not source or result.info.silent or _is_own(source):
        return
    with speaking(session.settings.language, as_flag):
        try:
            estimate = cell_prompts(source, session.settings.model, session.shell.transform_cell)
        except LLMNumbersError as error:
            print(f"llmnumbers: {error}")
            return
        if estimate is not None:
            parts = tuple(prompts_parts(estimate))
            display({"text/plain": text_line(parts), "text/html": html_line(parts)}, raw=True)


def _is_own(source: str) -> bool:
    """Whether the cell is answered by a magic of ours already."""
    first = source.lstrip().partition("\n")[0]
    return first.lstrip("%").split(" ")[0] in _OWN_MAGICS and first.startswith("%")
