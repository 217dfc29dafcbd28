"""How providers' exports of usage and costs are read, as `bills.toml` states it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from ..records import dataclass
from .toml_tables import read_table

_TABLE = "bills.toml"

Sums = tuple[str, ...]
"""Columns that are added up."""


@dataclass(frozen=True, slots=True)
class BillFormat:
    """The columns of one kind of export; empty where it has none.

    `fields` are those by which a row is told. `per_usd` of the amount are a dollar.
    """

    name: str
    vendor: str
    fields: frozenset[str]
    start: str
    end: str
    model: str
    model_is: re.Pattern[str] | None
    requests: str
    counts: Mapping[str, Sums]
    usd: str
    currency: str
    per_usd: int


COUNTED = ("input", "cached", "written", "written_1h", "output")


def format_of(columns: frozenset[str]) -> BillFormat | None:
    """The format of a row that has these columns; None of a row that is of no known export.

    >>> format_of(frozenset({"usage_date_utc", "model", "cost_usd", "token_type"})).name
    'Anthropic costs'
    """
    return next((each for each in _formats() if each.fields <= columns), None)


@cache
def _formats() -> tuple[BillFormat, ...]:
    return tuple(map(_format, read_table(_TABLE)["formats"]))


def _format(row: Mapping[str, Any]) -> BillFormat:
    return BillFormat(
        name=row["name"],
        vendor=row["vendor"],
        fields=frozenset(row["fields"]),
        start=row["start"],
        end=row.get("end", ""),
        model=row["model"],
        model_is=re.compile(row["model_is"]) if "model_is" in row else None,
        requests=row.get("requests", ""),
        counts={name: tuple(row[name]) for name in COUNTED if name in row},
        usd=row.get("usd", ""),
        currency=row.get("currency", ""),
        per_usd=row.get("per_usd", 1),
    )
