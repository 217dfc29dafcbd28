"""Attention in a layer: its matrices, and what it keeps of each token."""

from __future__ import annotations

from typing import Literal

from ....records import dataclass
from .config import Config
from .matrices_and_caches import Cache, Plan


@dataclass(frozen=True, slots=True)
class Heads:
    """The heads of one layer's attention; keys and values may be of different width."""

    n_heads: int
    n_kv_heads: int
    key_dim: int
    value_dim: int


@dataclass(frozen=True, slots=True)
class Extras:
    """What a family's attention has beside its four matrices."""

    qkv_bias: bool = False
    output_bias: bool = False
    qk_norm: Literal["", "head", "whole"] = ""
    gated: bool = False
    sinks: bool = False
    fused: bool = False
    keys_are_values: bool = False
    norm_vectors: int = 1


def add_attention(plan: Plan, hidden_size: int, heads: Heads, extras: Extras) -> None:
    """Grouped-query attention, of which multi-head and multi-query attention are special cases."""
    queries = heads.n_heads * heads.key_dim
    keys, values = heads.n_kv_heads * heads.key_dim, heads.n_kv_heads * heads.value_dim
    # A gate on the output is made by the same matrix as the queries (Qwen3-Next).
    query_rows = queries * (2 if extras.gated else 1)
    if extras.fused:
        plan.linear("attn_qkv", query_rows + keys + values, hidden_size, bias=extras.qkv_bias)
    else:
        plan.linear("attn_q", query_rows, hidden_size, bias=extras.qkv_bias)
        plan.linear("attn_k", keys, hidden_size, bias=extras.qkv_bias)
        if not extras.keys_are_values:
            plan.linear("attn_v", values, hidden_size, bias=extras.qkv_bias)
    plan.linear("attn_output", hidden_size, heads.n_heads * heads.value_dim, bias=extras.output_bias)
    if extras.qk_norm == "head":
        plan.vector("norm", heads.key_dim, times=2 * extras.norm_vectors)
    elif extras.qk_norm == "whole":
        plan.vector("norm", queries, times=extras.norm_vectors)
        plan.vector("norm", keys, times=extras.norm_vectors)
    if extras.sinks:
        plan.vector("attn_sinks", heads.n_heads)


def add_queries_only(plan: Plan, hidden_size: int, heads: Heads) -> None:
    """A layer that attends with the keys and values of another (Gemma 4 E2B and E4B)."""
    plan.matrix("attn_q", heads.n_heads * heads.key_dim, hidden_size)
    plan.matrix("attn_output", hidden_size, heads.n_heads * heads.value_dim)
    plan.vector("norm", heads.key_dim)


def attention_cache(heads: Heads, window: int | None) -> Cache:
    """A key and a value for each head that holds them."""
    kind: Literal["sliding", "full"] = "sliding" if window else "full"
    return Cache(kind, 1, heads.n_kv_heads, heads.key_dim, heads.value_dim, window)


def add_latent_attention(plan: Plan, config: Config, hidden_size: int, n_heads: int) -> None:
    """Multi-head latent attention (DeepSeek-V2, arXiv 2405.04434): keys and values of one latent."""
    latent, rope = config.whole("kv_lora_rank"), config.whole("qk_rope_head_dim")
    nope, value = config.whole("qk_nope_head_dim"), config.whole("v_head_dim")
    low_rank = config.whole("q_lora_rank", default=0)
    bias = config.flag("attention_bias")
    if low_rank:
        plan.linear("attn_q_a", low_rank, hidden_size, bias=bias)
        plan.vector("norm", low_rank)
        plan.linear("attn_q_b", n_heads * (nope + rope), low_rank)
    else:
        plan.linear("attn_q", n_heads * (nope + rope), hidden_size)
    plan.linear("attn_kv_a_mqa", latent + rope, hidden_size, bias=bias)
    plan.vector("norm", latent)
    plan.linear("attn_kv_b", n_heads * (nope + value), latent)
    plan.linear("attn_output", hidden_size, n_heads * value, bias=bias)
    plan.cache(Cache("latent", 1, 1, latent, rope, expanded_dim=n_heads * (nope + rope + value)))


def add_indexer(plan: Plan, config: Config, hidden_size: int) -> None:
    """The lightning indexer of DeepSeek-V3.2 (arXiv 2512.02556), which chooses the tokens to attend to."""
    heads, dim = config.whole("index_n_heads"), config.whole("index_head_dim")
    plan.matrix("indexer.attn_q_b", heads * dim, config.whole("q_lora_rank"))
    plan.matrix("indexer.attn_k", dim, hidden_size)
    plan.vector("norm", dim, times=2)
    plan.matrix("indexer.proj", heads, hidden_size)


def add_index_cache(plan: Plan, config: Config) -> None:
    """One key of each token for the indexer."""
    plan.cache(Cache("index", 1, 1, config.whole("index_head_dim"), 0))
