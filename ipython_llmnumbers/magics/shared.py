"""Options that more than one magic takes."""

from __future__ import annotations

from collections.abc import Iterable

from .options import Option


def _models() -> Iterable[str]:
    from ..estimates.models import known_models

    return known_models()


MODEL = Option(("-m", "--model"), "whose tokenizer counts; default: LLMNumbers.model", "MODEL", known=_models)
MODELS = Option(
    ("-m", "--model"),
    "the model, or several with commas for a comparison; default: LLMNumbers.model",
    "MODEL[,MODEL…]",
    known=_models,
)
VARIABLE = Option(("-v", "--var"), "take the text from a notebook variable", "NAME")
