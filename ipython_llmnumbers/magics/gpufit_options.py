"""The options of `%gpufit` that ask another question of the same model: training, and speed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import say
from .magic import Call
from .option_values import price, whole_number
from .options import Option, Parsed, refuse

if TYPE_CHECKING:
    from ..catalog.open_models.spec import ModelSpec
    from ..figures import Estimate


def _methods() -> Iterable[str]:
    return ("full", "lora", "qlora")


def _optimizers() -> Iterable[str]:
    from ..catalog.training_methods import known_optimizers

    return known_optimizers()


def _precisions() -> Iterable[str]:
    from ..catalog.training_methods import known_precisions

    return known_precisions()


TRAINING = (
    Option(
        ("--train",),
        say("judge training instead: full, lora or qlora; what follows is of it"),
        "METHOD",
        known=_methods,
    ),
    Option(("--optimizer",), say("the optimizer; default: adamw"), "NAME", known=_optimizers),
    Option(
        ("--precision",),
        say("the precision; default: mixed for full, bf16 for adapters"),
        "NAME",
        known=_precisions,
    ),
    Option(
        ("--checkpointing",),
        say("activations that are computed again: none, selective or full; default: full"),
        "HOW",
        known=lambda: ("none", "selective", "full"),
    ),
    Option(("--seq",), say("tokens of a sequence; default: 2048"), "TOKENS", whole_number),
    Option(("--micro-batch",), say("sequences of a step on each GPU; default: 1"), "N", whole_number),
    Option(
        ("--zero",),
        say("what the GPUs divide: 1 optimizer, 2 gradients too, 3 weights too (FSDP)"),
        "STAGE",
        whole_number,
    ),
    Option(("--gpus",), say("GPUs that train together; default: 1"), "N", whole_number),
    Option(("--rank",), say("rank of the adapters; default: 16"), "N", whole_number),
    Option(
        ("--offload",),
        say("what goes to the CPU's memory: optimizer, activations or all"),
        "WHAT",
        known=lambda: ("optimizer", "activations", "all"),
    ),
    Option(("--compile",), "torch.compile"),
    Option(("--chunked-loss",), say("a cross entropy in chunks")),
    Option(("--step-in-backward",), say("an optimizer that steps within the backward pass")),
)
COST = (
    Option(
        ("--tokens",),
        say("tokens to train on: GPU-hours and dollars; alone, of making the model"),
        "TOKENS",
        whole_number,
    ),
    Option(("--usd-per-hour",), say("what an hour of one GPU costs; default: the tables"), "USD", price),
)
SPEED = (
    Option(("--speed",), say("tokens per second and dollars per million tokens instead")),
    Option(
        ("--out",),
        say("of --context, the tokens of the answer: prompts keep the batch full"),
        "N",
        whole_number,
    ),
)
OPTIONS = (*TRAINING, *COST, *SPEED)

# Options of the question whether a model fits, which training takes no notice of.
_OF_FIT = ("context", "batch", "engine", "kv", "tp", "utilization", "draft_layers")
_OF_TRAINING = tuple(option.name for option in TRAINING if option.name != "train")
# Options of training under the names of the estimate's arguments.
_ARGUMENTS = {
    "optimizer": "optimizer",
    "precision": "precision",
    "checkpointing": "checkpointing",
    "seq": "seq_tokens",
    "micro_batch": "micro_batch",
    "zero": "zero_stage",
    "gpus": "n_gpus",
    "rank": "lora_rank",
    "offload": "offload",
    "compile": "compiled",
    "chunked_loss": "chunked_loss",
    "step_in_backward": "step_in_backward",
    "quant": "quant",
    "gpu": "gpu",
    "tokens": "tokens",
    "usd_per_hour": "usd_per_gpu_hour",
}


def other_question(call: Call, model: ModelSpec) -> Estimate | None:
    """The answer where training, its cost or speed is asked for; None where a fit is.

    Raises:
        UsageError: options of two questions.
    """
    options = call.options
    if options.get("train") is not None:
        if flag := options.flag_of(_OF_FIT):
            raise UsageError(
                "{flag} is of serving; with --train say --seq, --micro-batch and --gpus", flag=flag
            )
        _refuse_two_questions(options, ("speed", "out"), "--train")
        from ..estimates.training.estimate import estimate_training

        given = {_ARGUMENTS[name]: value for name, value in options.values.items() if name in _ARGUMENTS}
        return estimate_training(model, method=options.get("train"), **given)
    if flag := options.flag_of(_OF_TRAINING):
        raise UsageError("{flag} is of training; add --train full, lora or qlora", flag=flag)
    if options.get("tokens") is not None:
        _refuse_two_questions(options, (*_OF_FIT, "speed", "out", "quant"), "--tokens")
        from ..estimates.training.cost import estimate_training_cost

        return estimate_training_cost(
            model,
            options.get("tokens"),
            gpu=options.get("gpu"),
            usd_per_gpu_hour=options.get("usd_per_hour"),
        )
    if flag := options.flag_of(("usd_per_hour",)):
        raise UsageError("{flag} is of --tokens; a price for --speed stands in [[gpus]]", flag=flag)
    if options.get("speed"):
        refuse(options, ("utilization", "draft_layers"), "--speed")
        from ..estimates.speed.estimate import DEFAULT_CONTEXT_TOKENS, estimate_speed

        return estimate_speed(
            model,
            quant=options.get("quant"),
            gpu=options.get("gpu"),
            context_tokens=options.get("context", DEFAULT_CONTEXT_TOKENS),
            output_tokens=options.get("out"),
            batch_size=options.get("batch", 1),
            tp=options.get("tp", 1),
            engine=options.get("engine", "vllm"),
            kv=options.get("kv"),
        )
    if flag := options.flag_of(("out",)):
        raise UsageError("{flag} is of --speed; add it", flag=flag)
    return None


def _refuse_two_questions(options: Parsed, names: Iterable[str], other: str) -> None:
    if flag := options.flag_of(names):
        raise UsageError("{flag} and {other} are two questions; ask one", flag=flag, other=other)
