"""Decoders: from a config.json to the matrices and caches of each layer."""

from __future__ import annotations

from dataclasses import replace

from ....errors import UnsupportedArchitectureError
from ....messages import shorten
from . import attention, feed_forward, hybrids, state_space
from .config import Config
from .families import FAMILIES, Family
from .layers import heads_of, layer_kinds
from .matrices_and_caches import Plan

_ATTENTION = {
    "full_attention": False,
    "attention": False,
    "full": False,
    "sliding_attention": True,
    "chunked_attention": True,
    "sliding": True,
    # Sparse attention chooses among all tokens, so all are kept.
    "deepseek_sparse_attention": False,
    "indexed_attention": False,
}
_MAMBA = {"mamba", "falcon_mamba", "mamba2"}


def add_decoder(plan: Plan, config: Config, tied: bool) -> None:
    """Everything of a decoder: embeddings, layers, the last norm, the head.

    Raises:
        UnsupportedArchitectureError: a `model_type` or a kind of layer that is not known.
        CatalogError: a field that is missing or is no size.
    """
    model_type = config.text("model_type")
    hidden, vocab = config.whole("hidden_size", "n_embd", "d_model"), config.whole("vocab_size")
    plan.matrix("token_embd", vocab, hidden)
    if model_type == "nemotron_h":
        hybrids.add_nemotron_h(plan, config, hidden)
        family = FAMILIES["llama"]
    elif model_type in _MAMBA:
        hybrids.add_mamba(plan, config, hidden)
        family = FAMILIES["llama"]
    elif model_type == "nemotron-nas":
        hybrids.add_nas(plan, config, hidden)
        family = FAMILIES["llama"]
    else:
        family = family_of(config)
        _add_layers(plan, config, family, hidden)
    plan.layer = None
    plan.vector("norm", hidden, times=family.norm_vectors)
    if family.positions:
        plan.matrix("position_embd", config.whole("n_positions", "max_position_embeddings"), hidden)
    if not tied:
        plan.linear("output", vocab, hidden, bias=_set(config, family.head_bias))


def family_of(config: Config) -> Family:
    """The family that a config names.

    Raises:
        UnsupportedArchitectureError: the `model_type` is not known.
    """
    model_type = config.text("model_type")
    family = FAMILIES.get(model_type)
    if family is None:
        raise UnsupportedArchitectureError(config.where, f"model_type {shorten(model_type)}")
    return family


def _add_layers(plan: Plan, config: Config, family: Family, hidden: int) -> None:
    n_layers = config.layers("num_hidden_layers", "n_layer")
    experts = feed_forward.experts_of(config)
    with_experts = feed_forward.expert_layers(config, n_layers) if experts else []
    if experts:
        experts = _experts_of_family(experts, config, family)
    kinds = layer_kinds(config, family, n_layers)
    shared_caches = config.whole("num_kv_shared_layers", default=0)
    for index, kind in enumerate(kinds):
        plan.layer = index
        keeps = index < n_layers - shared_caches
        _add_layer(
            plan,
            config,
            family,
            hidden,
            kind,
            experts if with_experts and with_experts[index] else None,
            keeps,
        )
    if family.special == "gemma4" and config.whole("hidden_size_per_layer_input", default=0):
        _add_per_layer_inputs(plan, config, hidden, n_layers)
    _add_draft(plan, config, family, hidden, n_layers, experts)


def _add_layer(
    plan: Plan,
    config: Config,
    family: Family,
    hidden: int,
    kind: str,
    experts: feed_forward.Experts | None,
    keeps: bool = True,
) -> None:
    _add_mixer(plan, config, family, hidden, kind, keeps)
    plan.vector("norm", hidden, times=family.norms * family.norm_vectors)
    bias = _set(config, family.mlp_bias)
    if family.special == "gemma4":
        _add_gemma4_extras(plan, config, hidden, keeps)
        if experts is not None and config.flag("enable_moe_block"):
            feed_forward.add_experts(plan, hidden, experts, gated=True)
            plan.vector("norm", hidden, times=4)  # three norms, and the router's own scale
            plan.vector("bias", experts.count)
        return
    if experts is not None:
        feed_forward.add_experts(plan, hidden, experts, gated=family.gated_mlp)
        return
    inner = config.whole(
        "intermediate_size_mlp", "dense_intermediate_size", "intermediate_size", "n_inner", default=4 * hidden
    )
    feed_forward.add_mlp(plan, hidden, inner, gated=family.gated_mlp, bias=bias)


