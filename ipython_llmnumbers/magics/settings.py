"""The defaults a user may set: `%config LLMNumbers.model = "claude-opus-5-5"`."""

from __future__ import annotations

from typing import Any

from traitlets import TraitError, Unicode, validate
from traitlets.config import Configurable

from ..errors import LLMNumbersError


class LLMNumbers(Configurable):
    """Defaults of %%llmcost, %tokens, %gpufit and %llmnumbers."""

    model = Unicode("gpt-4o", help="The model that %%llmcost and %tokens count for without -m.").tag(
        config=True
    )

    # What was last done in this notebook, in memory only: the text that %tokens or %%llmcost
    # counted, and the quiz that was asked (questions, seed).
    last_text: str | None = None
    last_quiz: tuple[int, int] | None = None

    @validate("model")
    def _known_model(self, proposal: Any) -> str:
        from ..estimates.models import resolve_tokenizer

        name: str = proposal["value"]
        try:
            resolve_tokenizer(name)
        except LLMNumbersError as error:
            # %config logs a TraitError's text and nothing else, so it must say what to do.
            raise TraitError(f"LLMNumbers.model: {error}") from None
        return name
