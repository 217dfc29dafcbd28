"""What the magics of one notebook share: its shell, the user's settings, and the ledger."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..estimates.cost.details import CostEstimate
    from ..estimates.cost.usage_details import CellRun
    from .settings import LLMNumbers


@dataclass(slots=True)
class Recent:
    """What was last counted and asked in the notebook, in memory only."""

    text: str | None = None
    quiz: tuple[int, int] | None = None  # (questions, seed)


@dataclass(frozen=True, slots=True)
class Session:
    """One shell with the extension loaded.

    `ledger` holds every cost estimate, in order. `runs` make what each recorded cell cost: anew each time,
    for a task of a cell may call after its end.
    `shell` is None where a cell is read while it is typed: there are no variables then.
    """

    shell: Any
    settings: LLMNumbers
    ledger: list[CostEstimate] = field(default_factory=list)
    runs: list[Callable[[], CellRun]] = field(default_factory=list)
    recent: Recent = field(default_factory=Recent)
