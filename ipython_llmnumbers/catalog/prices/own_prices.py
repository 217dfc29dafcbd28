"""What `own_prices.toml` knows better than the snapshot: dated prices, what a model takes, what is cached."""

from __future__ import annotations

from datetime import date
from typing import Any

from ...patterns import matches
from ..name_forms import ModelName
from ..sellers import makers
from ..toml_tables import read_table
from .price import no_price_before


def overlay_row(name: ModelName, day: date) -> tuple[dict[str, Any], str] | None:
    """The row that prices a model on a day, and what a reader must know of it; None where no row does.

    A day before the first row of a model's history is priced by that row, and the note says so:
    the snapshot behind it is newer still, and so further off.
    """
    rows = [row for row in read_table("prices/own_prices.toml")["prices"] if _is_about(row, name)]
    for row in rows:
        if row["valid_from"] <= day and day < row.get("valid_until", date.max):
            return row, row.get("note", "")
    history = [row for row in rows if "valid_until" in row]
    first = min(history, key=lambda row: row["valid_from"], default=None)
    if first is not None and day < first["valid_from"]:
        return first, no_price_before(first["valid_from"])
    return None


def window_row(names: tuple[str, ...]) -> dict[str, Any] | None:
    """The row with the context window and longest output of a model under any of these names."""
    for row in read_table("prices/own_prices.toml")["windows"]:
        if any(name.casefold() in row["match"] for name in names):
            return dict(row)
    return None


def cache_row(host: str, names: tuple[str, ...]) -> dict[str, Any] | None:
    """The row with the least prompt that a host caches for a model under any of these names."""
    for row in read_table("prices/own_prices.toml")["caches"]:
        if row["host"] == host and any(matches(name.casefold(), row["match"]) for name in names):
            return dict(row)
    return None


def host_of(vendor: str) -> str:
    """The provider of genai-prices that sells a vendor's models first-hand, or the vendor itself.

    >>> host_of("X AI"), host_of("gemini"), host_of("Groq")
    ('x-ai', 'google', 'groq')
    """
    key = vendor.casefold().replace(" ", "-")
    return makers().get(key, key)


def _is_about(row: dict[str, Any], name: ModelName) -> bool:
    """True for the id at the row's host; without one, for the model's own name, or that behind its vendor."""
    if name.host != row.get("host", "") or name.opaque or not matches(name.sold_as, [row["model"]]):
        return False
    return name.host != "" or makers().get(name.vendor, name.vendor) in ("", row["provider"].casefold())
