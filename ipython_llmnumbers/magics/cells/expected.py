"""What the source of a recorded cell lets expect: its prompts, before it runs, and their estimate, below it.

Whatever goes wrong here is worth less than the cell, and than what its calls cost.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .first_line import below_first_line
from .ledger import recorded_answers

if TYPE_CHECKING:
    from ...estimates.cost.notebook_details import CellEstimate
    from ...usage.recording.sent_prompts import SentPrompts
    from ..session import Session


def sent_prompts(shell: Any, cell: Any) -> SentPrompts | None:
    """What tells which prompt of a cell a request sends; None where the source shows none.

    `cell` is IPython's account of it, None of what is no cell.
    """
    from ...notebooks.cell import prompts_of_cell
    from ...usage.recording.sent_prompts import SentPrompts

    try:
        prompts = prompts_of_cell(below_first_line(cell.raw_cell), shell.transform_cell)
    except Exception:
        return None
    return SentPrompts([(each.text, each.is_least) for each in prompts]) if prompts else None


def source_estimate(
    session: Session, source: str, model: Callable[[], str], output_tokens: int | tuple[int, int] | None
) -> CellEstimate | None:
    """The estimate of a cell's source; None where it shows no prompt, or none that can be priced."""
    from ...notebooks.cell import cell_prompts

    try:
        return cell_prompts(
            below_first_line(source),
            model(),
            session.shell.transform_cell,
            output_tokens,
            lambda text: recorded_answers(session, text),
        )
    except Exception:
        return None
