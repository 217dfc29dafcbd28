"""Does training fit, and what does it cost?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from ...catalog import limits
from ...catalog.open_models.quants import known_quants
from ...catalog.training_methods import known_optimizers, known_precisions
from ...errors import ParameterError, UsageError
from ...messages import option, say
from ...records import dataclass
from .. import parameters
from ..kinds import Name, OneOf, Switch, Whole
from ..money import Priced
from ..question import parameter
from .details import TrainingCostEstimate, TrainingEstimate

_METHODS = ("full", "lora", "qlora")
_GRPO = ("grpo", "grpo-lora", "grpo-qlora")
_GENERATORS = ("policy", "colocate", "sleep", "server")
_OF_GRPO = {
    "generator": None,
    "output_tokens": None,
    "generations": None,
    "reference_model": False,
    "utilization": None,
    "tp": 1,
}
"""What only GRPO has, by what stands there unless it is given."""


def _method(names: tuple[str, ...], about: str) -> Any:
    return parameter(OneOf(names), about, "full", flag="train", metavar="METHOD")


def _needs(name: str, value: Any, other: str) -> ParameterError:
    return ParameterError("{option} needs {other}", name, value, other=other)


@dataclass(frozen=True, slots=True, kw_only=True)
class Train(Priced):
    """What training `model` needs on each GPU, and with `train_tokens` what it costs.

    Returns:
        An Estimate with a `verdict` and `weights_bytes`, `gradients_bytes`, `optimizer_bytes`,
        `activations_bytes`, `logits_bytes`, `peak_bytes`, `total_bytes`; with GRPO `reference_bytes`
        and `generation_bytes`.

    Raises:
        LLMNumbersError: a value that a parameter does not take.

    >>> from ipython_llmnumbers import gpu_train
    >>> gpu_train("llama-3.1-8b", method="qlora", gpu="RTX 4090").verdict
    'fits'
    """

    function = "gpu_train"

    model: Any = parameters.open_model()
    method: str = _method(
        (*_METHODS, *_GRPO),
        say("judge training instead: full, lora or qlora; grpo, grpo-lora or grpo-qlora"),
    )
    optimizer: str = parameter(
        Name(known_optimizers), say("the optimizer; default: adamw"), "adamw", metavar="NAME"
    )
    precision: str | None = parameter(
        Name(known_precisions),
        say("the precision; default: mixed for full, bf16 for adapters"),
        None,
        metavar="NAME",
    )
    checkpointing: str = parameter(
        OneOf(("none", "selective", "full")),
        say("activations that are computed again: none, selective or full; default: full"),
        "full",
        metavar="HOW",
    )
    seq_tokens: int = parameter(
        Whole(limits.CONTEXT_TOKENS),
        say("tokens of a sequence; default: 2048"),
        2_048,
        flag="seq",
        metavar="TOKENS",
        unit="tokens",
    )
    micro_batch: int | None = parameter(
        Whole(limits.SEQUENCES),
        say("sequences of a step on each GPU; default: 1, with grpo a group"),
        None,
        metavar="N",
        unit="sequences",
    )
    zero_stage: int | None = parameter(
        Whole(3, least=0),
        say("what the GPUs divide: 1 optimizer, 2 gradients too, 3 weights too (FSDP)"),
        None,
        flag="zero",
        metavar="STAGE",
    )
    n_gpus: int = parameters.n_gpus()
    gpu: str | None = parameters.gpu()
    lora_rank: int = parameter(
        Whole(limits.LORA_RANK), say("rank of the adapters; default: 16"), 16, flag="rank", metavar="N"
    )
    text_only: bool = parameters.text_only()
    quant: str = parameter(
        Name(known_quants),
        say("what qlora's frozen weights are stored in; default: nf4-dq"),
        "nf4-dq",
        short="q",
        metavar="QUANT",
    )
    offload: str = parameter(
        OneOf(("none", "optimizer", "activations", "all")),
        say("what goes to the CPU's memory: optimizer, activations or all"),
        "none",
        metavar="WHAT",
    )
    attention: str = parameter(
        OneOf(("flash", "eager")),
        say("how attention is computed: flash, or eager, which keeps every score; default: flash"),
        "flash",
        metavar="HOW",
    )
    compiled: bool = parameter(Switch(), say("torch.compile"), False, flag="compile")
    chunked_loss: bool = parameter(Switch(), say("a cross entropy in chunks"), False)
    step_in_backward: bool = parameter(
        Switch(), say("an optimizer that steps within the backward pass"), False
    )
    generator: str | None = parameter(
        OneOf(_GENERATORS),
        say("with grpo, what makes the completions: policy, colocate, sleep or server; default: policy"),
        None,
        metavar="WHAT",
    )
    output_tokens: int | None = parameters.output_tokens()
    generations: int | None = parameter(
        Whole(limits.SEQUENCES),
        say("with grpo, completions of a prompt, a group; default: 8"),
        None,
        metavar="N",
        unit="sequences",
    )
    reference_model: bool = parameter(
        Switch(),
        say("with grpo, a frozen copy of the model beside it, for a KL penalty (beta above 0)"),
        False,
        flag="reference",
    )
    utilization: float | None = parameters.utilization()
    tp: int = parameters.tp()
    train_tokens: int | None = parameters.train_tokens(default=None)
    usd_per_gpu_hour: Decimal | None = parameters.usd_per_gpu_hour()

    @property
    def is_grpo(self) -> bool:
        """Whether the model learns from its own completions."""
        return self.method in _GRPO

    @property
    def trained(self) -> str:
        """Which weights are trained: `full`, `lora` or `qlora`."""
        return _METHODS[_GRPO.index(self.method)] if self.is_grpo else self.method

    def check(self) -> None:
        Priced.check(self)
        self._check_grpo()
        if self.offload == "activations" and self.checkpointing != "full":
            raise UsageError(
                "{option:offload=activations} moves the inputs that {option:checkpointing=full} keeps;"
                " use both"
            )

    def _check_grpo(self) -> None:
        """Refuse what is of GRPO without it, and what is unknown with it."""
        given = {name: getattr(self, name) for name in _OF_GRPO if getattr(self, name) != _OF_GRPO[name]}
        if not self.is_grpo:
            for name, value in given.items():
                raise _needs(name, value, option("method", "grpo"))
            return
        if self.train_tokens is not None:
            raise ParameterError(
                "{option} has no price with {other}: how long the completions take is unknown; leave it out",
                "train_tokens",
                self.train_tokens,
                other=option("method", self.method),
            )
        for name in ("utilization", "tp"):
            if name in given and self.generator not in {"colocate", "sleep"}:
                raise _needs(name, given[name], option("generator", "colocate"))
        if self.output_tokens is not None and self.output_tokens >= self.seq_tokens:
            raise UsageError(
                "{output} leaves no prompt in {seq}",
                output=option("output_tokens", self.output_tokens),
                seq=option("seq_tokens", self.seq_tokens),
            )

    def answer(self) -> TrainingEstimate:
        from .estimate import estimate_training

        return estimate_training(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingCost(Priced):
    """GPU-hours, days and dollars to train `model` on so many tokens, wherever it fits.

    Returns:
        An Estimate with `flops`, `gpu_hours`, `training_usd`, `days` and `share_of_pretraining`, and where
        a run of that size was published, `scaled_gpu_hours`, `scaled_days` and `scaled_usd`.

    Raises:
        LLMNumbersError: an unknown model or GPU, or no number of tokens.

    >>> from ipython_llmnumbers import training_cost
    >>> cost = training_cost("13B", train_tokens=1_400_000_000_000, usd_per_gpu_hour=5)
    >>> low, high = (round(float(each), -4) for each in (cost["training_usd"].low, cost["training_usd"].high))
    >>> low, high  # the document's "$1 million" is within
    (970000.0, 1940000.0)
    """

    function = "training_cost"

    model: Any = parameters.open_model()
    train_tokens: int = parameters.train_tokens()
    method: str = _method(_METHODS, say("what is trained: full, lora or qlora"))
    n_gpus: int = parameters.n_gpus()
    gpu: str | None = parameters.gpu()
    text_only: bool = parameters.text_only()
    usd_per_gpu_hour: Decimal | None = parameters.usd_per_gpu_hour()

    def answer(self) -> TrainingCostEstimate:
        from .cost import estimate_training_cost

        return estimate_training_cost(self)
