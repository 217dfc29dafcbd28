"""What a checkpoint says of its own storage: `quantization_config`, module by module.

A method's rule of thumb ("linears only, groups of 128") comes after the checkpoint's own words: the size
of its groups, groups of several widths, and the modules that it leaves in 16 bits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from ....messages import say
from ....records import dataclass
from .config import Config
from .matrices_and_caches import Matrix
from .module_names import ModuleNames, read_names

# The fields in which methods list what they leave alone: transformers, compressed-tensors, ModelOpt, vLLM's
# older FP8, bitsandbytes.
_KEPT = (
    "modules_to_not_convert",
    "ignore",
    "exclude_modules",
    "ignored_layers",
    "llm_int8_skip_modules",
)
_METHODS = {"fp8": "fp8", "fbgemm_fp8": "fp8", "mxfp4": "mxfp4", "nvfp4": "nvfp4"}
_BY_WIDTH = {(8, "float"): "fp8", (8, "int"): "int8", (4, "int"): "int4", (4, "float"): "nvfp4"}
_SCALE_BITS, _BLOCK_SCALE_BITS, _FLOAT4_SCALE_BITS = 16, 32, 8

_EVERY_LINEAR = ("Linear",)


@dataclass(frozen=True, slots=True)
class Group:
    """Modules that are stored alike: their names, and the bits of a weight with its scales."""

    targets: ModuleNames
    bits: float


@dataclass(frozen=True, slots=True, eq=False)
class StoredAs:
    """How a checkpoint stores its linear modules, and which of them it `kept` in 16 bits.

    `head` is true where the head is stored as the layers are; `linear_attention` where fused
    projections are those of a gated delta net.
    """

    groups: tuple[Group, ...]
    kept: ModuleNames
    head: bool = False
    linear_attention: bool = False

    def bits_of(self, role: str, layer: int) -> float | None:
        """The bits of a weight of that module; None where it keeps its 16."""
        return _bits(self, role, layer)

    @property
    def bits(self) -> float:
        """Of the group that stores the most kinds of modules, which is the last."""
        return self.groups[-1].bits

    @property
    def unread(self) -> tuple[str, ...]:
        """Patterns that were not understood."""
        return (*self.kept.unread, *(each for group in self.groups for each in group.targets.unread))


def split_by_bits(storage: StoredAs, matrices: Iterable[Matrix]) -> dict[float | None, list[Matrix]]:
    """The matrices by the bits of their weights, layers apart where they differ; None: kept in 16 bits."""
    split: dict[float | None, list[Matrix]] = defaultdict(list)
    for matrix in matrices:
        if not (matrix.is_linear or (storage.head and matrix.role == "output")):
            split[None].append(matrix)
            continue
        layers: dict[float | None, list[int]] = defaultdict(list)
        for layer in matrix.layers:
            layers[storage.bits_of(matrix.role, layer)].append(layer)
        for bits, some in layers.items():
            split[bits].append(replace(matrix, layers=tuple(some)))
    return dict(split)


def read_method(stored: Config) -> str | None:
    """The quantisation that a `quantization_config` names, by the name of the table of quantisations."""
    method = (stored.text("quant_method") or stored.text("quant_algo")).casefold()
    algorithm = stored.text("quant_algo").casefold()
    if method == "modelopt" and algorithm:
        method = algorithm
    match method:
        case "awq" | "gptq" | "auto-round":
            bits = stored.whole("bits", "w_bit", default=4)
            return {4: "int4", 8: "int8"}.get(bits)
        case "bitsandbytes":
            if stored.flag("load_in_8bit"):
                return "int8"
            return "nf4-dq" if stored.flag("bnb_4bit_use_double_quant") else "nf4"
        case "compressed-tensors":
            return _compressed(stored)
        case _:
            return _METHODS.get(method, method) or None


def read_storage(stored: Config, *, linear_attention: bool = False) -> StoredAs | None:
    """The groups and the exceptions that a `quantization_config` states; None where the method's rule holds.

    Raises:
        CatalogError: a field of another kind than its method writes.
    """
    method = read_method(stored)
    kept = read_names(each for name in _KEPT for each in _listed(stored, name))
    groups = tuple(_groups(stored, method))
    if method == "mxfp4" or not groups:
        return None
    head = stored.text("quant_method") == "compressed-tensors" or stored.fields.get("lm_head") is True
    return StoredAs(groups, kept, head, linear_attention)


def _groups(stored: Config, method: str | None) -> Iterator[Group]:
    """Those with names of their own first: what is named there is not of the group of all the others."""
    described = stored.inner("config_groups")
    if described is not None and described.fields:
        found = [
            _described(Config(each, stored.where)) for each in described.fields.values() if _is_object(each)
        ]
        yield from sorted((each for each in found if each), key=lambda each: each.targets.is_all)
        return
    width = {"int4": 4, "int8": 8}.get(method or "")
    if width and stored.text("quant_method") != "bitsandbytes":
        group = stored.whole("group_size", "q_group_size", default=-1, least=-1)
        yield Group(read_names(_EVERY_LINEAR), grouped_bits(width, group, has_zero=True))
    elif method == "fp8":
        yield Group(read_names(_EVERY_LINEAR), 8 + _block_scales(stored))
    elif method == "nvfp4":
        yield Group(
            read_names(_EVERY_LINEAR), 4 + _FLOAT4_SCALE_BITS / stored.whole("group_size", default=16)
        )


def _described(group: Config) -> Group | None:
    """One of compressed-tensors' `config_groups`."""
    weights = group.inner("weights")
    if weights is None:
        return None
    bits, size = weights.whole("num_bits", default=16), weights.whole("group_size", default=-1, least=-1)
    targets = read_names(_listed(group, "targets") or _EVERY_LINEAR)
    if weights.text("type") == "float":
        return Group(targets, bits + (_FLOAT4_SCALE_BITS / size if bits == 4 and size > 0 else 0))
    return Group(targets, grouped_bits(bits, size, has_zero=not weights.flag("symmetric", True)))


