"""`%llmcost --ledger`: what was estimated and what calls cost so far, and what is written into the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import LLMNumbersError, net
from .exports import export

if TYPE_CHECKING:
    from ..figures import Estimate
    from ..usage.ledger.book import Book
    from .magic import Call
    from .session import Session


def answer_ledger(call: Call) -> Estimate:
    """The ledger of the notebook, or of the file that keeps it."""
    return export(call, call.session.book.ledger())


def keep(session: Session, add: Callable[[Book], None]) -> None:
    """Write into the ledger. Where that fails, a line says so, and what was to be written waits in memory.

    A cell that is read while it is typed is in no ledger.
    """
    if session.shell is None:
        return
    try:
        with net():
            add(session.book)
    except LLMNumbersError as error:
        print(f"llmnumbers: {error}")
