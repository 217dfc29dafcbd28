"""The words for prompts that were found in source: which model is asked, and whether it stands there."""

from __future__ import annotations

from collections.abc import Iterable

from ..estimates.cost.notebook_details import PromptEstimate
from ..messages import said, tell


def model_text(part: PromptEstimate) -> str:
    """The model, and that it is the default where none stands beside the prompt."""
    model = said(part.subject)
    return tell("{model} (default)", model=model) if part.details.is_default_model else model


def models_text(parts: Iterable[PromptEstimate], most: int | None = None) -> str:
    """The models of several prompts, each once; of more than `most`, how many more there are."""
    models = list(dict.fromkeys(map(model_text, parts)))
    if most is None or len(models) <= most:
        return ", ".join(models)
    return tell("{models} and {n} more", models=", ".join(models[:most]), n=len(models) - most)
