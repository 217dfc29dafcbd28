"""`%llmcost --watch on`: below each cell that calls a model stands what that cost, until `--watch off`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...errors import UsageError
from ...messages import said, shorten, tell
from .recorded import RecordedCells, Wanted

if TYPE_CHECKING:
    from ...estimates.cost.usage_details import CellRun
    from ..session import Session


def switch_watch(session: Session, word: str) -> None:
    """Turn it on or off; the word is what stood behind `--watch`.

    Raises:
        UsageError: another word.
    """
    if word not in ("on", "off"):
        raise UsageError("--watch {word}: write --watch on or --watch off", word=shorten(word))
    tell_covered(turn_off(session))
    if word == "off":
        print("llmnumbers:", tell("what a cell's calls cost is no longer shown below it"))
        return
    wanted = Wanted(
        model=lambda: str(session.settings.model),
        language=lambda: str(session.settings.language),
        show=_show,
    )
    cells = RecordedCells(session, wanted, is_once=False)
    if problem := cells.start():
        print("llmnumbers:", problem)
        return
    session.recent.watched = cells
    print("llmnumbers:", tell("what a cell's calls cost is shown below it, from here on"))


def turn_off(session: Session) -> list[str]:
    """End it, and show what the cell that runs has cost; the names of functions of ours that stay."""
    cells, session.recent.watched = session.recent.watched, None
    return [] if cells is None else cells.stop()


def tell_covered(names: Iterable[str]) -> None:
    """Say which functions of ours could not be taken out, since somebody else's lie on top."""
    for name in names:
        from ...usage.cell_run import covered_text

        print("llmnumbers:", said(covered_text(name)))


def _show(run: CellRun) -> None:
    """Nothing below a cell that no call belongs to, unless calls of earlier cells were made meanwhile."""
    if run.parts or run.details.n_of_earlier:
        from IPython.display import display

        display(run)
