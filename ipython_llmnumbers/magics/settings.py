"""The defaults a user may set: `%config LLMNumbers.model = "claude-opus-5-5"`."""

from __future__ import annotations

from typing import Any

from traitlets import Enum, TraitError, Unicode, validate
from traitlets.config import Configurable

from ..errors import LLMNumbersError
from ..messages import LANGUAGES


class LLMNumbers(Configurable):
    """Defaults of %%llmcost, %tokens, %gpufit and %llmnumbers."""

    model = Unicode("gpt-4o", help="The model that %%llmcost and %tokens count for without -m.").tag(
        config=True
    )

    currency = Unicode("", help="A currency for totals beside dollars, such as JPY; needs rate.").tag(
        config=True
    )
    rate = Unicode("", help="Your rate for one dollar and its day, such as 150@2026-11-20.").tag(config=True)

    language = Enum(list(LANGUAGES), "en", help="The language of every answer: en or ja.").tag(config=True)

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

    @validate("currency", "rate")
    def _well_formed(self, proposal: Any) -> str:
        from .values import currency_code, rate_of_day

        name, word = proposal["trait"].name, proposal["value"]
        read = currency_code if name == "currency" else rate_of_day
        try:
            if word:
                read(f"LLMNumbers.{name}", word)
        except LLMNumbersError as error:
            raise TraitError(str(error)) from None
        return str(word)
