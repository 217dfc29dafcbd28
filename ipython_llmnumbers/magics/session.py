"""What the magics of one notebook share: its shell, the user's settings, and the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import LaterError
from ..records import dataclass

if TYPE_CHECKING:
    from ..usage.ledger.book import Book
    from .cells.recorded import RecordedCells
    from .settings import LLMNumbers


@dataclass(slots=True)
class Recent:
    """What was last counted and asked in the notebook, in memory only; what writes its ledger, and what
    records its cells.
    """

    text: str | None = None
    quiz: tuple[int, int] | None = None  # (questions, seed)
    book: Book | None = None
    cells: RecordedCells | None = None
    hints: dict[str, int] = field(default_factory=dict)  # how many were opened, by exercise


@dataclass(frozen=True, slots=True)
class Session:
    """One shell with the extension loaded.

    `shell` is None where a cell is read while it is typed. There are only the variables then that the
    notebook has told, if it has: one that it did not tell the value of raises LaterError when it is read.
    """

    shell: Any
    settings: LLMNumbers
    recent: Recent = field(default_factory=Recent)
    told: Mapping[str, Any] | None = None

    @property
    def book(self) -> Book:
        """The notebook's ledger, in the file that the settings name now."""
        if self.recent.book is None:
            from ..usage.ledger.book import Book

            self.recent.book = Book()
        path = self.settings.ledger
        self.recent.book.path = Path(path) if path else None
        return self.recent.book

    @property
    def cell(self) -> str:
        """The number of the cell that runs, as its prompt shows it.

        The shell's own count is the next one's while a cell runs, in newer versions of IPython.
        """
        number = getattr(self.running_result, "execution_count", None)
        return str(self.shell.execution_count if number is None else number)

    @property
    def running_result(self) -> Any:
        """IPython's account of what the cell that runs has done so far; None where none runs."""
        return getattr(self.shell.displayhook, "exec_result", None)

    @property
    def variables(self) -> Mapping[str, Any]:
        """The notebook's variables.

        Raises:
            LaterError: the cell is read while it is typed, and its notebook has told none.
        """
        if self.shell is not None:
            variables: Mapping[str, Any] = self.shell.user_ns
            return variables
        if self.told is None:
            raise LaterError("a notebook's variables are read when the cell runs")
        return self.told

    def need(self, *names: str) -> None:
        """Refuse names that a notebook does not have yet, while its cell is typed: it may have them then.

        Raises:
            LaterError: there is no variable of one of the names.
        """
        for name in names if self.shell is None else ():
            if name not in self.variables:
                raise LaterError("{variable} is not known yet: it is read when the cell runs", variable=name)
