"""How long a token takes through all of a machine: what each device reads, one after the other."""

from __future__ import annotations

from ....catalog.hardware.engine_speed import EngineSpeed
from ....catalog.hardware.ram import ram_figure
from ....catalog.open_models.spec import ModelSpec
from ....figures import Figure, assumed, derive, given
from ....formulas import speed
from ....messages import say
from ..cache import cache_needs
from ..needs import Needs
from ..weights import read_weights_figure
from .held import Held, needs_held


def layers_latency(spec: ModelSpec, engine: EngineSpeed, tp: int) -> Figure:
    """Seconds of a step that no bandwidth makes shorter."""
    none = say("one GPU has nobody to exchange with")
    exchange = engine.latency("exchange_latency") if tp > 1 else assumed("exchange_latency_s", 0, "s", none)
    routing = (
        engine.latency("routing_latency")
        if spec.architecture.n_experts
        else assumed("routing_latency_s", 0, "s", say("no experts to choose from"))
    )
    return derive(
        "layers_latency_s",
        "s",
        speed.layers_latency_s,
        n_layers=spec.figure("n_layers"),
        layer_latency_s=engine.latency("layer_latency"),
        exchange_latency_s=exchange,
        routing_latency_s=routing,
    )


def pass_figures(
    needs: Needs, held: tuple[Held, ...], engine: EngineSpeed, batch_size: Figure
) -> dict[str, Figure]:
    """`step_s`, `sequence_tokens_per_s` and `tokens_per_s` of a batch that passes through all devices."""
    nothing = assumed("compute_s", 0, "s", say("few tokens are computed while weights are read"))
    step = derive(
        "step_s",
        "s",
        speed.step_s,
        memory_s=reading_s(needs, held, engine, batch_size, needs.context_tokens),
        layers_latency_s=layers_latency(needs.spec, engine, needs.tp),
        compute_s=nothing,
        prompts_compute_s=assumed("prompts_compute_s", 0, "s", say("decoding only")),
    )
    one = given("batch_size", 1, "sequences", say("one of them"))
    unit = "tokens/s"
    return {
        "step_s": step,
        "sequence_tokens_per_s": derive(
            "sequence_tokens_per_s", unit, speed.tokens_per_s, batch_size=one, step_s=step
        ),
        "tokens_per_s": derive("tokens_per_s", unit, speed.tokens_per_s, batch_size=batch_size, step_s=step),
    }


def reading_s(
    needs: Needs, held: tuple[Held, ...], engine: EngineSpeed, batch_size: Figure, held_tokens: Figure
) -> Figure:
    """Seconds in which all devices read their weights and caches, one after the other.

    `held_tokens` are those of a sequence's cache, on average.
    """
    of_each = {
        f"device_{number}": _device_s(needs, each, engine, batch_size, held_tokens)
        for number, each in enumerate(held)
        if each.holds_layers
    }
    return derive("memory_s", "s", speed.laid_memory_s, note="", **of_each)


def _device_s(
    needs: Needs, held: Held, engine: EngineSpeed, batch_size: Figure, held_tokens: Figure
) -> Figure:
    """Seconds in which a device reads its weights and its cache."""
    if needs.spec.given_params is not None:
        read = needs_held(needs, held).weights_bytes
    else:
        read = read_weights_figure(needs.spec, needs.quant, held.matrices(needs), batch_size)
    whole = cache_needs(
        needs.spec, needs.kv_bits, held_tokens, batch_size, served_by=needs.served_by, tp=needs.tp
    ).total_bytes
    cache = held.part_of(whole, needs)
    if not held.device.is_gpu and needs.served_by.reads_ram:
        return derive(
            "link_s",
            "s",
            speed.link_s,
            read_weights_bytes=read,
            tp=given("tp", 1, "GPUs", say("which reads them")),
            link_bytes_per_s=ram_figure("link_bytes_per_s"),
        )
    if not held.device.is_gpu:
        of_experts = "experts_" if needs.spec.architecture.n_experts else ""
        return derive(
            "ram_s",
            "s",
            speed.ram_s,
            read_weights_bytes=read,
            kv_cache_bytes=cache,
            ram_bandwidth_bytes_per_s=held.device.bandwidth_figure(),
            ram_efficiency=ram_figure(f"ram_{of_experts}efficiency"),
        )
    return derive(
        "memory_s",
        "s",
        speed.memory_s,
        read_weights_bytes=read,
        tp=given("tp", 1, "GPUs", held.device.name),
        kv_cache_bytes=cache,
        bandwidth_bytes_per_s=held.device.bandwidth_figure(),
        efficiency=engine.efficiency(held.device.gpu.name if held.device.gpu else ""),
    )
