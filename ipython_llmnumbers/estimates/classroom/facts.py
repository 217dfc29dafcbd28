"""The numbers that a lesson states, each from the product's own figures: `{ratio}` in its text."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import Any

from ...catalog.numbers_2023 import input_figure
from ...catalog.toml_tables import read_table, source_of
from ...figures import Figure, Number, published
from ...patterns import pattern
from ...records import dataclass
from ..numbers.estimate import estimate_number

_TABLE = "classroom/facts.toml"
_PLACE = pattern(r"\{\{(?P<name>\w+)(?::(?P<form>\w+))?\}\}")
_MYRIADS = ((10**12, "兆"), (10**8, "億"), (10**4, "万"))


@dataclass(frozen=True, slots=True)
class Fact:
    """A number in a text: with commas, in 万 and 億 as `{name:man}`, or in billions as `{name:billion}`."""

    value: Number

    def __format__(self, form: str) -> str:
        if form == "man":
            return in_myriads(self.value)
        return rounded(float(self.value) / 10**9 if form == "billion" else self.value)


def fact_names() -> tuple[str, ...]:
    """The names of all facts."""
    return tuple(read_table(_TABLE)["facts"])


def fact_figure(name: str) -> Figure:
    """The figure that a fact is of; KeyError where there is no such fact.

    >>> fact_figure("ratio").value
    50
    """
    row = read_table(_TABLE)["facts"][name]
    if "input" in row:
        return input_figure(row["input"])
    if "number" in row:
        figure: Figure = _number(row["number"]).figure(row["figure"])
        return figure
    return published(name, row["value"], "", source_of(read_table(_TABLE), row), note=row["wording"])


def fact(name: str) -> Fact:
    """The number that a fact states.

    >>> f"{fact('kv_recomputed_mb')} MB", f"{fact('training_usd'):man}ドル"
    ('0.819 MB', '100万ドル')
    """
    row: dict[str, Any] = read_table(_TABLE)["facts"][name]
    figure = fact_figure(name)
    value = getattr(figure, row.get("end", "value"))
    assert value is not None
    if row.get("odds"):
        return Fact(float(value) / (100 - float(value)))
    size = row.get("size", 1)
    return Fact(value if size == 1 else float(value) / size)


def facts() -> dict[str, Fact]:
    """Each fact by its name, for a text's template."""
    return {name: fact(name) for name in fact_names()}


def state(text: str) -> str:
    """A text with each `{{name}}` or `{{name:man}}` in it as its number.

    >>> state("{{ratio}}倍")
    '50倍'
    """
    return _PLACE.sub(lambda found: format(fact(found["name"]), found["form"] or ""), text)


def rounded(value: Number) -> str:
    """A whole number below 10,000 as it is, others to three digits; with commas, and no zeros at the end.

    >>> rounded(5160960), rounded(1.3333), rounded(2048), rounded(Decimal("2E+1"))
    ('5,160,000', '1.33', '2,048', '20')
    """
    whole = float(value).is_integer() and value < 10_000
    exact = Decimal(int(value)) if whole else Decimal(f"{float(value):.3g}")
    return f"{exact:,f}".rstrip("0").rstrip(".") if "." in f"{exact:f}" else f"{int(exact):,}"


def in_myriads(value: Number) -> str:
    """To three digits in 万, 億 and 兆, as Japanese counts from ten thousand.

    >>> in_myriads(1_000_000), in_myriads(5160960), in_myriads(819)
    ('100万', '516万', '819')
    """
    exact = int(float(f"{float(value):.3g}"))
    parts = ""
    for size, name in _MYRIADS:
        if exact >= size:
            parts += f"{exact // size:,}{name}"
            exact %= size
    return parts + (f"{exact:,}" if exact or not parts else "")


@cache
def _number(key: str) -> Any:
    return estimate_number(key)
