"""Decoders whose layers are not all alike: pure Mamba, Nemotron-H, and Llamas that a search has thinned."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ....errors import CatalogError
from . import attention, feed_forward, state_space
from .config import Config
from .matrices_and_caches import Plan

_HYBRID_WORDS = {"mamba": "mamba2", "linear_attention": "mamba2", "attention": "full_attention"}
_HYBRID = {"M": "mamba2", "*": "full_attention", "-": "mlp", "E": "moe"}


def add_mamba(plan: Plan, config: Config, hidden: int) -> None:
    is_mamba2 = config.text("model_type") == "mamba2"
    for index in range(config.layers("num_hidden_layers", "n_layer")):
        plan.layer = index
        if is_mamba2:
            state_space.add_mamba2(plan, config, hidden)
        else:
            state_space.add_mamba1(plan, config, hidden, norms=False)
        plan.vector("norm", hidden)


def add_nemotron_h(plan: Plan, config: Config, hidden: int) -> None:
    """Nemotron-H (arXiv 2504.03624): each layer is one thing, by a letter of the pattern."""
    pattern = config.text("hybrid_override_pattern")
    words = config.words("layer_types") or config.words("layers_block_type") or []
    kinds = [_HYBRID.get(letter, letter) for letter in pattern] or [
        _HYBRID_WORDS.get(word, word) for word in words
    ]
    if len(kinds) != config.whole("num_hidden_layers", default=len(kinds)):
        raise CatalogError(
            "{where}: hybrid_override_pattern does not have one letter for each of num_hidden_layers",
            where=config.where,
        )
    experts = feed_forward.experts_of(config)
    heads = _heads(config, hidden)
    for index, kind in enumerate(kinds):
        plan.layer = index
        plan.vector("norm", hidden)
        if kind == "mamba2":
            state_space.add_mamba2(plan, config, hidden)
        elif kind == "full_attention":
            attention.add_attention(plan, hidden, heads, attention.Extras())
            plan.cache(attention.attention_cache(heads, None))
        elif kind == "mlp":
            feed_forward.add_mlp(plan, hidden, config.whole("intermediate_size"), gated=False, bias=False)
        elif kind == "moe" and experts:
            feed_forward.add_experts(plan, hidden, replace(experts, router_bias=True), gated=False)
        else:
            raise config.unknown_layer(kind)


def add_nas(plan: Plan, config: Config, hidden: int) -> None:
    """Llama-Nemotron (arXiv 2505.00949): a Llama from which a search took heads, layers and width."""
    blocks = config.fields.get("block_configs")
    n_heads = config.whole("num_attention_heads")
    if not isinstance(blocks, list) or len(blocks) != config.layers("num_hidden_layers"):
        raise CatalogError(
            "{where}: block_configs does not have one entry for each layer", where=config.where
        )
    for index, block in enumerate(blocks):
        plan.layer = index
        if not isinstance(block, Mapping) or not all(
            isinstance(block.get(k), Mapping) for k in ("attention", "ffn")
        ):
            raise CatalogError(
                "{where}: block_configs has an entry without attention and ffn", where=config.where
            )
        mixer, network = Config(block["attention"], config.where), Config(block["ffn"], config.where)
        if not mixer.flag("no_op"):
            shared = mixer.share(n_heads, "num_attention_heads", "n_heads_in_group")
            dim = config.share(hidden, "hidden_size", "num_attention_heads")
            heads = attention.Heads(n_heads, shared, dim, dim)
            attention.add_attention(plan, hidden, heads, attention.Extras())
            plan.cache(attention.attention_cache(heads, None))
            plan.vector("norm", hidden)
        if not network.flag("no_op"):
            feed_forward.add_mlp(plan, hidden, _nas_width(network, hidden), gated=True, bias=False)
            plan.vector("norm", hidden)


def _nas_width(network: Config, hidden: int) -> int:
    """Two thirds of the multiple of the width, rounded up to a multiple of 256."""
    width = int(2 * network.number("ffn_mult", 4) * hidden / 3)
    return -(-width // 256) * 256


def _heads(config: Config, hidden: int) -> attention.Heads:
    n_heads = config.whole("num_attention_heads")
    dim = config.whole("head_dim", "attention_head_dim", default=0, least=1)
    dim = dim or config.share(hidden, "hidden_size", "num_attention_heads")
    return attention.Heads(n_heads, config.whole("num_key_value_heads", default=n_heads), dim, dim)
