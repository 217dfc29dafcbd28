"""GRPO: the policy makes completions and learns from them, on the same GPUs or beside another's generator."""

from __future__ import annotations

from dataclasses import replace

from ...catalog.training_methods import engine_beside, engine_of_training, step_fact
from ...figures import Figure, assumed, derive, given
from ...formulas import overhead
from ...formulas import training_memory as memory
from ...messages import option, say
from ...records import dataclass
from ..devices import Device
from ..memory.cache import CacheNeeds, cache_needs
from ..memory.engines import serving
from ..parameters import one_unless_given
from .plan import Grpo, Plan
from .state import whole_weights


@dataclass(frozen=True, slots=True)
class GrpoNeeds:
    """What GRPO holds beside a step, and `moment_bytes`: the worst moment of training and generating."""

    reference_bytes: Figure
    generation_bytes: Figure
    moment_bytes: Figure


def grpo_needs(
    plan: Plan, asked: Grpo, device: Device, seq: Figure, weights: Figure, step: Figure
) -> GrpoNeeds:
    """What GRPO needs on each GPU; `step` are the bytes of a training step that come and go."""
    generation = _generation(plan, asked, device, seq, weights)
    together = memory.at_once_bytes if asked.generator == "colocate" else memory.in_turn_bytes
    moment = derive("moment_bytes", "bytes", together, step_bytes=step, generation_bytes=generation)
    return GrpoNeeds(_reference(plan, asked, weights), generation, moment)


def _reference(plan: Plan, asked: Grpo, weights: Figure) -> Figure:
    """A frozen copy of the policy as it was, divided as the policy is."""
    name = "reference_bytes"
    if not asked.reference_model:
        return assumed(name, 0, "bytes", say("none; {option:reference_model=True} keeps one"))
    if plan.trains_adapters:
        return assumed(name, 0, "bytes", say("none: without its adapters the policy is the reference"))
    return replace(weights, name=name)


def _generation(plan: Plan, asked: Grpo, device: Device, seq: Figure, weights: Figure) -> Figure:
    """What makes the completions, on one GPU."""
    name = "generation_bytes"
    match asked.generator:
        case "server":
            return assumed(name, 0, "bytes", say("on other GPUs ({option:generator=server})"))
        case "policy":
            return derive(
                name,
                "bytes",
                memory.own_generation_bytes,
                kv_cache_bytes=_cache(plan, asked, seq, engine_of_training()).total_bytes,
                whole_bytes=replace(whole_weights(plan), name="whole_bytes"),
                weights_bytes=weights,
            )
        case _:
            return derive(
                name,
                "bytes",
                memory.colocated_bytes,
                utilization=utilization(asked),
                visible_bytes=_visible(device),
                whole_bytes=replace(whole_weights(plan, "bf16"), name="whole_bytes"),
                tp=one_unless_given("tp", asked.tp, "GPUs"),
                sequence_bytes=_cache(plan, asked, seq, engine_beside()).sequence_bytes,
            )


def _cache(plan: Plan, asked: Grpo, seq: Figure, engine: str) -> CacheNeeds:
    """Keys and values of the completions that are made at once, each as long as a sequence may be."""
    batch = given("batch_size", plan.micro_batch, "sequences", say("the completions of a step"))
    note = say("the cache has the bits of the activations, an engine's 16")
    n_bits = 8 * plan.precision.activation_bytes if asked.generator == "policy" else 16
    bits = assumed("kv_bits_per_element", n_bits, "bits", note)
    return cache_needs(plan.spec, bits, seq, batch, served_by=serving(engine), tp=asked.tp)


def _visible(device: Device) -> Figure:
    """Of a GPU's memory, what the engine takes its share of."""
    return derive(
        "visible_bytes",
        "bytes",
        overhead.visible_bytes,
        device_bytes=device.device_bytes,
        driver_bytes=serving(engine_beside()).engine.figure("driver_bytes"),
    )


def utilization(asked: Grpo) -> Figure:
    """The share of the GPU that an engine beside the training takes."""
    name = "utilization"
    if asked.utilization is None:
        return replace(step_fact("engine_share").figure(), name=name)
    return given(name, asked.utilization, "", option(name, asked.utilization))


def generated_tokens(plan: Plan, asked: Grpo) -> Figure:
    """The tokens of a sequence whose logits are computed: those that were generated."""
    name = "output_tokens"
    if asked.output_tokens is not None:
        return given(name, asked.output_tokens, "tokens", option(name, asked.output_tokens))
    usual = step_fact("generated_tokens")
    if plan.seq_tokens > usual.value:
        return replace(usual.figure(), name=name)
    note = say("half of {option:seq_tokens}; {flag} takes another", flag=option(name))
    return assumed(name, max(1, plan.seq_tokens // 2), "tokens", note)
