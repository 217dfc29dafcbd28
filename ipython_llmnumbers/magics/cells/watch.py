"""`%llmcost --watch on`: below each cell that calls a model stands what that cost, until `--watch off`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import UsageError
from ...messages import shorten, tell
from .recorded import Wanted, cells_of

if TYPE_CHECKING:
    from IPython.display import DisplayHandle

    from ...estimates.cost.usage_details import CellRun
    from ..session import Session


def switch_watch(session: Session, word: str) -> None:
    """Turn it on or off; the word is what stood behind `--watch`.

    Raises:
        UsageError: another word.
    """
    if word not in ("on", "off"):
        raise UsageError("--watch {word}: write --watch on or --watch off", word=shorten(word))
    cells = cells_of(session)
    if word == "off":
        cells.watch_no_more()
        print("llmnumbers:", tell("what a cell's calls cost is no longer shown below it"))
        return
    wanted = Wanted(
        model=lambda: str(session.settings.model),
        language=lambda: str(session.settings.language),
        show=_show,
    )
    if problem := cells.watch(wanted):
        print("llmnumbers:", problem)
        return
    print("llmnumbers:", tell("what a cell's calls cost is shown below it, from here on"))


def _show(run: CellRun) -> DisplayHandle | None:
    """Nothing below a cell that no call belongs to, unless calls of earlier cells were made meanwhile."""
    if not run.parts and not run.details.n_of_earlier:
        return None
    from IPython.display import display

    shown: DisplayHandle | None = display(run, display_id=True)
    return shown
