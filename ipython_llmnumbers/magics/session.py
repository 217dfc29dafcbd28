"""What the magics of one notebook share: its shell, the user's settings, and the ledger."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..figures import Estimate
    from .settings import LLMNumbers


@dataclass(slots=True)
class Session:
    """One shell with the extension loaded, and what was last done in it; all of it in memory only.

    `ledger` holds every cost estimate, in order; `last_text` is what was counted last, and
    `last_quiz` the questions and the seed of the quiz that was asked.
    """

    shell: Any
    settings: LLMNumbers
    ledger: list[Estimate] = field(default_factory=list)
    last_text: str | None = None
    last_quiz: tuple[int, int] | None = None
