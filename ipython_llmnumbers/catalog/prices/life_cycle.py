"""When a host shuts a model down: `life_cycle.toml`, then the second table.

A model whose own vendor ended it may live on elsewhere, so the date is that of a model at one host.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from ...figures import Source
from ...patterns import matches
from ..toml_tables import read_table, source_of
from .litellm_table import litellm_row, litellm_source
from .price import LifeCycle


def life_cycle(host: str, names: Sequence[str]) -> LifeCycle | None:
    """The end of a model at a host, under any of its names; None where no table dates one."""
    table = read_table("prices/life_cycle.toml")
    for row in table["ends"]:
        patterns = row["match"] if row["host"] == host else ()
        if any(matches(name.casefold(), patterns) for name in names):
            return LifeCycle(row["ends"], row.get("heir", ""), source_of(table, row))
    found = litellm_row(host, names)
    if "ends" not in found:
        return None
    source: Source = litellm_source()
    if "ends_source" in found:
        source = replace(source, url=found["ends_source"])
    return LifeCycle(date.fromisoformat(found["ends"]), found.get("heir", ""), source)
