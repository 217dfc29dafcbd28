"""The feed-forward part of a layer: one network, or experts of which each token uses a few."""

from __future__ import annotations

from ....errors import CatalogError
from ....records import dataclass
from .config import Config
from .matrices_and_caches import Plan


@dataclass(frozen=True, slots=True)
class Experts:
    """The experts of a model, in field terms."""

    count: int
    used: int
    intermediate_size: int
    shared_intermediate_size: int = 0
    shared_gate: bool = False
    router_bias: bool = False
    biases: bool = False
    latent_size: int = 0


def add_mlp(
    plan: Plan, hidden_size: int, intermediate_size: int, *, gated: bool, bias: bool, suffix: str = ""
) -> None:
    """A feed-forward network: up and down, and a gate where the activation is gated."""
    if gated:
        plan.linear(f"ffn_gate{suffix}", intermediate_size, hidden_size, bias=bias)
    plan.linear(f"ffn_up{suffix}", intermediate_size, hidden_size, bias=bias)
    plan.linear(f"ffn_down{suffix}", hidden_size, intermediate_size, bias=bias)


def add_experts(plan: Plan, hidden_size: int, experts: Experts, *, gated: bool) -> None:
    """A router, the experts, and the network that every token passes through where there is one."""
    count, used, inner = experts.count, experts.used, experts.intermediate_size
    width = experts.latent_size or hidden_size
    plan.matrix("ffn_gate_inp", count, hidden_size)
    if experts.router_bias:
        plan.vector("bias", count)
    if experts.latent_size:  # the experts work in a narrower space (Nemotron 3 Super)
        plan.matrix("ffn_latent_down", width, hidden_size)
        plan.matrix("ffn_latent_up", hidden_size, width)
    roles = ["ffn_gate_exps", "ffn_up_exps"] if gated else ["ffn_up_exps"]
    for role in roles:
        plan.matrix(role, inner, width, experts=count, used=used)
    plan.matrix("ffn_down_exps", width, inner, experts=count, used=used)
    if experts.biases:
        plan.matrix("expert_bias", 1, len(roles) * inner + width, experts=count, used=used)
    if experts.shared_intermediate_size:
        add_mlp(plan, hidden_size, experts.shared_intermediate_size, gated=gated, bias=False, suffix="_shexp")
    if experts.shared_gate:
        plan.matrix("ffn_gate_inp_shexp", 1, hidden_size)


def experts_of(config: Config) -> Experts | None:
    """The experts that a config describes; None for a dense model."""
    count = config.whole("num_local_experts", "n_routed_experts", "num_experts", default=0)
    if count <= 1:
        return None
    inner = config.whole("moe_intermediate_size", "intermediate_size")
    shared = config.whole(
        "moe_shared_expert_intermediate_size",
        "shared_expert_intermediate_size",
        "shared_intermediate_size",
        default=inner * config.whole("n_shared_experts", "num_shared_experts", default=0),
    )
    used = config.whole("num_experts_per_tok", "num_experts_per_token", "top_k_experts")
    if used > count:
        raise CatalogError(
            "{where}: {used:,} experts for each token, of {n:,}; num_experts_per_tok must be at most that",
            where=config.where,
            used=used,
            n=count,
        )
    return Experts(
        count,
        used,
        inner,
        shared,
        latent_size=config.whole("moe_latent_size", default=0),
    )


def _of_layers(config: Config, name: str, listed: list[bool], n_layers: int) -> list[bool]:
    if len(listed) < n_layers:
        raise CatalogError(
            "{where}: {name} has {n} entries for {layers} layers",
            where=config.where,
            name=name,
            n=len(listed),
            layers=n_layers,
        )
    return listed[:n_layers]


def expert_layers(config: Config, n_layers: int) -> list[bool]:
    """Which layers have experts, by the rule that the config states in one of several ways."""
    kinds = config.words("mlp_layer_types")
    if kinds:
        return _of_layers(config, "mlp_layer_types", [kind == "sparse" for kind in kinds], n_layers)
    every = 1
    if type(config.fields.get("moe_layer_freq")) is int:
        every = config.whole("moe_layer_freq")
    elif listed := config.wholes("moe_layer_freq"):
        return _of_layers(config, "moe_layer_freq", [bool(each) for each in listed], n_layers)
    chosen = config.wholes("moe_layers")
    if chosen:
        return [index in chosen for index in range(n_layers)]
    if config.fields.get("expert_layer_period") is not None:
        period, offset = config.whole("expert_layer_period"), config.whole("expert_layer_offset", default=0)
        return [index % period == offset for index in range(n_layers)]
    dense = set(config.wholes("mlp_only_layers") or [])
    step = config.whole("decoder_sparse_step", "interleave_moe_layer_step", default=1)
    first = config.whole("first_k_dense_replace", default=0)
    return [
        index >= first and index not in dense and (index + 1) % step == 0 and index % every == 0
        for index in range(n_layers)
    ]
