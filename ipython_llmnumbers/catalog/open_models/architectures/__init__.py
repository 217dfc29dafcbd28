"""From a Hugging Face `config.json` to what a model is made of: every matrix, every cache.

Read `parts.py` first (what comes out), then `decoders.py` (how a config is walked) and
`families.py` (how each family differs from a Llama). What is not known is refused by
name, never guessed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ....errors import CatalogError
from ....messages import say, shorten
from .config import Config
from .decoders import add_decoder
from .encoders import ENCODERS, add_encoder, add_whisper
from .families import FAMILIES
from .matrices_and_caches import Architecture, Cache, Matrix, Plan
from .stored_as import read_method, read_storage
from .vision import add_vision

__all__ = ["Architecture", "Cache", "Matrix", "read_config"]

_TEXT = ("text_config", "llm_config", "language_config")
# Models whose text part names no model_type of its own in older configs.
_TEXT_TYPES = {
    "gemma3": "gemma3_text",
    "qwen2_5_vl": "qwen2_5_vl_text",
    "qwen2_vl": "qwen2_vl_text",
    "mistral3": "mistral",
}
_DTYPES = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
_TIED = {"whisper", "mamba", "falcon_mamba", "mamba2"}


def read_config(fields: Mapping[str, Any], where: str) -> Architecture:
    """The architecture that a config.json describes.

    Args:
        fields: the parsed file.
        where: what to call it in errors.

    Raises:
        UnsupportedArchitectureError: a `model_type`, or a kind of layer, that is not known.
        CatalogError: a field that is missing or is no size.

    >>> llama = {"model_type": "llama", "hidden_size": 4096, "num_hidden_layers": 32,
    ...          "num_attention_heads": 32, "num_key_value_heads": 8, "intermediate_size": 14336,
    ...          "vocab_size": 128256, "tie_word_embeddings": False}
    >>> read_config(llama, "Llama 3 8B").params
    8030261248
    """
    config = Config(fields, where)
    text = config.inner(*_TEXT) or config
    if not text.text("model_type"):
        model_type = _TEXT_TYPES.get(config.text("model_type"), "")
        if not model_type:
            raise CatalogError("{where}: the config has no {name}", where=where, name="model_type")
        text = Config({**text.fields, "model_type": model_type}, where)
    elif (
        text is config and config.text("model_type") in _TEXT_TYPES and config.text("model_type") != "gemma3"
    ):
        text = Config({**config.fields, "model_type": _TEXT_TYPES[config.text("model_type")]}, where)
    return _build(config, text)


def _build(config: Config, text: Config) -> Architecture:
    plan, tied = Plan(), _is_tied(config, text)
    model_type = text.text("model_type")
    if model_type == "whisper":
        add_whisper(plan, text)
    elif model_type in ENCODERS:
        add_encoder(plan, text)
    else:
        add_decoder(plan, text, tied)
    hidden = text.whole("hidden_size", "d_model", "n_embd", "dim")
    uncounted = _towers(plan, config, text, hidden)
    matrices, caches = plan.built()
    if not any(each.params for each in matrices):
        raise CatalogError("{where}: the config describes a model without parameters", where=config.where)
    experts = [each for each in matrices if each.is_expert]
    stored = config.inner("quantization_config") or text.inner("quantization_config")
    delta = any(each.role == "ssm_beta_alpha" for each in matrices)
    storage = None if stored is None else read_storage(stored, linear_attention=delta)
    if storage is not None:
        uncounted += tuple(
            say("what {pattern} leaves in 16 bits", pattern=shorten(each)) for each in storage.unread
        )
    n_heads = text.whole("num_attention_heads", "n_head", "encoder_attention_heads", "n_heads", default=0)
    n_kv_heads, head_dim = n_heads, hidden // n_heads if n_heads else 0
    for cache in caches:
        if cache.kind in {"full", "sliding"}:
            n_kv_heads, head_dim = cache.heads, cache.key_dim
            break
    return Architecture(
        model_type=model_type,
        n_layers=_n_layers(text),
        hidden_size=hidden,
        n_heads=n_heads,
        n_kv_heads=n_kv_heads,
        head_dim=head_dim,
        intermediate_size=_intermediate_size(text, hidden),
        vocab_size=text.whole("vocab_size"),
        tied_embeddings=tied,
        qkv_bias=any(each.role == "bias" for each in matrices),
        qk_norm=model_type in FAMILIES and bool(FAMILIES[model_type].qk_norm),
        max_context_tokens=_context(text),
        dtype=_dtype(config, text),
        quantization=None if stored is None else read_method(stored),
        matrices=matrices,
        caches=caches,
        n_experts=experts[0].experts if experts else 0,
        n_experts_used=experts[0].experts_used if experts else 0,
        uncounted=uncounted,
        storage=storage,
        is_encoder=model_type in ENCODERS,
    )


def _towers(plan: Plan, config: Config, text: Config, hidden: int) -> tuple[str, ...]:
    """Add the tower that sees to the plan; which towers could not be counted."""
    uncounted, vision = [], config.inner("vision_config")
    model_type = config.text("model_type") or text.text("model_type")
    if vision is not None and not add_vision(plan, config, vision, hidden):
        uncounted.append(say("the vision tower ({model_type})", model_type=model_type))
    if config.inner("audio_config") is not None:
        uncounted.append(say("the audio tower ({model_type})", model_type=model_type))
    return tuple(uncounted)


def _intermediate_size(text: Config, hidden: int) -> int:
    names = ("intermediate_size", "n_inner", "decoder_ffn_dim", "hidden_dim")
    # GPT-2's config may leave it out: four times the width.
    return text.whole(*names, default=0) or (4 * hidden if text.text("model_type") == "gpt2" else 0)


def _n_layers(text: Config) -> int:
    words = text.text("hybrid_override_pattern") or text.words("layers_block_type") or ()
    names = ("num_hidden_layers", "n_layer", "n_layers", "decoder_layers")
    return text.whole(*names, default=len(words)) or text.layers(*names)


def _is_tied(config: Config, text: Config) -> bool:
    model_type = text.text("model_type")
    default = model_type in _TIED or (model_type in FAMILIES and FAMILIES[model_type].tied)
    for each in (config, text):
        if each.fields.get("tie_word_embeddings") is not None:
            return each.flag("tie_word_embeddings")
    return default


def _context(text: Config) -> int | None:
    names = ("max_position_embeddings", "n_positions", "max_target_positions", "model_max_length")
    return text.whole(*names, default=0) or None


def _dtype(config: Config, text: Config) -> str:
    for each in (config, text):
        for name in ("torch_dtype", "dtype"):
            if each.fields.get(name) is not None:
                return _DTYPES.get(str(each.fields[name]).removeprefix("torch."), "bf16")
    return "bf16"
