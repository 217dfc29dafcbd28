"""`%llmcost --watch on`: below each cell that calls a model stands what that cost, until `--watch off`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...errors import UsageError
from ...messages import shorten, tell
from .recorded import RecordedCells

if TYPE_CHECKING:
    from ...estimates.cost.usage_details import CellRun
    from ..session import Session

# What `--watch on` started in each shell, so that `off` and unloading end just that.
_WATCHED: dict[int, RecordedCells] = {}


def switch_watch(session: Session, word: str) -> None:
    """Turn it on or off; the word is what stood behind `--watch`.

    Raises:
        UsageError: another word.
    """
    if word not in ("on", "off"):
        raise UsageError("--watch {word}: write --watch on or --watch off", word=shorten(word))
    tell_covered(turn_off(session.shell))
    if word == "off":
        print("llmnumbers:", tell("what a cell's calls cost is no longer shown below it"))
        return
    cells = RecordedCells(
        session,
        model=lambda: str(session.settings.model),
        language=lambda: str(session.settings.language),
        show=_show,
        is_once=False,
    )
    if not cells.start():
        print("llmnumbers:", tell("another cell is being recorded; turn this on when it has ended"))
        return
    _WATCHED[id(session.shell)] = cells
    print("llmnumbers:", tell("what a cell's calls cost is shown below it, from the next cell on"))


def is_watched(shell: Any) -> bool:
    """Whether every cell of the shell is recorded."""
    return id(shell) in _WATCHED


def turn_off(shell: Any) -> list[str]:
    """End it; the names of functions of ours that stay in their place."""
    cells = _WATCHED.pop(id(shell), None)
    return [] if cells is None else cells.stop()


def tell_covered(names: Iterable[str]) -> None:
    """Say which functions of ours could not be taken out, since somebody else's lie on top."""
    for name in names:
        print(
            "llmnumbers:",
            tell("{name} lies under somebody else's function and stays; it records nothing more", name=name),
        )


def _show(run: CellRun) -> None:
    if run.parts or run.figure("calls").value:
        from IPython.display import display

        display(run)
