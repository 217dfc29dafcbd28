"""A model of the user's own as a `ModelSpec`: its config.json, and the types its files store it in."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from ...errors import CatalogError
from ...figures import Source
from .architectures import Architecture, Matrix, read_config
from .architectures.gguf import read_gguf_model
from .ggml import find_type, type_names
from .spec import ModelSpec, Stored

TOWER = "v"
"""The role of what sees, among the tensors of a file."""
# How transformers' checkpoints, and llama.cpp's mmproj files, begin the names of what sees.
_TOWERS = (
    *("visual.", "vision_tower.", "vision_model.", "vision_encoder.", "vision_embed_tokens."),
    *("multi_modal_projector.", "vision_language_adapter.", "patch_merger.", "embed_vision.", "v.", "mm."),
)

TensorFact = tuple[str, tuple[int, ...], str, int]
"""A tensor's name, shape, type and bytes."""


def gguf_types() -> Mapping[int, tuple[str, int, int]]:
    """The types of a GGUF file by their number: name, block, bytes of a block."""
    found = {number: find_type(name) for number, name in type_names().items()}
    return {number: (each.name, each.block, each.bytes) for number, each in found.items()}


def spec_of_files(
    name: str,
    where: str,
    config: Mapping[str, Any] | None,
    tensors: Iterable[TensorFact] = (),
    keys: Mapping[str, Any] | None = None,
    total_bytes: int | None = None,
    warning: str = "",
) -> ModelSpec:
    """The model that a config, a table of tensors or both describe.

    `warning` says what is wrong with its files.

    Raises:
        CatalogError: neither is there, or a field is missing.
        UnsupportedArchitectureError: a config of a kind that is not known.
    """
    facts = list(tensors)
    stored = _stored(facts, total_bytes)
    if keys is not None:
        architecture = read_gguf_model(keys, ((fact[0], fact[1]) for fact in facts), name)
    elif config is not None:
        architecture = read_config(config, name)
    elif stored:
        architecture = _unknown(facts)
    else:
        raise CatalogError("{where}: neither a config nor tensors are there", where=where)
    return ModelSpec(
        name,
        architecture,
        architecture.quantization or architecture.dtype,
        Source(where, checked=date.today()),
        architecture.max_context_tokens,
        name,
        is_measured=True,
        stored=stored,
        warning=warning,
    )


def _stored(facts: list[TensorFact], total_bytes: int | None) -> tuple[Stored, ...]:
    if total_bytes is not None:
        return (Stored("all", "total_size", 0, total_bytes),)
    sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for name, shape, kind, size in facts:
        role = _role(name)
        params = 1
        for each in shape:
            params *= each
        sums[role, kind][0] += params
        sums[role, kind][1] += size
    return tuple(Stored(role, kind, params, size) for (role, kind), (params, size) in sums.items())


def _role(name: str) -> str:
    """What has a place of its own: embeddings, which llama.cpp keeps in RAM, and what sees."""
    if name == "token_embd.weight":
        return "token_embd"
    return TOWER if name.removeprefix("model.").startswith(_TOWERS) else "other"


def _unknown(facts: list[TensorFact]) -> Architecture:
    """Tensors without a config: the weights are exact, what a token keeps is not known."""
    matrices = tuple(
        Matrix(f"tensor_{index}", max(1, shape[0] if len(shape) > 1 else 1), max(1, _rest(shape)))
        for index, (_, shape, _, _) in enumerate(facts)
    )
    return Architecture(
        model_type="unknown",
        n_layers=0,
        hidden_size=0,
        n_heads=0,
        n_kv_heads=0,
        head_dim=0,
        intermediate_size=0,
        vocab_size=0,
        tied_embeddings=False,
        qkv_bias=False,
        qk_norm=False,
        max_context_tokens=None,
        dtype="bf16",
        quantization=None,
        matrices=matrices,
        caches=(),
        knows_cache=False,
    )


def _rest(shape: tuple[int, ...]) -> int:
    size = 1
    for each in shape[1:] if len(shape) > 1 else shape:
        size *= each
    return size
