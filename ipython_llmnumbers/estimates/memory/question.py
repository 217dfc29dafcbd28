"""Does a model fit?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ...catalog import limits
from ...catalog.hardware.engines import check_taken
from ...catalog.open_models.find import known_models
from ...errors import UsageError
from ...messages import option, say
from ...records import dataclass
from .. import parameters
from ..kinds import Name, Switch, Whole
from ..money import Priced
from ..question import parameter
from .details import FitEstimate

# Parameters that only some engines take.
_OF_ENGINES = ("utilization", "max_num_batched_tokens", "max_loras", "max_lora_rank", "cpu_offload_gb")
# Parameters that mean the first engine that takes them, where none is named.
_MEANING_ENGINES = ("ngl", "n_cpu_moe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit(Priced):
    """Whether `model` fits the local GPU, or the named one.

    Returns:
        An Estimate with a `verdict` and `weights_bytes`, `kv_cache_bytes`,
        `overhead_bytes`, `free_bytes`, `max_context_tokens`, `max_batch_size`.

    Raises:
        LLMNumbersError: an unknown model, quantisation, engine or GPU, or a number that
            none of them takes.

    >>> from ipython_llmnumbers import gpu_fit
    >>> gpu_fit("13B", gpu="A100-80GB")["weights_bytes"].value
    26000000000
    """

    function = "gpu_fit"

    model: Any = parameters.open_model()
    quant: str | None = parameters.quant()
    context_tokens: int | None = parameters.context_tokens()
    batch_size: int = parameters.batch_size()
    gpu: str | None = parameters.gpu()
    engine: str | None = parameters.engine()
    kv: str | None = parameters.kv()
    tp: int = parameters.tp()
    pp: int = parameters.pp()
    utilization: float | None = parameters.utilization()
    max_num_batched_tokens: int | None = parameter(
        Whole(limits.CONTEXT_TOKENS),
        say("tokens of prompts that an engine reads at once, its chunk or micro-batch; default: its own"),
        None,
        metavar="TOKENS",
        unit="tokens",
    )
    max_loras: int | None = parameter(
        Whole(limits.LORAS),
        say("LoRA adapters that an engine keeps room for on the GPU; default: its own, if a rank is given"),
        None,
        metavar="N",
    )
    max_lora_rank: int | None = parameter(
        Whole(limits.LORA_RANK),
        say("the greatest rank of these adapters; default: the engine's, if their number is given"),
        None,
        metavar="RANK",
    )
    draft: str | None = parameter(
        Name(known_models), say("a smaller model that drafts for speculative decoding"), None, metavar="MODEL"
    )
    draft_layers: int = parameter(
        Whole(limits.DRAFT_LAYERS, least=0),
        say("layers of a speculative draft that keep tokens too"),
        0,
        metavar="N",
        unit="layers",
    )
    ngl: int | None = parameters.ngl()
    n_cpu_moe: int | None = parameters.n_cpu_moe()
    ram: str | None = parameters.ram()
    cpu_offload_gb: int | None = parameters.cpu_offload_gb()
    text_only: bool = parameters.text_only()
    hub: bool = parameter(
        Switch(),
        say("fetch the config.json of a repository from the Hugging Face Hub"),
        False,
        effect="instead",
    )

    def check(self) -> None:
        Priced.check(self)
        for name in _OF_ENGINES:
            check_taken(self.engine, name, getattr(self, name))
        check_taken(self.engine, "pp", None if self.pp == 1 else self.pp)
        for name in _MEANING_ENGINES if self.engine is not None else ():
            check_taken(self.engine, name, getattr(self, name))
        if self.draft is not None and self.draft_layers:
            raise UsageError(
                "{option} and a draft: give one of them", option=option("draft_layers", self.draft_layers)
            )

    def changed(self, **changes: Any) -> Fit:
        """The same question with other parameters."""
        return replace(self, **changes)

    def answer(self) -> FitEstimate:
        from .estimate import estimate_fit

        return estimate_fit(self)