def grouped_bits(bits: int, group_size: int, *, has_zero: bool) -> float:
    """Bits of a weight in groups that share a 16-bit scale, and a zero point as wide as a weight.

    One scale for a whole column, a `group_size` of -1, is next to nothing. Source: the AWQ and GPTQ kernels'
    `qweight`, `scales` and `qzeros` (https://github.com/casper-hansen/AutoAWQ, awq/modules/linear/gemm.py).

    >>> [grouped_bits(4, size, has_zero=True) for size in (128, 64, 32)]
    [4.15625, 4.3125, 4.625]
    """
    zero_bits = bits if has_zero else 0
    return float(bits) if group_size <= 0 else bits + (_SCALE_BITS + zero_bits) / group_size


def _block_scales(stored: Config) -> float:
    """Bits of a 32-bit scale for each block of weights, where there are blocks."""
    block = stored.fields.get("weight_block_size")
    if block is None:
        return 0.0
    if not isinstance(block, list) or len(block) != 2 or not all(type(n) is int and n > 0 for n in block):
        raise stored.wrong("weight_block_size", block, say("a list of two sizes"))
    return float(_BLOCK_SCALE_BITS / (block[0] * block[1]))


def _compressed(stored: Config) -> str | None:
    """compressed-tensors states the width of the weights in its groups; the first names the method."""
    groups = stored.inner("config_groups")
    described = groups.fields.values() if groups else ()
    first: Mapping[str, Any] = next((each for each in described if _is_object(each)), {})
    weights = Config(first, stored.where).inner("weights")
    if weights is None:
        return None
    width = weights.whole("num_bits", default=0), weights.text("type")
    if width == (4, "int") and "self_attn" in str(stored.fields.get("ignore")):
        return "int4-experts"
    return _BY_WIDTH.get(width)


def _listed(config: Config, name: str) -> list[str]:
    value = config.fields.get(name)
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise config.wrong(name, value, say("a list of names"))
    return value


def _is_object(value: object) -> bool:
    return isinstance(value, Mapping)


@lru_cache(maxsize=20_000)
def _bits(storage: StoredAs, role: str, layer: int) -> float | None:
    names = list(_names(role, layer, storage.linear_attention))
    if any(map(storage.kept.has, names)):
        return None
    for group in storage.groups:
        if group.targets.is_all or any(map(group.targets.has, names)):
            return group.bits
    return None


# What checkpoints of transformers call a matrix; of a fused or a mixture's, one of the names it may have.
_MODULES: dict[str, tuple[str, ...]] = {
    "attn_q": ("self_attn.q_proj",),
    "attn_k": ("self_attn.k_proj",),
    "attn_v": ("self_attn.v_proj",),
    "attn_qkv": ("self_attn.qkv_proj",),
    "attn_output": ("self_attn.o_proj",),
    "attn_q_a": ("self_attn.q_a_proj",),
    "attn_q_b": ("self_attn.q_b_proj",),
    "attn_kv_a_mqa": ("self_attn.kv_a_proj_with_mqa",),
    "attn_kv_b": ("self_attn.kv_b_proj",),
    "attn_gate": ("linear_attn.in_proj_z",),
    "ssm_beta_alpha": ("linear_attn.in_proj_ba", "linear_attn.in_proj_a"),
    "ssm_in": ("mamba.in_proj", "mixer.in_proj"),
    "ssm_out": ("linear_attn.out_proj", "mamba.out_proj", "mixer.out_proj"),
    "ffn_gate": ("mlp.gate_proj", "mlp.gate_up_proj", "feed_forward.gate_proj"),
    "ffn_up": ("mlp.up_proj", "mlp.gate_up_proj", "feed_forward.up_proj"),
    "ffn_down": ("mlp.down_proj", "feed_forward.down_proj"),
    "ffn_gate_exps": (
        "mlp.experts.0.gate_proj",
        "block_sparse_moe.experts.0.w1",
        "feed_forward.experts.0.gate_proj",
    ),
    "ffn_up_exps": (
        "mlp.experts.0.up_proj",
        "block_sparse_moe.experts.0.w3",
        "feed_forward.experts.0.up_proj",
    ),
    "ffn_down_exps": (
        "mlp.experts.0.down_proj",
        "block_sparse_moe.experts.0.w2",
        "feed_forward.experts.0.down_proj",
    ),
    "ffn_gate_shexp": ("mlp.shared_expert.gate_proj", "mlp.shared_experts.gate_proj"),
    "ffn_up_shexp": ("mlp.shared_expert.up_proj", "mlp.shared_experts.up_proj"),
    "ffn_down_shexp": ("mlp.shared_expert.down_proj", "mlp.shared_experts.down_proj"),
    "output": ("lm_head",),
}
_OF_A_LAYER = ("model.layers.{}.", "model.language_model.layers.{}.", "language_model.model.layers.{}.")


def _names(role: str, layer: int, linear_attention: bool) -> Iterator[str]:
    modules = _MODULES.get(role, ())
    if role == "attn_qkv" and linear_attention:
        modules = ("linear_attn.in_proj_qkvz", "linear_attn.in_proj_qkv")
    if layer < 0:
        yield from modules
        return
    for prefix in _OF_A_LAYER:
        for module in modules:
            yield prefix.format(layer) + module
