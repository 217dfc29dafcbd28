"""Layers that keep a state of a fixed size instead of every token: Mamba and gated delta nets.

The states are in 32 bits and the tails of the convolutions in 16, as the engines keep them
(`mamba_ssm_cache_dtype`, `mamba_ssm_dtype` of the configs).
"""

from __future__ import annotations

import math

from .config import Config
from .matrices_and_caches import Cache, Plan


def add_mamba1(plan: Plan, config: Config, hidden_size: int, *, norms: bool) -> None:
    """A Mamba layer (arXiv 2312.00752); Jamba norms its time step, B and C."""
    inner = config.whole("intermediate_size") if config.text("model_type") in {"mamba", "falcon_mamba"} else 0
    inner = inner or int(config.number("mamba_expand", config.number("expand", 2)) * hidden_size)
    state = config.whole("mamba_d_state", "state_size", default=16)
    conv = config.whole("mamba_d_conv", "conv_kernel", default=4)
    rank = math.ceil(hidden_size / 16)
    if config.fields.get("mamba_dt_rank", config.fields.get("time_step_rank")) not in (None, "auto"):
        rank = config.whole("mamba_dt_rank", "time_step_rank")
    bias = config.flag("mamba_proj_bias", config.flag("use_bias"))
    plan.linear("ssm_in", 2 * inner, hidden_size, bias=bias)
    plan.matrix("ssm_conv1d", inner, conv)
    if config.flag("mamba_conv_bias", config.flag("use_conv_bias", True)):
        plan.vector("bias", inner)
    plan.matrix("ssm_x", rank + 2 * state, inner)
    plan.linear("ssm_dt", inner, rank, bias=True)
    plan.matrix("ssm_a", inner, state)
    plan.vector("ssm_d", inner)
    plan.linear("ssm_out", hidden_size, inner, bias=bias)
    if norms:
        plan.vector("norm", rank)
        plan.vector("norm", state, times=2)
    plan.cache(Cache("state", 1, state_numbers=inner * state, conv_numbers=inner * (conv - 1)))


def add_mamba2(plan: Plan, config: Config, hidden_size: int) -> None:
    """A Mamba-2 layer (arXiv 2405.21060): heads with one decay each."""
    heads = config.whole("mamba_num_heads", "mamba_n_heads", "num_heads")
    head_dim = config.whole("mamba_head_dim", "mamba_d_head", "head_dim")
    groups = config.whole("n_groups", "mamba_n_groups", default=1)
    state = config.whole("ssm_state_size", "mamba_d_state", "state_size")
    conv = config.whole("conv_kernel", "mamba_d_conv", default=4)
    inner = heads * head_dim
    mixed = inner + 2 * groups * state
    bias = config.flag("mamba_proj_bias", config.flag("use_bias"))
    plan.linear("ssm_in", inner + mixed + heads, hidden_size, bias=bias)
    plan.matrix("ssm_conv1d", mixed, conv)
    if config.flag("use_conv_bias", config.flag("mamba_conv_bias", True)):
        plan.vector("bias", mixed)
    plan.vector("ssm_a", heads, times=3)  # the decay, the skip and the bias of the time step
    plan.vector("norm", inner)
    plan.linear("ssm_out", hidden_size, inner, bias=bias)
    plan.cache(Cache("state", 1, state_numbers=heads * head_dim * state, conv_numbers=mixed * (conv - 1)))


def add_gated_delta(plan: Plan, config: Config, hidden_size: int) -> None:
    """A gated delta net (arXiv 2412.06464), the linear attention of Qwen3-Next and Qwen3.5."""
    key_heads, value_heads = (
        config.whole(name) for name in ("linear_num_key_heads", "linear_num_value_heads")
    )
    key_dim, value_dim = config.whole("linear_key_head_dim"), config.whole("linear_value_head_dim")
    conv = config.whole("linear_conv_kernel_dim")
    keys, values = key_heads * key_dim, value_heads * value_dim
    plan.matrix("attn_qkv", 2 * keys + values, hidden_size)
    plan.matrix("attn_gate", values, hidden_size)
    plan.matrix("ssm_beta_alpha", 2 * value_heads, hidden_size)
    plan.matrix("ssm_conv1d", 2 * keys + values, conv)
    plan.vector("ssm_a", value_heads, times=2)
    plan.vector("norm", value_dim)
    plan.matrix("ssm_out", hidden_size, values)
    plan.cache(
        Cache(
            "state",
            1,
            state_numbers=value_heads * key_dim * value_dim,
            conv_numbers=(2 * keys + values) * (conv - 1),
        )
    )
