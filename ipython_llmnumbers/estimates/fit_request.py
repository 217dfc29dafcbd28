"""What `%gpufit` is asked, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ..catalog.engines import Engine
from ..errors import UsageError, shorten

_MOST_CONTEXT_TOKENS = 100_000_000
_MOST_SEQUENCES = 1_000_000
_MOST_GPUS = 1_024
_MOST_DRAFT_LAYERS = 100


@dataclass(frozen=True, slots=True)
class FitRequest:
    """The options of one question; None is what was not said."""

    model: str
    quant: str | None = None
    context_tokens: int | None = None
    batch_size: int = 1
    gpu: str | None = None
    engine: Engine | None = None
    kv: str | None = None
    tp: int = 1
    utilization: float | None = None
    draft_layers: int = 0

    def __post_init__(self) -> None:
        _check("--context", self.context_tokens, 1, _MOST_CONTEXT_TOKENS, optional=True)
        _check("--batch", self.batch_size, 1, _MOST_SEQUENCES)
        _check("--tp", self.tp, 1, _MOST_GPUS)
        _check("--draft-layers", self.draft_layers, 0, _MOST_DRAFT_LAYERS)
        share = self.utilization
        if share is None:
            return
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0.1 <= share <= 1:
            shown = shorten(str(share), 40)
            raise UsageError("--utilization {word} is not a share from 0.1 to 1, such as 0.9", word=shown)
        if self.engine is None or self.engine.name != "vllm":
            raise UsageError("--utilization {share} is vLLM's; add --engine vllm", share=share)

    def changed(self, **changes: Any) -> FitRequest:
        """The same question with other options."""
        return replace(self, **changes)

    def to_dict(self) -> Mapping[str, Any]:
        """The options as an estimate keeps them."""
        return {
            "model": self.model,
            "quant": self.quant,
            "context_tokens": self.context_tokens,
            "batch_size": self.batch_size,
            "gpu": self.gpu,
            "engine": self.engine.name if self.engine else None,
            "kv": self.kv,
            "tp": self.tp,
            "utilization": self.utilization,
            "draft_layers": self.draft_layers,
        }


def _check(option: str, value: object, least: int, most: int, *, optional: bool = False) -> None:
    if value is None and optional:
        return
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        shown = shorten(str(value), 40)
        raise UsageError(
            "{flag} {word} is not a whole number from {least:,} to {most:,}",
            flag=option,
            word=shown,
            least=least,
            most=most,
        )
