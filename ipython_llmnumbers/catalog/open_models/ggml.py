"""Which type llama.cpp stores each matrix of a model in: the mixes of `ggml.toml`, applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import cache, lru_cache

from ...figures import Figure, Source, published
from ...messages import say
from ...records import dataclass
from ..toml_tables import read_table, source_of
from .architectures import Architecture, Matrix

_TABLE = "open_models/ggml.toml"
# Kept in 32 bits, as norms and biases are: small, or they decide much (`tensor_allows_quantization`).
_UNQUANTISED = {"ffn_gate_inp", "ffn_gate_inp_shexp", "ssm_conv1d", "ssm_a", "position_embd", "token_types"}


@dataclass(frozen=True, slots=True)
class GgmlType:
    """One way to pack the numbers of a row: `block` of them in `bytes`."""

    name: str
    block: int
    bytes: int
    source: Source

    @property
    def bits(self) -> float:
        return self.bytes * 8 / self.block

    def bits_figure(self) -> Figure:
        """Bits for one number, the scales of its block included.

        >>> find_type("q4_k").bits_figure().value
        4.5
        """
        note = say(
            "{type}: {bytes} bytes for {n} numbers", type=self.name.upper(), bytes=self.bytes, n=self.block
        )
        return published("bits_per_param", self.bits, "bits/parameter", self.source, note=note)


@cache
def find_type(name: str) -> GgmlType:
    """The type of that name; KeyError where the table has none."""
    table = read_table(_TABLE)
    row = next((row for row in table["types"] if row["name"] == name), None)
    if row is None:
        raise KeyError(name)
    return GgmlType(name, row["block"], row["bytes"], source_of(table, {"source": "types"}))


@cache
def type_names() -> dict[int, str]:
    """The types by the number that stands in a GGUF file."""
    return {row["id"]: row["name"] for row in read_table(_TABLE)["types"]}


def is_mix(name: str) -> bool:
    return name in read_table(_TABLE)["mixes"]


def mixes_source() -> Source:
    return source_of(read_table(_TABLE), {"source": "mixes"})


@cache
def fewest_bits(mix: str) -> float:
    """The bits of the smallest type that a mix may store a matrix in.

    >>> fewest_bits("q4_k_m")
    4.5
    """
    table = read_table(_TABLE)
    named = {str(table["mixes"][mix]["base"]), *(type_name for _, _, type_name in _rules(mix))}
    others = {str(table["fallbacks"][name]) for name in named if name in table["fallbacks"]}
    return min(find_type(name).bits for name in named | others)


def split_by_type(mix: str, spec: Architecture, matrices: Iterable[Matrix]) -> dict[str, list[Matrix]]:
    """The matrices of a model by the type that a mix stores them in, layers apart where they differ.

    >>> from .find import find_model
    >>> llama = find_model("llama-3.1-8b").architecture
    >>> {name: len(parts) for name, parts in split_by_type("q4_k_m", llama, llama.matrices).items()}
    {'q4_k': 8, 'q6_k': 3, 'f32': 1}
    """
    # By the whole model, also where a part of it is asked for.
    types = _types_of_all(mix, spec)
    split: dict[str, dict[Matrix, list[int]]] = defaultdict(lambda: defaultdict(list))
    for matrix in matrices:
        known = types.get(replace(matrix, layers=())) or _types(mix, spec, matrix, matrix.layers)
        for layer in matrix.layers:
            split[known[layer]][matrix].append(layer)
    return {
        name: [replace(matrix, layers=tuple(layers)) for matrix, layers in parts.items()]
        for name, parts in split.items()
    }


# A list of what fits asks for each of some 120 models in four mixes.
@lru_cache(maxsize=512)
def _types_of_all(mix: str, spec: Architecture) -> dict[Matrix, dict[int, str]]:
    """The type of each matrix of a model, by the matrix without its layers, and the layer."""
    whole = {replace(each, layers=()): each.layers for each in spec.matrices}
    found: dict[Matrix, dict[int, str]] = defaultdict(dict)
    for matrix in spec.matrices:
        alike = replace(matrix, layers=())
        found[alike] |= _types(mix, spec, matrix, whole[alike])
    return found


def _types(mix: str, spec: Architecture, matrix: Matrix, alike: tuple[int, ...]) -> dict[int, str]:
    """The type of a matrix in each of its layers; `alike` are all layers that have one such."""
    n_down = _down_counts([each for each in spec.matrices if not each.draft])
    ranks = {layer: rank for rank, layer in enumerate(alike)}
    return {
        layer: _type_of(mix, spec, matrix, ranks.get(layer, 0), layer, n_down, len(alike))
        for layer in matrix.layers
    }


def _type_of(
    mix: str, spec: Architecture, matrix: Matrix, rank: int, layer: int, n_down: int, n_alike: int
) -> str:
    role = matrix.role
    if matrix.is_vector or role in _UNQUANTISED:
        return "f32"
    if role.startswith("v."):
        return "f16"  # the vision tower is a file of its own, in 16 bits (mmproj)
    rules = read_table(_TABLE)["mixes"][mix]
    chosen = str(rules["base"])
    if role == "token_embd" and spec.tied_embeddings:
        role = "output"
    # Experts are numbered by their layer, other matrices by their order.
    index = layer if spec.n_experts else rank
    n_layers = n_down if role.startswith("ffn") else max(1, n_alike)
    for name, condition, type_name in _rules(mix):
        if _is_category(role, name) and _holds(condition, spec, index, n_layers):
            chosen = type_name
            break
    if _is_category(role, "attn_v"):
        chosen = _value_type(chosen, spec)
    elif role == "attn_k" and spec.n_experts == 8 and chosen != "q4_k":
        chosen = "q8_0"
    return _fitting(chosen, matrix.columns)


def _value_type(chosen: str, spec: Architecture) -> str:
    """The two exceptions for values: the 70B of 80 layers, and eight experts."""
    if spec.n_experts == 8:
        return "q8_0"
    is_70b = spec.n_layers == 80 and spec.model_type in {"llama", "qwen2"}
    return "q5_k" if is_70b and chosen in {"q3_k", "q4_k"} else chosen


def _is_category(role: str, name: str) -> bool:
    if name == "attn_v":
        return role in {"attn_v", "attn_qkv", "attn_kv_b"}
    if name in {"ffn_down", "ffn_gate", "ffn_up"}:
        return role.startswith(name)
    return role == name


def _holds(condition: str, spec: Architecture, index: int, n_layers: int) -> bool:
    match condition.split():
        case []:
            return True
        case ["gqa"]:
            return spec.n_heads >= 4 * max(1, spec.n_kv_heads)
        case ["experts", count]:
            return spec.n_experts == int(count)
        case ["first", count]:
            return index < int(count)
        case ["middle"]:
            return n_layers // 8 <= index < 7 * n_layers // 8
        case ["more"]:
            eighth = n_layers // 8
            return index < eighth or index >= 7 * n_layers // 8 or (index - eighth) % 3 == 2
        case [share]:
            return index < n_layers // int(share.removeprefix("first/"))
    raise ValueError(condition)


def _fitting(name: str, columns: int) -> str:
    """A type whose blocks divide a row of that length."""
    if columns % find_type(name).block == 0:
        return name
    other = str(read_table(_TABLE)["fallbacks"].get(name, "f16"))
    return other if columns % find_type(other).block == 0 else "f16"


def _down_counts(matrices: list[Matrix]) -> int:
    return max(1, sum(len(each.layers) for each in matrices if each.role.startswith("ffn_down")))


@cache
def _rules(mix: str) -> tuple[tuple[str, str, str], ...]:
    return tuple(_parsed(read_table(_TABLE)["mixes"][mix].get("rules", ())))


def _parsed(rules: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for rule in rules:
        head, type_name = rule.split(": ")
        role, _, condition = head.partition(" ")
        yield role, condition, type_name
