"""Put newer prices in the place of those at hand."""

from __future__ import annotations

from datetime import date

from ..catalog.prices.genai_prices import install_snapshot, snapshot_date
from ..probes.online.price_update import fetch_snapshot
from ..records import dataclass


@dataclass(frozen=True, slots=True)
class PriceUpdate:
    """The days of the prices before and after, and how many models have one."""

    before: date
    after: date
    n_models: int


def update_prices() -> PriceUpdate:
    """Fetch genai-prices' newest table for this session.

    Raises:
        CatalogError: the table cannot be fetched or read; the prices stay as they were.
    """
    before = snapshot_date()
    snapshot = fetch_snapshot(before)
    install_snapshot(snapshot)
    n_models = sum(len(provider.models) for provider in snapshot.providers)
    return PriceUpdate(before, snapshot_date(), n_models)
