"""Data types and quantisations: how many bits a weight takes, and which weights."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from ..errors import UnknownNameError
from ..figures import Figure, Source, assumed, published
from .tables import read_table, source_of

# What llama.cpp stores a row in that cannot be cut into blocks of 256 weights is at most Q8_0.
_WORST_FALLBACK_BITS = 8.5


@dataclass(frozen=True, slots=True)
class Quant:
    """One way to store weights.

    `scope` is `all` where every parameter takes `bits`, and `linear` where only the
    layers' matrices do and the rest keeps 16 bits. `block` is the number of weights
    that the format packs together, where a model's rows may not divide by it.
    """

    name: str
    title: str
    bits: float
    low: float
    high: float
    scope: Literal["all", "linear"]
    block: int | None
    source: Source

    def bits_figure(self, hidden_size: int) -> Figure:
        """Bits per parameter of a model of that width; a range where the mix depends on the model.

        >>> find_quant("bf16").bits_figure(4096).value
        16
        >>> odd = find_quant("q4_k_m").bits_figure(896)  # Qwen2.5 0.5B
        >>> odd.value, odd.high, odd.note
        (6.7, 8.5, 'rows of 896 do not divide into blocks of 256: parts take a larger type')
        """
        unit = "bits/parameter"
        if self.block and hidden_size % self.block:
            note = (
                f"rows of {hidden_size} do not divide into blocks of {self.block}: parts take a larger type"
            )
            high = max(self.high, _WORST_FALLBACK_BITS)
            middle = round((self.bits + high) / 2, 1)
            return assumed("bits_per_param", middle, unit, note, source=self.source, low=self.low, high=high)
        note = "" if self.low == self.high else "the mix depends on the model"
        return published(
            "bits_per_param", self.bits, unit, self.source, low=self.low, high=self.high, note=note
        )

    def kv_bytes_figure(self) -> Figure:
        """Bytes of one number in the KV cache: engines keep 16 bits however the weights are stored."""
        if self.name == "fp32":
            return assumed("kv_bytes_per_element", 4, "bytes", "the cache has the weights' 32 bits")
        return assumed("kv_bytes_per_element", 2, "bytes", "a 16-bit cache, the default of engines")


def find_quant(name: str) -> Quant:
    """The data type or quantisation of that name; case and `-`, `_`, `.` do not matter.

    Raises:
        UnknownNameError: no such row in the table.

    >>> find_quant("Q4-K-M").bits
    4.8944
    >>> find_quant("float16").name, find_quant("AWQ").name
    ('fp16', 'int4')
    """
    quant = _quants_by_key().get(_key(name))
    if quant is None:
        raise UnknownNameError("quantisation", name, known_quants(), "bf16, int8 and q4_k_m are common ones")
    return quant


def known_quants() -> list[str]:
    """The names that completion offers.

    >>> known_quants()[:3]
    ['fp32', 'bf16', 'fp16']
    """
    return [row["name"] for row in read_table("quants.toml")["quants"]]


@cache
def _quants_by_key() -> dict[str, Quant]:
    table = read_table("quants.toml")
    quants: dict[str, Quant] = {}
    for row in table["quants"]:
        bits = row["bits"]
        quant = Quant(
            name=row["name"],
            title=row["title"],
            bits=bits,
            low=row.get("low", bits),
            high=row.get("high", bits),
            scope=row["scope"],
            block=row.get("block"),
            source=source_of(table, row),
        )
        for name in (row["name"], *row.get("aliases", ())):
            quants[_key(name)] = quant
    return quants


def _key(name: str) -> str:
    return re.sub(r"[-_.\s]", "", name.casefold())
