"""A model as its GGUF file describes it: matrices from the tensor table, caches from the keys.

The keys are those of https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, each under the
name of its architecture (`llama.attention.head_count_kv`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ....errors import CatalogError
from ....messages import say
from ....patterns import pattern
from .config import Config
from .matrices_and_caches import Architecture, Cache, Matrix, Plan

# Shapes of tensors by their role. A language model has some dozens; each becomes a figure.
_MOST_KINDS = 5_000
_BLOCK = pattern(r"blk\.(\d{1,5})\.(.*)")
# llama.cpp knows which layers have a window by the architecture, where the file does not say
# (`hparams.set_swa_pattern` in src/llama-model.cpp): every n-th layer sees everything.
_FULL_EVERY = {
    "gemma2": 2,
    "gpt-oss": 2,
    "llama4": 4,
    "cohere2": 4,
    "exaone4": 4,
    "olmo2": 4,
    "gemma3n": 5,
    "gemma3": 6,
}


def read_gguf_model(
    keys: Mapping[str, Any], tensors: Iterable[tuple[str, tuple[int, ...]]], where: str
) -> Architecture:
    """The architecture behind a GGUF header.

    Raises:
        CatalogError: a key that is missing or is no size.
    """
    kind = keys.get("general.architecture")
    if not isinstance(kind, str):
        raise CatalogError("{where}: the file does not name its architecture", where=where)
    prefix = f"{kind}."
    fields = {name.removeprefix(prefix): value for name, value in keys.items() if name.startswith(prefix)}
    config = Config(fields, where, prefix)
    plan = Plan()
    roles: dict[int, set[str]] = {}
    vocab = 0
    experts, used = _experts(config)
    for name, shape in tensors:
        match = _BLOCK.fullmatch(name)
        layer, rest = (int(match[1]), match[2]) if match else (None, name)
        role = rest.removesuffix(".weight").removesuffix(".bias")
        if layer is not None:
            roles.setdefault(layer, set()).add(role)
        plan.layer = layer
        _add(plan, role, shape, experts, used)
        if role == "token_embd" and len(shape) == 2:
            vocab = shape[1]
    if len(plan.matrices) > _MOST_KINDS:
        raise CatalogError(
            "{where}: {n:,} kinds of tensors, more than any model has", where=where, n=len(plan.matrices)
        )
    n_layers = config.layers("block_count")
    if "bert" not in kind:
        for layer in range(n_layers):
            _add_cache(plan, config, kind, layer, roles.get(layer, set()))
    matrices, caches = plan.built()
    found = _architecture(config, kind, n_layers, vocab, matrices, caches, experts, used)
    empty = n_layers - len(roles.keys() & set(range(n_layers)))
    if not empty:
        return found
    return replace(
        found, uncounted=(say("what is missing from {n} of its {total} layers", n=empty, total=n_layers),)
    )


def _experts(config: Config) -> tuple[int, int]:
    """How many experts there are, and how many a token uses: one without the other is refused."""
    count = config.whole("expert_count", default=0)
    used = config.whole("expert_used_count", default=None if count else 0, least=1 if count else 0)
    if used > count > 0:
        raise config.wrong("expert_used_count", used, say("at most its {n:,} experts", n=count))
    return count, used


def _add(plan: Plan, role: str, shape: tuple[int, ...], experts: int, used: int) -> None:
    columns = shape[0] if shape else 1
    rows = shape[1] if len(shape) > 1 else 1
    if len(shape) > 2 and experts and shape[2] == experts:
        plan.matrix(role, rows, columns, experts=experts, used=used)
        return
    for size in shape[2:]:
        rows *= size
    plan.matrix(role, rows, columns)


def _add_cache(plan: Plan, config: Config, kind: str, layer: int, roles: set[str]) -> None:
    if roles & {"ssm_conv1d", "ssm_a"}:
        inner, state = config.whole("ssm.inner_size"), config.whole("ssm.state_size")
        mixed = inner + 2 * config.whole("ssm.group_count", default=0) * state
        conv = config.whole("ssm.conv_kernel")
        plan.cache(Cache("state", 1, state_numbers=inner * state, conv_numbers=mixed * (conv - 1)))
        return
    if "attn_kv_a_mqa" in roles:
        latent, rope = config.whole("attention.kv_lora_rank"), config.whole("rope.dimension_count")
        plan.cache(Cache("latent", 1, 1, latent, rope))
        return
    heads = _of_layer(config, "attention.head_count_kv", layer, "attention.head_count")
    if not roles & {"attn_k", "attn_qkv", "attn_v"} or heads == 0:
        return
    n_heads = max(1, _of_layer(config, "attention.head_count", layer))
    dim = config.whole("embedding_length") // n_heads
    key, value = (config.whole(f"attention.{name}_length", default=dim, least=1) for name in ("key", "value"))
    window = config.whole("attention.sliding_window", default=0)
    longest = config.whole("context_length", default=0) or window + 1
    slides = 0 < window < longest and _slides(config, kind, layer)
    plan.cache(Cache("sliding" if slides else "full", 1, heads, key, value, window if slides else None))


def _slides(config: Config, kind: str, layer: int) -> bool:
    pattern = config.fields.get("attention.sliding_window_pattern")
    if isinstance(pattern, list) and layer < len(pattern):
        return bool(pattern[layer])
    every = _FULL_EVERY.get(kind, 0)
    return every > 0 and (layer + 1) % every != 0


def _of_layer(config: Config, name: str, layer: int, otherwise: str = "") -> int:
    """A key that is one number for all layers, or a list with one for each."""
    value = config.fields.get(name)
    if isinstance(value, list):
        inner = Config({name: value[layer] if layer < len(value) else None}, config.where, config.prefix)
        return inner.whole(name, least=0)  # a layer without attention has none
    return config.whole(name, *([otherwise] if otherwise else []), least=0)


def _architecture(
    config: Config,
    kind: str,
    n_layers: int,
    vocab: int,
    matrices: tuple[Matrix, ...],
    caches: tuple[Cache, ...],
    experts: int,
    used: int,
) -> Architecture:
    first = next((each for each in caches if each.kind in {"full", "sliding"}), None)
    hidden = config.whole("embedding_length")
    widths = config.fields.get("feed_forward_length")
    inner = (
        max((each for each in widths if isinstance(each, int)), default=0) if isinstance(widths, list) else 0
    )
    return Architecture(
        model_type=kind,
        n_layers=n_layers,
        hidden_size=hidden,
        n_heads=_of_layer(config, "attention.head_count", 0)
        if "attention.head_count" in config.fields
        else 0,
        n_kv_heads=first.heads if first else 0,
        head_dim=first.key_dim if first else 0,
        intermediate_size=inner
        or (0 if isinstance(widths, list) else config.whole("feed_forward_length", default=0)),
        vocab_size=vocab or config.whole("vocab_size", default=0),
        tied_embeddings=not any(each.role == "output" for each in matrices),
        qkv_bias=False,
        qk_norm=False,
        max_context_tokens=config.whole("context_length", default=0) or None,
        dtype="fp16",
        quantization=None,
        matrices=matrices,
        caches=caches,
        n_experts=experts,
        n_experts_used=used,
        is_encoder="bert" in kind,
    )
