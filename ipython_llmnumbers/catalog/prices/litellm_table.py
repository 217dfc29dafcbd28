"""The second table of prices, `litellm.json`: a dated extract of litellm's (`tools/litellm_extract.py`).

It knows what the first table does not: how much a model takes, when it is shut down and who follows, and
how long a prompt must be to be cached. Where both state a price and differ, a reader sees both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from ...figures import Source
from ..toml_tables import read_json_table

_FILE = "prices/litellm.json"  # 170 kB: some milliseconds, on the first look-up of a price


def litellm_source() -> Source:
    """Which release the extract is of, and the day it was published."""
    source = read_json_table(_FILE)["source"]
    return Source(source["name"], source["url"], date.fromisoformat(source["day"]))


def litellm_row(host: str, names: Iterable[str]) -> Mapping[str, Any]:
    """What the table has of a model at a host, under the first of its names that it knows; else nothing."""
    models = read_json_table(_FILE)["hosts"].get(host, {})
    return next((models[name] for name in map(str.casefold, names) if name in models), {})


def usual_rates(row: Mapping[str, Any]) -> dict[str, Decimal]:
    """A row's rates in USD per Mtok outside peak hours: litellm states those of the peak first."""
    rates = {**row, **row.get("off_peak", {})}
    return {name: Decimal(rate) for name, rate in rates.items() if name.endswith("_usd_per_mtok")}
