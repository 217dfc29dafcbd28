"""What each layer of a decoder is, and which heads it has, as the config says or its family's rule."""

from __future__ import annotations

from ....errors import CatalogError
from . import attention
from .config import Config
from .families import WINDOWS, Family, Pattern

_HEADS = ("num_attention_heads", "n_head")


def heads_of(config: Config, *, full: bool = True) -> attention.Heads:
    """The heads of a layer; in Gemma 4 those of full attention differ from the others."""
    n_heads = config.whole(*_HEADS)
    dim = config.whole("head_dim", "attention_head_dim", default=0, least=1)
    dim = dim or config.share(config.whole("hidden_size", "n_embd"), "hidden_size", *_HEADS)
    shared = config.whole("num_key_value_heads", "num_kv_heads", default=n_heads)
    if n_heads % shared:
        config.share(n_heads, _HEADS[0], "num_key_value_heads", "num_kv_heads")
    if config.text("model_type") == "gemma4_text" and full:
        dim = config.whole("global_head_dim", default=512)
        if config.flag("attention_k_eq_v"):
            shared = config.whole("num_global_key_value_heads", default=shared)
    return attention.Heads(n_heads, shared, dim, config.whole("v_head_dim", default=dim))


def layer_kinds(config: Config, family: Family, n_layers: int) -> list[str]:
    """What mixes the tokens in each layer, by the words of the config or its family's rule."""
    listed = config.words("layer_types") or config.words("layers_block_type")
    is_listed = listed and not family.pattern.overrules
    kinds = listed[:n_layers] if listed and is_listed else _by_rule(config, family, n_layers)
    if len(kinds) != n_layers:
        raise CatalogError(
            "{where}: layer_types has {kinds} layer types for {layers} layers",
            where=config.where,
            kinds=len(kinds),
            layers=n_layers,
        )
    return kinds


def _by_rule(config: Config, family: Family, n_layers: int) -> list[str]:
    pattern, window = family.pattern, config.whole("sliding_window", default=0)
    if pattern == Pattern() and config.fields.get(WINDOWS.every_field):
        pattern = WINDOWS
    if pattern != Pattern():
        every, offset = _period(config, pattern)
        others = pattern.others if window or not pattern.needs_window else "full"
        return ["full" if i % every == offset else others for i in range(n_layers)]
    if config.flag("use_sliding_window"):
        first = config.whole("max_window_layers", default=n_layers, least=0)
        return ["sliding" if window and i >= first else "full" for i in range(n_layers)]
    return ["sliding" if family.windows == "field" and window else "full"] * n_layers


def _period(config: Config, pattern: Pattern) -> tuple[int, int]:
    """One layer of how many sees every token, and which of them."""
    every = pattern.every or 1
    if pattern.every_field:
        every = config.whole(pattern.every_field, default=pattern.every)
    offset = config.whole(pattern.offset_field, least=0) if pattern.offset_field else every - 1
    return every, offset
