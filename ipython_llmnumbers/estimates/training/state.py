"""What a GPU holds of the model throughout a step: weights, adapters, optimizer, gradients."""

from __future__ import annotations

from ...catalog.open_models.quants import find_quant
from ...catalog.training_methods import step_fact
from ...figures import Figure, assumed, derive, given
from ...formulas import training_memory as memory
from ...messages import option, say
from ..memory.weights import weights_figure
from .plan import Plan, on_cpu
from .shape import adapted_width


def weights(plan: Plan, params: Figure) -> tuple[Figure, Figure]:
    """`weights_bytes` on one GPU, and `gathered_bytes`: those of other GPUs that are there for a moment."""
    whole = whole_weights(plan)
    none = assumed("gathered_bytes", 0, "bytes", say("every GPU has all weights"))
    if plan.offload == "all":
        weights = assumed("weights_bytes", 0, "bytes", on_cpu(plan))
    elif plan.zero_stage < 3:
        return whole, none
    else:
        weights = derive(
            "weights_bytes", "bytes", memory.sharded_bytes, whole_bytes=whole, shards=_shards(plan, 3)
        )
    live = _live_params(plan, params)
    per_param = derive(
        "bytes_per_param",
        "bytes/parameter",
        memory.mean_bytes_per_param,
        whole_bytes=whole,
        n_params=params,
    )
    gathered = derive(
        "gathered_bytes", "bytes", memory.gathered_bytes, live_params=live, bytes_per_param=per_param
    )
    return weights, gathered


def whole_weights(plan: Plan, dtype: str | None = None) -> Figure:
    """All weights: in `dtype`, else as the precision says, or quantised where they are frozen so."""
    own = "fp32" if plan.precision.weight_bytes == 4 else "bf16"
    quant = find_quant(dtype or (plan.quant if plan.method == "qlora" else own))
    matrices = [each for each in plan.spec.architecture.matrices if not each.draft]
    return weights_figure(plan.spec, quant, matrices)


def lora(plan: Plan) -> Figure:
    every = adapted_width(plan.spec)
    least = adapted_width(plan.spec, ("attn_q", "attn_v", "attn_qkv", "attn_q_a", "attn_kv_a_mqa"))
    note = say("every matrix of the layers but experts; at the least queries and values, PEFT's default")
    return derive(
        "trained_params",
        "parameters",
        memory.lora_params,
        adapted_width=assumed(
            "adapted_width", every, "", note, source=plan.spec.source, low=min(least, every) or None
        ),
        rank=given("rank", plan.lora_rank, "", option("lora_rank", plan.lora_rank)),
    )


def adapters(plan: Plan, trained: Figure) -> Figure:
    if not plan.trains_adapters:
        return assumed("adapters_bytes", 0, "bytes", say("none: the weights themselves are trained"))
    return derive(
        "adapters_bytes",
        "bytes",
        memory.state_bytes,
        trained_params=trained,
        bytes_per_param=plan.precision.figure("weight_bytes"),
        shards=_shards(plan, 3),
    )


def optimizer(plan: Plan, trained: Figure) -> Figure:
    if plan.offload in {"optimizer", "all"}:
        return assumed("optimizer_bytes", 0, "bytes", on_cpu(plan))
    per_param = derive(
        "bytes_per_param",
        "bytes/parameter",
        memory.optimizer_bytes_per_param,
        moments=plan.optimizer.moments_figure(),
        bytes_per_moment=plan.optimizer.moment_bytes_figure(plan.precision),
        master_bytes=plan.precision.figure("master_bytes"),
    )
    return derive(
        "optimizer_bytes",
        "bytes",
        memory.state_bytes,
        trained_params=trained,
        bytes_per_param=per_param,
        shards=_shards(plan, 1),
    )


def gradients(plan: Plan, trained: Figure) -> Figure:
    name, unit = "gradients_bytes", "bytes"
    per_gradient = plan.precision.figure("gradient_bytes")
    if plan.offload == "all" and not plan.trains_adapters:
        return derive(
            name,
            unit,
            memory.gathered_bytes,
            note=say("those on their way to the CPU ({option:offload=all})"),
            live_params=_live_params(plan, trained),
            bytes_per_param=per_gradient,
        )
    if plan.step_in_backward and not plan.trains_adapters:
        return derive(
            name,
            unit,
            memory.largest_gradient_bytes,
            note=say("each is used and given up at once (optimizer in backward)"),
            vocab_size=plan.spec.figure("vocab_size"),
            hidden_size=plan.spec.figure("hidden_size"),
            bytes_per_gradient=per_gradient,
        )
    return derive(
        name,
        unit,
        memory.state_bytes,
        trained_params=trained,
        bytes_per_param=per_gradient,
        shards=_shards(plan, 2),
    )


def gradients_kept(plan: Plan) -> Figure:
    name = "gradients_kept"
    if plan.step_in_backward:
        return assumed(name, 0, "", say("none is kept: the optimizer steps in the backward pass"))
    if plan.n_gpus > 1:
        return assumed(name, 1, "", say("the GPUs exchange gradients through buffers that stay"), low=0)
    return step_fact(name).figure()


def _shards(plan: Plan, least_stage: int) -> Figure:
    """Among how many GPUs something is divided that ZeRO divides from that stage on."""
    if plan.zero_stage >= least_stage:
        note = say("{option:zero_stage={stage}} on {n} GPUs", stage=plan.zero_stage, n=plan.n_gpus)
        return given("shards", plan.n_gpus, "GPUs", note)
    return given(
        "shards", 1, "GPUs", say("{option:zero_stage={stage}} does not divide it", stage=plan.zero_stage)
    )


def _live_params(plan: Plan, params: Figure) -> Figure:
    """Parameters that a GPU has whole for a moment where they are divided or offloaded."""
    count = int(params.value or 0)
    most, layers = step_fact("live_params"), step_fact("live_layers")
    least = min(count, int(layers.value) * count // max(1, plan.spec.architecture.n_layers))
    usual = min(count, max(least, most.value))
    return assumed(most.name, usual, most.unit, most.note, source=most.source, low=least)
