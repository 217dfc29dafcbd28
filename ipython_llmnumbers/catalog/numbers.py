"""The 2023 document's numbers and what they were made from, as figures.

The table is `numbers_2023.toml`. Nothing is computed here: `estimates.numbers` sets each
number beside what its inputs give.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..errors import UnknownNameError
from ..figures import Figure, Number, assumed, published
from .tables import read_table, source_of

_FILE = "numbers_2023.toml"


def number_keys() -> tuple[str, ...]:
    """The keys of the 14 numbers, in the document's order.

    >>> number_keys()[:2]
    ('be_concise_saving', 'tokens_per_word')
    """
    return tuple(read_table(_FILE)["numbers"])


def published_number(key: str) -> Figure:
    """The number as the document states it, under the name `published`.

    >>> figure = published_number("be_concise_saving")
    >>> figure.low, figure.high, figure.unit
    (40, 90, '%')
    """
    return _figure("published", _row("numbers", key))


def number_text(key: str) -> dict[str, str]:
    """The number's words: `title`, `headline` (as the document prints it) and `remark`.

    >>> number_text("gpt4_to_gpt35_cost")["headline"]
    '~50:1'
    """
    row = _row("numbers", key)
    return {name: row[name] for name in ("title", "headline", "remark")}


def input_2023(key: str) -> Figure:
    """A price, time or size behind the numbers, published or assumed; dollars are Decimals.

    >>> input_2023("gpt35_turbo_usd").value
    Decimal('2')
    """
    return _figure(key, _row("inputs", key))


def _row(section: str, key: str) -> Mapping[str, Any]:
    rows: Mapping[str, Mapping[str, Any]] = read_table(_FILE)[section]
    if key not in rows:
        raise UnknownNameError("number", key, rows)
    return rows[key]


def _figure(name: str, row: Mapping[str, Any]) -> Figure:
    value, low, high = (_typed(row.get(field), row["unit"]) for field in ("value", "low", "high"))
    if "assumption" in row:
        return assumed(name, value, row["unit"], row["assumption"], low=low, high=high)
    source = source_of(read_table(_FILE), row)
    figure = published(name, value, row["unit"], source, low=low, high=high, note=row["wording"])
    return replace(figure, approximate=figure.approximate or row.get("approximate", False))


def _typed(value: Number | None, unit: str) -> Number | None:
    """Dollars as Decimal, by way of the text: Decimal(1.2) would carry the float's error."""
    return Decimal(str(value)) if value is not None and unit.startswith("USD") else value
