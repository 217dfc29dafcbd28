"""What `%gpufit` is asked, checked once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from ...catalog.hardware.engines import Engine
from ...errors import UsageError
from ...messages import option
from ..places import check_whole

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
        if self.context_tokens is not None:
            check_whole("context_tokens", self.context_tokens, _MOST_CONTEXT_TOKENS)
        check_whole("batch_size", self.batch_size, _MOST_SEQUENCES)
        check_whole("tp", self.tp, _MOST_GPUS)
        check_whole("draft_layers", self.draft_layers, _MOST_DRAFT_LAYERS, least=0)
        share = self.utilization
        if share is None:
            return
        if isinstance(share, bool) or not isinstance(share, int | float) or not 0.1 <= share <= 1:
            raise UsageError(
                "{option} is not a share from 0.1 to 1, such as 0.9", option=option("utilization", share)
            )
        if self.engine is None or self.engine.name != "vllm":
            raise UsageError("{option:utilization={share}} is vLLM's; add {option:engine=vllm}", share=share)

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
