"""What the magics of one notebook share: its shell, the user's settings, and the ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ..errors import LaterError

if TYPE_CHECKING:
    from ..estimates.cost.details import CostEstimate
    from ..estimates.cost.usage_details import CellRun
    from .settings import LLMNumbers


@dataclass(slots=True)
class Recent:
    """What was last counted and asked in the notebook, in memory only."""

    text: str | None = None
    quiz: tuple[int, int] | None = None  # (questions, seed)
    hints: dict[str, int] = field(default_factory=dict)  # how many were opened, by exercise


@dataclass(frozen=True, slots=True)
class Session:
    """One shell with the extension loaded.

    `ledger` holds every cost estimate, in order. `runs` make what each recorded cell cost: anew each time,
    for a task of a cell may call after its end.
    `shell` is None where a cell is read while it is typed. There are only the variables then that the
    notebook has told, if it has: one that it did not tell the value of raises LaterError when it is read.
    """

    shell: Any
    settings: LLMNumbers
    ledger: list[CostEstimate] = field(default_factory=list)
    runs: list[Callable[[], CellRun]] = field(default_factory=list)
    recent: Recent = field(default_factory=Recent)
    told: Mapping[str, Any] | None = None

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
