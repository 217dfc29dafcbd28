"""Data types and quantisations: how many bits a weight takes, and which weights; the cache's types."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Literal

from ...errors import UnknownNameError
from ...figures import Figure, Source, assumed, given, published
from ...messages import option, say
from ...patterns import pattern
from ...records import dataclass
from ..names import as_name, folded
from ..toml_tables import read_table, source_of
from .ggml import find_type

_TABLE = "open_models/quants.toml"
_BITS_PER_WEIGHT = pattern(r"(?:exl[23][-_ ]?)?(?P<bits>[0-9]{1,2}(?:\.[0-9]{1,3})?)[-_ ]?bpw", re.IGNORECASE)
_IN_GROUPS = pattern(r"int4-g(?P<group>[1-9][0-9]{1,3})", re.IGNORECASE)

# What is published in fewer bits has no builds in other types of so few.
_LEAST_BITS_TO_CONVERT = 8

Scope = Literal["all", "linear", "experts", "gguf", "own"]

# The types that engines take for the cache, with the bits of one number: vLLM's `--kv-cache-dtype`
# and llama.cpp's `--cache-type-k`. FP8 has 8 bits and no scales for each number.
_KV_BITS = {"fp32": 32, "bf16": 16, "fp16": 16, "fp8": 8}
_KV_GGML = ("q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "iq4_nl")
_KV_ALIASES = {
    "f16": "fp16",
    "f32": "fp32",
    "float16": "fp16",
    "bfloat16": "bf16",
    "fp8e4m3": "fp8",
    "fp8e5m2": "fp8",
}


@dataclass(frozen=True, slots=True)
class Quant:
    """One way to store weights.

    `scope` is `all` where every parameter takes `bits`, `linear` where only the layers'
    matrices do and the rest keeps 16 bits, `experts` where only the experts do, and
    `gguf` where a `mix` decides for each matrix (`ggml.py`): its own, or the one that it is nearest to,
    of which it takes `share` times the bits. `own` is as the checkpoint's quantization_config says
    (`architectures/stored_as.py`).
    """

    name: str
    title: str
    bits: float
    low: float
    high: float
    scope: Scope
    source: Source
    mix: str = ""
    share: tuple[float, float, float] = (1.0, 1.0, 1.0)
    """The likely, the least and the greatest."""

    def type_bits_figure(self, type_name: str) -> Figure:
        """Bits per parameter of the matrices that the mix stores in this type.

        >>> find_quant("q4_k_m").type_bits_figure("q4_k").value
        4.5
        >>> dynamic = find_quant("UD-Q8_K_XL").type_bits_figure("q8_0")
        >>> dynamic.origin, dynamic.low, dynamic.high
        ('assumed', 8.5, 10.625)
        """
        bits = find_type(type_name).bits_figure()
        if self.share == (1.0, 1.0, 1.0) or bits.value is None:
            return bits
        note = say(
            "{quant} chooses a type for each tensor; files take {low:.0%} to {high:.0%} of {mix}",
            quant=self.name.upper(),
            low=self.share[1],
            high=self.share[2],
            mix=self.mix.upper(),
        )
        value, low, high = (float(bits.value) * share for share in self.share)
        return assumed(bits.name, value, bits.unit, note, source=self.source, low=low, high=high)

    def bits_figure(self) -> Figure:
        """Bits per parameter, the scales included; a range where it depends on more than the name.

        >>> find_quant("bf16").bits_figure().value
        16
        >>> find_quant("q4_k_m").bits_figure().value  # where only a size is known
        4.8944
        """
        note = "" if self.low == self.high else say("depends on the model, or on an engine's padding")
        return published(
            "bits_per_param",
            self.bits,
            "bits/parameter",
            self.source,
            low=self.low,
            high=self.high,
            note=note,
        )


def find_quant(name: str) -> Quant:
    """The data type or quantisation of that name; case and `-`, `_`, `.` do not matter.

    Besides the rows of the table, the average bits of a weight as ExLlama writes them: `4.65bpw`.

    Raises:
        UnknownNameError: no such row in the table.

    >>> find_quant("Q4-K-M").scope
    'gguf'
    >>> find_quant("float16").name, find_quant("AWQ").name
    ('fp16', 'int4')
    >>> find_quant("4.65bpw").bits
    4.65
    """
    quant = quant_named(as_name(say("quantisation"), name))
    if quant is None:
        hint = say("bf16, int8 and q4_k_m are common ones")
        raise UnknownNameError(say("quantisation"), name, known_quants(), hint)
    return quant


def quant_named(name: str) -> Quant | None:
    """As `find_quant`, with None for a name that is none."""
    in_groups = _IN_GROUPS.fullmatch(name.strip())
    if in_groups:
        return _int4_in_groups(int(in_groups["group"]))
    written = _BITS_PER_WEIGHT.fullmatch(name.strip())
    if written is None:
        return _quants_by_key().get(folded(name))
    bits, source = float(written["bits"]), source_of(read_table(_TABLE), {"source": "exl2"})
    if not 1 <= bits <= 16:
        return None
    title = say("{bits} bits per weight, linears only", bits=written["bits"])
    return Quant(f"{written['bits']}bpw", title, bits, bits, bits, "linear", source)


def is_converted(published_in: str) -> bool:
    """Whether there are builds in fewer bits than those that a model is published in.

    >>> is_converted("bf16"), is_converted("mxfp4")
    (True, False)
    """
    quant = quant_named(published_in)  # None for a method of its own
    return quant is not None and quant.bits >= _LEAST_BITS_TO_CONVERT


def _int4_in_groups(group: int) -> Quant:
    """4 bits, and 16 for the scale and 4 for the zero point of each group.

    >>> find_quant("int4-g64").bits
    4.3125
    """
    bits, usual = 4 + (16 + 4) / group, find_quant("int4")
    title = say("4-bit in groups of {n} (AWQ, GPTQ), linears only", n=group)
    return replace(usual, name=f"int4-g{group}", title=title, bits=bits, low=bits, high=bits)


def known_quants() -> list[str]:
    """The names that completion offers.

    >>> known_quants()[:3]
    ['fp32', 'bf16', 'fp16']
    """
    return [row["name"] for row in read_table(_TABLE)["quants"]]


def known_kv_types() -> list[str]:
    """The types of the cache that completion offers."""
    return [*_KV_BITS, *_KV_GGML]


def kv_bits_figure(name: str | None, weights: Quant) -> Figure:
    """Bits of one number in the cache: as asked for, else as the weights' 16 or 32 bits.

    Raises:
        UnknownNameError: a type that no engine takes for its cache.

    >>> kv_bits_figure("q8_0", find_quant("bf16")).value
    8.5
    """
    field, unit = "kv_bits_per_element", "bits"
    if name is None:
        if weights.name == "fp32":
            return assumed(field, 32, unit, say("the cache has the weights' 32 bits"))
        note = say("a 16-bit cache, the default of engines; {option:kv} takes another")
        return assumed(field, 16, unit, note)
    key = folded(as_name(say("cache type"), name))
    key = _KV_ALIASES.get(key, key)
    plain = {folded(each): bits for each, bits in _KV_BITS.items()}
    if key in plain:
        return given(field, plain[key], unit, option("kv", name))
    ggml = {folded(each): each for each in _KV_GGML}
    if key in ggml:
        packed = find_type(ggml[key])
        note = say("{option:kv={type}}: {bytes} bytes for {n}", type=name, bytes=packed.bytes, n=packed.block)
        return given(field, packed.bits, unit, note)
    hint = say("engines take fp16, fp8, q8_0 and q4_0")
    raise UnknownNameError(say("cache type"), name, known_kv_types(), hint)


@cache
def _quants_by_key() -> dict[str, Quant]:
    table = read_table(_TABLE)
    bits = {row["name"]: row.get("bits") for row in table["quants"]}
    quants: dict[str, Quant] = {}
    for row in table["quants"]:
        quant = _quant(table, row, bits.get(row.get("mix")))
        for name in (row["name"], *row.get("aliases", ())):
            quants[folded(name)] = quant
    return quants


def _quant(table: Mapping[str, Any], row: Mapping[str, Any], bits_of_mix: float | None) -> Quant:
    share = row.get("share", 1.0)
    shares = (share, row.get("low_share", share), row.get("high_share", share))
    bits = row["bits"] if bits_of_mix is None else bits_of_mix * share
    low, high = (bits, bits) if bits_of_mix is None else (bits_of_mix * each for each in shares[1:])
    return Quant(
        name=row["name"],
        title=row["title"],
        bits=bits,
        low=row.get("low", low),
        high=row.get("high", high),
        scope=row["scope"],
        source=source_of(table, row),
        mix=row.get("mix", row["name"]),
        share=shares,
    )