def _add_mixer(plan: Plan, config: Config, family: Family, hidden: int, kind: str, keeps: bool) -> None:
    match kind:
        case "linear_attention":
            state_space.add_gated_delta(plan, config, hidden)
        case "mamba":
            state_space.add_mamba1(plan, config, hidden, norms=config.text("model_type") == "jamba")
        case _ if kind not in _ATTENTION:
            raise config.unknown_layer(kind)
        case _ if family.latent:
            attention.add_latent_attention(plan, config, hidden, heads_of(config).n_heads)
            if family.index and _has_indexer(plan, config):
                attention.add_indexer(plan, config, hidden)
                attention.add_index_cache(plan, config)
        case _:
            slides = _ATTENTION[kind]
            heads = heads_of(config, full=not slides)
            same = config.flag("attention_k_eq_v") and not slides
            extras = _extras(config, family, same)
            if not keeps:  # the layer uses the keys and values of a layer before
                attention.add_queries_only(plan, hidden, heads)
                return
            attention.add_attention(plan, hidden, heads, extras)
            window = config.whole("sliding_window", "attention_chunk_size") if slides else None
            longest = config.whole("max_position_embeddings", default=0)
            if window is not None and 0 < longest <= window:
                window = None  # Phi-3-mini-128k: 262,144 tokens, and 131,072 positions
            plan.cache(attention.attention_cache(heads, window))


def _extras(config: Config, family: Family, same: bool) -> attention.Extras:
    norm = family.qk_norm
    if norm == "maybe head":
        norm = "head" if config.flag("use_qk_norm") else ""
    return attention.Extras(
        qkv_bias=_set(config, family.qkv_bias),
        output_bias=_set(config, family.output_bias),
        qk_norm=norm,
        gated=family.query_gate and config.flag("attn_output_gate", True),
        sinks=family.sinks,
        fused=family.fused_qkv,
        keys_are_values=same,
    )


def _has_indexer(plan: Plan, config: Config) -> bool:
    """Whether the current layer has an indexer of its own, or uses the one of a layer before (GLM-5.3)."""
    kinds = config.words("indexer_types")
    layer = plan.layer if plan.layer is not None else 0
    return not kinds or layer >= len(kinds) or kinds[layer] == "full"


def _set(config: Config, trait: bool | str) -> bool:
    return config.flag(trait) if isinstance(trait, str) else trait


def _experts_of_family(experts: feed_forward.Experts, config: Config, family: Family) -> feed_forward.Experts:
    shared = experts.shared_intermediate_size
    if config.text("model_type") == "llama4_text":
        shared = experts.intermediate_size  # each layer of experts has one that every token takes
    return replace(
        experts,
        shared_intermediate_size=shared,
        shared_gate=family.shared_gate and shared > 0,
        router_bias=family.router_bias,
        biases=family.expert_biases,
    )


def _add_gemma4_extras(plan: Plan, config: Config, hidden: int, keeps: bool) -> None:
    inner = config.whole("intermediate_size")
    if config.flag("use_double_wide_mlp") and not keeps:
        inner *= 2
    feed_forward.add_mlp(plan, hidden, inner, gated=True, bias=False)
    per_layer = config.whole("hidden_size_per_layer_input", default=0)
    if per_layer:
        plan.matrix("inp_gate", per_layer, hidden)
        plan.matrix("proj", hidden, per_layer)
        plan.vector("norm", hidden)


def _add_per_layer_inputs(plan: Plan, config: Config, hidden: int, n_layers: int) -> None:
    plan.layer = None
    width = config.whole("hidden_size_per_layer_input")
    plan.matrix("token_embd", config.whole("vocab_size_per_layer_input", "vocab_size"), n_layers * width)
    plan.matrix("per_layer_model_proj", n_layers * width, hidden)
    plan.vector("norm", width)


def _add_draft(
    plan: Plan,
    config: Config,
    family: Family,
    hidden: int,
    n_layers: int,
    experts: feed_forward.Experts | None,
) -> None:
    """The multi-token-prediction modules: a layer, a projection of two states to one, own embeddings."""
    modules = config.layers("num_nextn_predict_layers", "mtp_num_hidden_layers", default=0)
    caches = dict(plan.caches)
    plan.draft = True
    for index in range(modules):
        plan.layer = n_layers + index
        _add_layer(plan, config, family, hidden, "full", experts)
        plan.matrix("nextn.eh_proj", hidden, 2 * hidden)
        plan.vector("norm", hidden, times=3)
        if family.latent:
            plan.layer = None
            plan.matrix("token_embd", config.whole("vocab_size"), hidden)
            plan.matrix("output", config.whole("vocab_size"), hidden)
    plan.draft = False
    plan.caches = caches
