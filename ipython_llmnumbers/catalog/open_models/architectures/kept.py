"""Which matrices a quantised checkpoint leaves in 16 bits, as its `quantization_config` names them.

Quantisers name modules: by the whole name or a part of it (`modules_to_not_convert` of transformers), with
`*` (`exclude_modules` of ModelOpt), or as a pattern behind `re:` (`ignore` of compressed-tensors).
Sources: https://huggingface.co/docs/transformers/main_classes/quantization,
https://github.com/vllm-project/compressed-tensors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase

from .config import Config
from .matrices_and_caches import Matrix

_FIELDS = ("modules_to_not_convert", "ignore", "ignored_layers", "exclude_modules")
_MODULES = {
    "attn_q": "self_attn.q_proj",
    "attn_k": "self_attn.k_proj",
    "attn_v": "self_attn.v_proj",
    "attn_qkv": "self_attn.qkv_proj",
    "attn_output": "self_attn.o_proj",
    "attn_q_a": "self_attn.q_a_proj",
    "attn_q_b": "self_attn.q_b_proj",
    "attn_kv_a_mqa": "self_attn.kv_a_proj_with_mqa",
    "attn_kv_b": "self_attn.kv_b_proj",
    "ffn_gate": "mlp.gate_proj",
    "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
    "ffn_gate_shexp": "mlp.shared_experts.gate_proj",
    "ffn_up_shexp": "mlp.shared_experts.up_proj",
    "ffn_down_shexp": "mlp.shared_experts.down_proj",
    "ffn_gate_exps": "mlp.experts.0.gate_proj",
    "ffn_up_exps": "mlp.experts.0.up_proj",
    "ffn_down_exps": "mlp.experts.0.down_proj",
}
# Kimi-K2.5 names some 600; a pattern of each is tried on each module.
_MOST_PATTERNS, _MOST_CHARS = 1_000, 200


def kept_layers(quantization: Config, matrices: Iterable[Matrix]) -> frozenset[tuple[str, int]]:
    """The roles and layers that stay in 16 bits.

    A pattern that is more than letters and `.*` is left out: then the weights are counted as quantised.
    """
    names = [each for field in _FIELDS for each in _texts(quantization, field)]
    # The text part of a model that sees has one more word in its names.
    names = [each.replace("language_model.", "") for each in names]
    patterns = [each for each in map(_pattern, names) if each][:_MOST_PATTERNS]
    plain = {each for each in names if not each.startswith("re:") and "*" not in each}
    if not patterns and not plain:
        return frozenset()
    return frozenset(
        (each.role, layer)
        for each in matrices
        if each.role in _MODULES
        for layer in each.layers
        if _is_named(f"model.layers.{layer}.{_MODULES[each.role]}", plain, patterns)
    )


def _texts(quantization: Config, field: str) -> list[str]:
    found = quantization.fields.get(field)
    listed = found if isinstance(found, list) else []
    return [each for each in listed if isinstance(each, str) and len(each) <= _MOST_CHARS]


def _pattern(name: str) -> str:
    """A name with `*`, or a simple pattern behind `re:`, as `fnmatch` takes it; empty where it is neither.

    >>> _pattern("re:.*self_attn.*"), _pattern("model.layers.0*"), _pattern("lm_head"), _pattern("re:(a|b)+")
    ('*self_attn*', 'model.layers.0*', '', '')
    """
    if not name.startswith("re:"):
        return name if "*" in name else ""
    glob = name[3:].strip("^$").replace(".*", "*").replace(r"\.", ".")
    return glob if re.fullmatch(r"[\w.*]+", glob) else ""


def _is_named(module: str, plain: set[str], patterns: list[str]) -> bool:
    words = module.split(".")
    parts = (
        ".".join(words[start:end]) for start in range(len(words)) for end in range(start + 1, len(words) + 1)
    )
    return any(each in plain for each in parts) or any(fnmatchcase(module, each) for each in patterns)
