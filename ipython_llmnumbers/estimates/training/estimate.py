"""Does training fit? What a step needs on each GPU, against the memory that is free there."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ...catalog.open_models.quants import find_quant
from ...catalog.training_methods import find_optimizer, find_precision
from ...errors import UsageError
from ...figures import Estimate, Figure, Note, Verdict, derive, given
from ...formulas import training_memory as memory
from ...messages import joined, option, say
from ..memory.notes import too_long
from ..open_model import resolve_layers
from ..places import Place, check_whole, local_place, named_place, verdict
from .advice import training_advice
from .cost import cost_figures, cost_notes
from .needs import TrainingNeeds, training_needs, training_overhead
from .plan import Plan

METHODS = ("full", "lora", "qlora")
CHECKPOINTING = ("none", "selective", "full")
OFFLOAD = ("none", "optimizer", "activations", "all")
# Where there is no GPU, one of each size that clouds and shops offer.
COMMON_GPUS = ("T4", "L4", "RTX 4090", "L40S", "A100 80GB SXM", "H100 80GB SXM", "H200", "B200")
DEFAULT_SEQ_TOKENS = 2_048
_MOST_TOKENS = 10**16


def estimate_training(
    model: object,
    *,
    method: str = "full",
    optimizer: str = "adamw",
    precision: str | None = None,
    checkpointing: str | None = None,
    seq_tokens: int = DEFAULT_SEQ_TOKENS,
    micro_batch: int = 1,
    zero_stage: int | None = None,
    n_gpus: int = 1,
    gpu: str | None = None,
    lora_rank: int = 16,
    quant: str = "nf4-dq",
    offload: str = "none",
    attention: str = "flash",
    compiled: bool = False,
    chunked_loss: bool = False,
    step_in_backward: bool = False,
    tokens: int | None = None,
    usd_per_gpu_hour: Decimal | None = None,
) -> Estimate:
    """What one GPU needs to train a model, and whether it has that.

    Args:
        method: `full`, `lora` (frozen weights and adapters) or `qlora` (frozen weights in `quant`).
        precision: `bf16`, `mixed`, `mixed-fp32-grads` or `fp32`; `mixed` for all weights and
            `bf16` for adapters unless given.
        checkpointing: `none`, `selective` (attention is computed again) or `full` (every layer
            is); `full` unless given.
        zero_stage: 0 to 3, what the GPUs divide among them; 3 (FSDP) on several unless given.
        offload: what goes to the CPU's memory: `none`, `optimizer`, `activations` or `all`.
        attention: `flash` or `eager`, which keeps every score.
        compiled, chunked_loss, step_in_backward: torch.compile, a loss in chunks, an optimizer
            that steps within the backward pass.
        tokens: tokens to train on: adds operations, GPU-hours and dollars.
        usd_per_gpu_hour: the rent of a GPU, where it is not the table's.

    Raises:
        UsageError, UnknownNameError: an option that is not one of those.

    >>> estimate = estimate_training("llama-3.1-8b", method="qlora", gpu="RTX 4090")
    >>> estimate.verdict
    'fits'
    """
    spec = resolve_layers(model, say("training"))
    method = _one_of("method", method, METHODS)
    checkpointing = _one_of(
        "checkpointing", "full" if checkpointing is None else checkpointing, CHECKPOINTING
    )
    if precision is None:
        precision = "mixed" if method == "full" else "bf16"
    attention = _one_of("attention", attention, ("flash", "eager"))
    offload = _one_of("offload", offload, OFFLOAD)
    plan = Plan(
        spec=spec,
        method=method,
        precision=find_precision(precision),
        optimizer=find_optimizer(optimizer),
        checkpointing=checkpointing,
        seq_tokens=seq_tokens,
        micro_batch=micro_batch,
        zero_stage=(3 if n_gpus != 1 else 0) if zero_stage is None else zero_stage,
        n_gpus=n_gpus,
        offload=offload,
        lora_rank=lora_rank,
        quant=find_quant(quant).name,
        # Selective recomputation leaves out just what a fused kernel never keeps.
        eager_attention=attention == "eager" and checkpointing != "selective",
        compiled=compiled,
        chunked_loss=chunked_loss,
        step_in_backward=step_in_backward,
    )
    _check(plan, tokens)
    request = {
        "model": spec.name,
        "method": method,
        "optimizer": plan.optimizer.name,
        "precision": plan.precision.name,
        "checkpointing": plan.checkpointing,
        "seq_tokens": seq_tokens,
        "micro_batch": micro_batch,
        "zero_stage": plan.zero_stage,
        "n_gpus": n_gpus,
        "gpu": gpu,
        "lora_rank": lora_rank,
        "offload": offload,
        "tokens": tokens,
    }
    needs = training_needs(plan)
    place = local_place() if gpu is None else named_place(gpu)
    parts: tuple[Estimate, ...] = ()
    if place.kind == "none":
        parts = tuple(
            _judge(plan, needs, each, each.name, {**request, "gpu": each.name}, advise=False)
            for each in map(named_place, COMMON_GPUS)
        )
    cost = _cost(plan, place, tokens, usd_per_gpu_hour)
    return _judge(plan, needs, place, spec.name, request, cost, parts)


def _judge(
    plan: Plan,
    needs: TrainingNeeds,
    place: Place,
    subject: str,
    request: Mapping[str, Any],
    cost: tuple[Figure, ...] = (),
    parts: tuple[Estimate, ...] = (),
    *,
    advise: bool = True,
) -> Estimate:
    overhead, total = _total(plan, needs)
    judged = verdict(total, place.free_bytes)
    return Estimate(
        kind="training",
        subject=subject,
        figures=(
            needs.params,
            needs.trained_params,
            needs.weights_bytes,
            needs.adapters_bytes,
            needs.gradients_bytes,
            needs.optimizer_bytes,
            needs.gathered_bytes,
            needs.activations_bytes,
            needs.recomputed_bytes,
            needs.logits_bytes,
            needs.moment_bytes,
            needs.peak_bytes,
            overhead,
            total,
            place.free_bytes,
            given("n_gpus", plan.n_gpus, "GPUs", say("{flag}, 1 unless given", flag=option("n_gpus"))),
            *cost,
        ),
        notes=(
            *place.notes,
            *_notes(plan),
            *(_advice(plan, needs, place, judged) if advise else ()),
            *(cost_notes(plan.spec, cost[2]) if cost else ()),
        ),
        verdict=judged,
        details={
            "model": plan.spec.name,
            "method": plan.method,
            "method_title": _title(plan),
            "device": place.name,
            "device_kind": place.kind,
        },
        request=request,
        parts=parts,
    )


def _total(plan: Plan, needs: TrainingNeeds) -> tuple[Figure, Figure]:
    """The overhead, and all that must be free."""
    overhead = training_overhead(needs.peak_bytes, plan.n_gpus)
    total = derive(
        "total_bytes",
        "bytes",
        memory.training_total_bytes,
        peak_bytes=needs.peak_bytes,
        overhead_bytes=overhead,
    )
    return overhead, total


def _advice(plan: Plan, needs: TrainingNeeds, place: Place, judged: Verdict | None) -> list[Note]:
    if judged == "tight":
        text = say(
            "tight: whether it fits lies within what is known of the framework; a chunked loss, fused norms"
            " and gradients that are given up after each step need least"
        )
        return [Note(text, "warning")]
    if judged != "does not fit":
        return []

    def judge(changed: Plan, gpu: str | None) -> Verdict | None:
        _, total = _total(changed, needs if changed is plan else training_needs(changed))
        return verdict(total, named_place(gpu).free_bytes if gpu else place.free_bytes)

    return training_advice(plan, judge)


def _cost(
    plan: Plan, place: Place, tokens: int | None, usd_per_gpu_hour: Decimal | None
) -> tuple[Figure, ...]:
    if tokens is None:
        return ()
    active = plan.spec.active_params_figure()
    return cost_figures(active, plan.method, tokens, place.gpu, usd_per_gpu_hour)


def _title(plan: Plan) -> str:
    """The method in words: what is trained, in which numbers, with which optimizer."""
    what = {
        "full": say("all weights"),
        "lora": say("LoRA of rank {rank}", rank=plan.lora_rank),
        "qlora": say("LoRA of rank {rank} on {quant} weights", rank=plan.lora_rank, quant=plan.quant),
    }[plan.method]
    return joined(", ", what, plan.precision.name, plan.optimizer.name)


def _notes(plan: Plan) -> list[Note]:
    spec, notes = plan.spec, []
    if spec.given_params is not None:
        text = say(
            "{size} is a size, not a model: its shape is taken from {model}",
            size=spec.name,
            model=spec.name_of_shape,
        )
        notes.append(Note(text))
    notes += too_long(spec, plan.seq_tokens)
    if plan.optimizer.name.startswith("paged"):
        text = say("a paged optimizer moves to the CPU's memory when the GPU's is short, and slows down")
        notes.append(Note(text))
    return notes


def _check(plan: Plan, tokens: int | None) -> None:
    check_whole("seq_tokens", plan.seq_tokens, 10**8)
    check_whole("micro_batch", plan.micro_batch, 10**6)
    check_whole("n_gpus", plan.n_gpus, 10**6)
    check_whole("zero_stage", plan.zero_stage, 3, least=0)
    check_whole("lora_rank", plan.lora_rank, 10**5)
    if tokens is not None:
        check_whole("train_tokens", tokens, _MOST_TOKENS)
    if plan.offload == "activations" and plan.checkpointing != "full":
        raise UsageError(
            "{option:offload=activations} moves the inputs that {option:checkpointing=full} keeps; use both"
        )


def _one_of(parameter: str, value: object, allowed: tuple[str, ...]) -> str:
    name = str(value).casefold()
    if name not in allowed:
        raise UsageError(
            "{option} is not one of {names}",
            option=option(parameter, value),
            names=", ".join(allowed),
        )
    return name
