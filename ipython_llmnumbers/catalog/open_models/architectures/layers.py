"""What each layer of a decoder is, and which heads it has, as the config says or its family's rule."""

from __future__ import annotations

from ....errors import CatalogError
from . import attention
from .config import Config
from .families import Family


def heads_of(config: Config, *, full: bool = True) -> attention.Heads:
    """The heads of a layer; in Gemma 4 those of full attention differ from the others."""
    n_heads = config.whole("num_attention_heads", "n_head")
    hidden = config.whole("hidden_size", "n_embd")
    if n_heads == 0:
        raise CatalogError("{where}: the config has 0 attention heads", where=config.where)
    dim = config.whole("head_dim", "attention_head_dim", default=hidden // n_heads)
    shared = config.whole("num_key_value_heads", "num_kv_heads", default=n_heads)
    if config.text("model_type") == "gemma4_text" and full:
        dim = config.whole("global_head_dim", default=512)
        if config.flag("attention_k_eq_v"):
            shared = config.whole("num_global_key_value_heads", default=shared)
    return attention.Heads(n_heads, shared, dim, config.whole("v_head_dim", default=dim))


def layer_kinds(config: Config, family: Family, n_layers: int) -> list[str]:
    """What mixes the tokens in each layer, by the words of the config or its family's rule."""
    kinds = config.words("layer_types") or config.words("layers_block_type")
    window = config.whole("sliding_window", default=0)
    model_type = config.text("model_type")
    if kinds and model_type != "llama4_text":
        kinds = kinds[:n_layers]
    elif model_type == "jamba":
        period, offset = config.whole("attn_layer_period"), config.whole("attn_layer_offset")
        kinds = ["full" if i % max(1, period) == offset else "mamba" for i in range(n_layers)]
    elif model_type == "llama4_text":
        # Every fourth layer has no positions and sees everything (`no_rope_layers`).
        kinds = ["full" if (i + 1) % 4 == 0 else "sliding" for i in range(n_layers)]
    elif model_type == "gemma2":
        kinds = ["full" if i % 2 else "sliding" for i in range(n_layers)]
    elif model_type in {"gemma3", "gemma3_text", "cohere2"} or config.fields.get("sliding_window_pattern"):
        every = config.whole("sliding_window_pattern", default=4 if model_type == "cohere2" else 6)
        kinds = ["sliding" if window and (i + 1) % max(1, every) else "full" for i in range(n_layers)]
    elif model_type == "gpt_oss":
        kinds = ["full" if i % 2 else "sliding" for i in range(n_layers)]
    elif model_type in {"olmo3"}:
        kinds = ["sliding" if (i + 1) % 4 else "full" for i in range(n_layers)]
    elif model_type in {"qwen3_next", "qwen3_5_text", "qwen3_5_moe_text"}:
        every = config.whole("full_attention_interval", default=4)
        kinds = ["linear_attention" if (i + 1) % max(1, every) else "full" for i in range(n_layers)]
    elif config.flag("use_sliding_window"):
        first = config.whole("max_window_layers", default=n_layers)
        kinds = ["sliding" if window and i >= first else "full" for i in range(n_layers)]
    elif family.windows == "field" and window:
        kinds = ["sliding"] * n_layers
    else:
        kinds = ["full"] * n_layers
    if len(kinds) != n_layers:
        raise CatalogError(
            "{where}: {kinds} layer types for {layers} layers",
            where=config.where,
            kinds=len(kinds),
            layers=n_layers,
        )
    return kinds
