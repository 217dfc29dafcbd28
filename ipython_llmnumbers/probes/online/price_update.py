"""Fetch the newest price table."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

from ...errors import CatalogError

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot


def fetch_snapshot(kept: date) -> DataSnapshot:
    """genai-prices' newest table; `kept` is the day of the one at hand, for the error.

    `$LLMNUMBERS_PRICES_URL` names another place than the project's own repository.

    Raises:
        CatalogError: the table cannot be fetched or read.
    """
    from genai_prices import UpdatePrices
    from genai_prices.update_prices import DEFAULT_UPDATE_URL

    url = os.environ.get("LLMNUMBERS_PRICES_URL", DEFAULT_UPDATE_URL)
    try:
        snapshot = UpdatePrices(url=url).fetch()
    except Exception as error:  # httpx2's, json's and pydantic's errors, of several packages
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else url}"
        raise CatalogError(
            "the prices of {url} cannot be fetched ({reason}); those of {day} stay",
            url=url,
            reason=reason,
            day=kept,
        ) from None
    if snapshot is None:
        raise CatalogError("{url} has no prices for this version; those of {day} stay", url=url, day=kept)
    return snapshot
