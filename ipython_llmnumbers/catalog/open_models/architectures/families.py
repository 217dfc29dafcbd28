"""How each family of decoders differs from a Llama, by the `model_type` of its config.json.

Source: the modeling files of transformers 5.23, against whose modules (built without
memory, on the meta device) every row was compared. A `model_type` that is not here is
refused by name: an unknown layer cannot be counted.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

from ....records import dataclass


@dataclass(frozen=True, slots=True)
class Pattern:
    """Which layers see every token, where the config does not list them; the rest are `others`.

    They are one of `every`, the last unless `offset_field` says which; `every_field` is the config's own
    number (None: it must have one). Where the layers `need_window` and the config has none, all are full.
    `overrules` the config's list.
    """

    every: int | None = 1
    others: str = "sliding"
    every_field: str = ""
    offset_field: str = ""
    needs_window: bool = False
    overrules: bool = False


@dataclass(frozen=True, slots=True)
class Family:
    """One family's traits; a text is the name of the config's field that decides.

    `norms` are those of a layer, of one vector each or two (`norm_vectors`: LayerNorm has
    a bias). `tied` is what a silent config means.
    """

    qkv_bias: bool | str = "attention_bias"
    output_bias: bool | str = "attention_bias"
    mlp_bias: bool | str = "mlp_bias"
    head_bias: bool | str = False
    qk_norm: Literal["", "head", "whole", "maybe head"] = ""
    norms: int = 2
    norm_vectors: int = 1
    gated_mlp: bool = True
    fused_qkv: bool = False
    tied: bool = False
    sinks: bool = False
    query_gate: bool = False
    router_bias: bool = False
    shared_gate: bool = False
    expert_biases: bool = False
    positions: bool = False
    latent: bool = False
    windows: Literal["layers", "field", "no"] = "layers"
    pattern: Pattern = Pattern()
    index: bool = False
    special: Literal["", "gemma4"] = ""


LLAMA = Family()
_QWEN3 = Family(qk_norm="head")
_DEEPSEEK = Family(latent=True, router_bias=True)
_GEMMA = Family(tied=True)
# A config that states its own pattern has layers with a window, whatever its family.
WINDOWS = Pattern(6, "sliding", "sliding_window_pattern", needs_window=True)
_GEMMA3 = Family(tied=True, norms=4, qk_norm="head", pattern=WINDOWS)
_OLMO2 = Family(qk_norm="whole")
_QWEN3_NEXT = Family(
    qk_norm="head",
    query_gate=True,
    shared_gate=True,
    pattern=Pattern(4, "linear_attention", "full_attention_interval"),
)

FAMILIES: dict[str, Family] = {
    "llama": LLAMA,
    "mistral": Family(windows="field"),
    "ministral3": Family(windows="field"),
    "mixtral": Family(windows="field"),
    "qwen2": Family(qkv_bias=True, output_bias=False),
    "qwen2_moe": Family(qkv_bias=True, output_bias=False, shared_gate=True),
    "qwen2_5_vl_text": Family(qkv_bias=True, output_bias=False),
    "qwen2_vl_text": Family(qkv_bias=True, output_bias=False),
    "qwen3": _QWEN3,
    "qwen3_moe": _QWEN3,
    "qwen3_vl_text": _QWEN3,
    "qwen3_vl_moe_text": _QWEN3,
    "qwen3_next": _QWEN3_NEXT,
    "qwen3_5_text": _QWEN3_NEXT,
    "qwen3_5_moe_text": _QWEN3_NEXT,
    "gemma": _GEMMA,
    "gemma2": Family(tied=True, norms=4, pattern=Pattern(2)),
    "gemma3": _GEMMA3,
    "gemma3_text": _GEMMA3,
    "gemma4_text": replace(_GEMMA3, special="gemma4"),
    "phi": Family(
        qkv_bias=True,
        output_bias=True,
        mlp_bias=True,
        head_bias=True,
        norms=1,
        norm_vectors=2,
        gated_mlp=False,
    ),
    "phi3": Family(fused_qkv=True, windows="field"),
    "phimoe": Family(norm_vectors=2, head_bias="lm_head_bias", windows="field"),
    "deepseek_v2": replace(_DEEPSEEK, router_bias=False),
    "deepseek_v3": _DEEPSEEK,
    "kimi_k2": _DEEPSEEK,
    "deepseek_v32": replace(_DEEPSEEK, index=True),
    "glm_moe_dsa": replace(_DEEPSEEK, index=True),
    "glm4_moe_lite": _DEEPSEEK,
    "gpt_oss": Family(
        qkv_bias=True,
        output_bias=True,
        sinks=True,
        router_bias=True,
        expert_biases=True,
        pattern=Pattern(2),
    ),
    "glm": Family(output_bias=False),
    "glm4": Family(output_bias=False, norms=4),
    "glm4_moe": Family(output_bias=False, qk_norm="maybe head", router_bias=True),
    "olmo": Family(norm_vectors=0),
    "olmo2": _OLMO2,
    "olmo3": replace(_OLMO2, pattern=Pattern(4)),
    "olmoe": _OLMO2,
    "jamba": Family(pattern=Pattern(None, "mamba", "attn_layer_period", "attn_layer_offset")),
    # Every fourth layer has no positions and sees everything (`no_rope_layers`).
    "llama4_text": Family(pattern=Pattern(4, overrules=True)),
    "minimax_m2": Family(qk_norm="whole", router_bias=True),
    "smollm3": Family(windows="no"),
    "granite": LLAMA,
    "starcoder2": Family(
        qkv_bias="use_bias",
        output_bias="use_bias",
        mlp_bias="use_bias",
        norm_vectors=2,
        gated_mlp=False,
        tied=True,
        windows="field",
    ),
    "cohere": Family(norms=1, tied=True),
    "cohere2": Family(norms=1, tied=True, pattern=replace(WINDOWS, every=4)),
    "exaone4": Family(qk_norm="head"),
    "seed_oss": Family(qkv_bias="attention_bias", output_bias="attention_out_bias"),
    "ernie4_5": Family(qkv_bias="use_bias", output_bias="use_bias", mlp_bias="use_bias", tied=True),
    "gpt2": Family(
        qkv_bias=True,
        output_bias=True,
        mlp_bias=True,
        norm_vectors=2,
        gated_mlp=False,
        fused_qkv=True,
        tied=True,
        positions=True,
    ),
    "gpt_neox": Family(
        qkv_bias=True, output_bias=True, mlp_bias=True, norm_vectors=2, gated_mlp=False, fused_qkv=True
    ),
}
