"""How fast does a model run?"""

from __future__ import annotations

from typing import Any

from ...records import dataclass
from .. import parameters
from ..money import Priced
from .details import SpeedEstimate


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed(Priced):
    """How many tokens per second `model` makes on a GPU, and what a million of them costs.

    Returns:
        An Estimate with `tokens_per_s` (of all sequences), `sequence_tokens_per_s`, `step_s`,
        `prefill_tokens_per_s`, `own_usd_per_mtok`, `api_usd_per_mtok`; its parts are the same
        at other batch sizes that fit, with `batching_speedup` against one sequence.

    Raises:
        LLMNumbersError: a value that a parameter does not take.

    >>> from ipython_llmnumbers import gpu_speed
    >>> speed = gpu_speed("llama-3.1-8b", gpu="H100", batch_size=8)
    >>> speed["tokens_per_s"].low < 900 < speed["tokens_per_s"].high
    True
    """

    function = "gpu_speed"

    model: Any = parameters.open_model()
    quant: str | None = parameters.quant()
    gpu: str | None = parameters.gpu()
    context_tokens: int | None = parameters.context_tokens()
    output_tokens: int | None = parameters.output_tokens()
    batch_size: int = parameters.batch_size()
    tp: int = parameters.tp()
    pp: int = parameters.pp()
    engine: str | None = parameters.engine()
    kv: str | None = parameters.kv()
    ngl: int | None = parameters.ngl()
    n_cpu_moe: int | None = parameters.n_cpu_moe()
    ram: str | None = parameters.ram()
    cpu_offload_gb: int | None = parameters.cpu_offload_gb()
    text_only: bool = parameters.text_only()

    def answer(self) -> SpeedEstimate:
        from .estimate import estimate_speed

        return estimate_speed(self)
