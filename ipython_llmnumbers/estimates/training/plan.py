"""How a model is to be trained: the options of one request, read and found."""

from __future__ import annotations

from ...catalog.open_models.spec import ModelSpec
from ...catalog.training_methods import Optimizer, Precision
from ...messages import say
from ...records import dataclass


@dataclass(frozen=True, slots=True)
class Grpo:
    """How GRPO makes the completions that it learns from, `generations` for each prompt.

    `generator` is `policy`, `colocate`, `sleep` or `server`; so many GPUs as `tp` hold one engine together.
    None is what the framework decides.
    """

    generator: str
    generations: int
    tp: int
    output_tokens: int | None
    reference_model: bool
    utilization: float | None


@dataclass(frozen=True, slots=True)
class Plan:
    """How a model is to be trained. The estimate's own docstring says what each option is.

    `method` is which weights are trained, `full`, `lora` or `qlora`; `grpo` is None where the model
    learns from given texts.
    """

    spec: ModelSpec
    method: str
    precision: Precision
    optimizer: Optimizer
    checkpointing: str
    seq_tokens: int
    micro_batch: int
    zero_stage: int
    n_gpus: int
    offload: str
    lora_rank: int
    quant: str
    eager_attention: bool
    compiled: bool
    chunked_loss: bool
    step_in_backward: bool
    grpo: Grpo | None = None

    @property
    def trains_adapters(self) -> bool:
        return self.method != "full"


def on_cpu(plan: Plan) -> str:
    """Why something that is offloaded takes nothing on the GPU."""
    return say("in the CPU's memory ({option:offload={what}})", what=plan.offload)
