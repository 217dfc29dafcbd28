"""What a training step needs in memory on one GPU: the parts, the peak, and what comes on top."""

from __future__ import annotations

from dataclasses import replace

from ...figures import Figure, assumed, derive, given
from ...formulas import training_memory as memory
from ...messages import joined, option, say
from ...records import dataclass
from ..devices import Device
from ..parameters import one_unless_given
from . import activations, state
from .grpo import GrpoNeeds, grpo_needs
from .plan import Plan

_GIB = 2**30


@dataclass(frozen=True, slots=True)
class TrainingNeeds:
    """The figures of one GPU's share of a step."""

    params: Figure
    trained_params: Figure
    weights_bytes: Figure
    adapters_bytes: Figure
    optimizer_bytes: Figure
    gradients_bytes: Figure
    gathered_bytes: Figure
    activations_bytes: Figure
    recomputed_bytes: Figure
    logits_bytes: Figure
    moment_bytes: Figure
    peak_bytes: Figure
    grpo: GrpoNeeds | None = None


def training_needs(plan: Plan, device: Device) -> TrainingNeeds:
    """Every figure of the peak, each from the options that bear on it, on a GPU of this kind."""
    seq = given("seq_tokens", plan.seq_tokens, "tokens", option("seq_tokens"))
    batch = one_unless_given("micro_batch", plan.micro_batch, "sequences")
    if plan.grpo:
        batch = replace(batch, note=say("{flag}, a group unless given", flag=option("micro_batch")))
    params = plan.spec.params_figure()
    trained = state.lora(plan) if plan.trains_adapters else replace(params, name="trained_params")
    weights, gathered = state.weights(plan, params)
    adapters = state.adapters(plan, trained)
    optimizer = state.optimizer(plan, trained)
    gradients = state.gradients(plan, trained)
    kept, recomputed = activations.activations(plan, seq, batch)
    logits = activations.logits(plan, seq, batch)
    moment = derive(
        "moment_bytes",
        "bytes",
        memory.moment_bytes,
        gradients_bytes=gradients,
        activations_bytes=kept,
        recomputed_bytes=recomputed,
        logits_bytes=logits,
        gradients_kept=state.gradients_kept(plan),
    )
    beside, held = None, {}
    if plan.grpo is not None:
        beside = grpo_needs(plan, plan.grpo, device, seq, weights, replace(moment, name="step_bytes"))
        moment, held = beside.moment_bytes, {"reference_bytes": beside.reference_bytes}
    peak = derive(
        "peak_bytes",
        "bytes",
        memory.peak_bytes,
        note="",
        weights_bytes=weights,
        adapters_bytes=adapters,
        gathered_bytes=gathered,
        optimizer_bytes=optimizer,
        moment_bytes=moment,
        **held,
    )
    return TrainingNeeds(
        params,
        trained,
        weights,
        adapters,
        optimizer,
        gradients,
        gathered,
        kept,
        recomputed,
        logits,
        moment,
        peak,
        beside,
    )


def training_overhead(peak: Figure, n_gpus: int) -> Figure:
    """What is taken beside the tensors: the runtime, and memory that the allocator cannot use."""
    runtime = assumed(
        "runtime_bytes",
        int(0.6 * _GIB),
        "bytes",
        joined("; ", say("CUDA context and libraries"), say("the GPUs' exchange") if n_gpus > 1 else ""),
        low=int(0.3 * _GIB),
        high=int((1.2 if n_gpus == 1 else 3) * _GIB),
    )
    unused = assumed("unused_share", 0.03, "", say("fragments of PyTorch's allocator"), low=0, high=0.1)
    return derive(
        "overhead_bytes",
        "bytes",
        memory.training_overhead_bytes,
        runtime_bytes=runtime,
        peak_bytes=peak,
        unused_share=unused,
    )
