"""Which models fit this machine, and which machines does this model fit?"""

from __future__ import annotations

from typing import Any

from ...catalog import limits
from ...catalog.hardware.engines import check_taken
from ...errors import UsageError
from ...messages import option, say
from ...records import dataclass
from .. import parameters
from ..kinds import Name, Whole
from ..question import Question, parameter
from .details import FittingGpusEstimate, FittingModelsEstimate


def _most() -> Any:
    """How long a list is."""
    about = say("rows of a list of what fits; default: 20")
    return parameter(Whole(limits.ROWS), about, 20, metavar="N", effect="instead")


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingModels(Question):
    """The models of the tables that fit a machine, each in the most bits that do.

    Returns:
        An Estimate with a part for each model: `params`, `total_bytes`, `max_context_tokens` and
        `tokens_per_s` of one sequence.

    Raises:
        LLMNumbersError: an unknown GPU, quantisation or engine, or no size of a memory.
    """

    function = "models_that_fit"

    gpu: str | None = parameters.gpu()
    vram: str | None = parameter(
        Name(),
        say("memory of the GPU, such as 8GB, where its name does not matter"),
        None,
        metavar="SIZE",
        effect="instead",  # it takes seconds, which nobody waits for while typing
    )
    ram: str | None = parameter(
        Name(),
        say("memory of the machine beside the GPU, such as 32GB"),
        None,
        metavar="SIZE",
        effect="instead",
    )
    quant: str | None = parameters.quant()
    context_tokens: int | None = parameters.context_tokens()
    batch_size: int = parameters.batch_size()
    engine: str | None = parameters.engine()
    kv: str | None = parameters.kv()
    most: int = _most()

    def check(self) -> None:
        if self.gpu is not None and self.vram is not None:
            raise UsageError(
                "{gpu} and {vram}: give one of them",
                gpu=option("gpu", self.gpu),
                vram=option("vram", self.vram),
            )

    def answer(self) -> FittingModelsEstimate:
        from .models import estimate_fitting_models

        return estimate_fitting_models(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class FittingGpus(Question):
    """The GPUs and the clouds' machines that `model` fits, the cheapest first.

    After as many of known rent come as many of unknown rent, the smallest first.

    Returns:
        An Estimate with a part for each: `usd_per_hour` of all its GPUs, `free_bytes`, `total_bytes` and
        `max_context_tokens`; a rent that no table has is unknown.

    Raises:
        LLMNumbersError: an unknown model, quantisation or engine.

    >>> from ipython_llmnumbers import gpus_that_fit
    >>> gpus_that_fit("llama-3.1-8b", engine="vllm").parts[0].details.instance
    'g6.xlarge'
    """

    function = "gpus_that_fit"

    model: Any = parameters.open_model()
    quant: str | None = parameters.quant()
    context_tokens: int | None = parameters.context_tokens()
    batch_size: int = parameters.batch_size()
    engine: str | None = parameters.engine()
    kv: str | None = parameters.kv()
    utilization: float | None = parameters.utilization()
    text_only: bool = parameters.text_only()
    most: int = _most()

    def check(self) -> None:
        check_taken(self.engine, "utilization", self.utilization)

    def answer(self) -> FittingGpusEstimate:
        from .gpus import estimate_fitting_gpus

        return estimate_fitting_gpus(self)
