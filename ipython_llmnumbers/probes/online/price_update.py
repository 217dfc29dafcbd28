"""Fetch the newest price table."""

from __future__ import annotations

import os
from datetime import date
from typing import TYPE_CHECKING

from ...errors import CatalogError
from ...files.formats import FormatError, parse_json
from ...messages import say
from .fetch import FetchError, fetch, shown_url

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot

# The table has some 2 MB.
_SECONDS, _MOST_BYTES = 30.0, 20_000_000


def fetch_snapshot(kept: date) -> DataSnapshot:
    """genai-prices' newest table; `kept` is the day of the one at hand, for the error.

    `$LLMNUMBERS_PRICES_URL` names another place than the project's own repository.

    Raises:
        CatalogError: the table cannot be fetched or read.
    """
    from genai_prices.update_prices import DEFAULT_UPDATE_URL

    url = os.environ.get("LLMNUMBERS_PRICES_URL", DEFAULT_UPDATE_URL)
    try:
        answer = fetch(url, seconds=_SECONDS, most_bytes=_MOST_BYTES, follow_redirects=True)
        if answer.status != 200:
            raise FetchError(say("HTTP status {status}", status=answer.status))
        return _snapshot(parse_json(answer.body))
    except (FetchError, FormatError) as error:
        reason = error.reason if isinstance(error, FetchError) else error.problem
        raise CatalogError(
            "the prices of {url} cannot be fetched ({reason}); those of {day} stay",
            url=shown_url(url),
            reason=reason,
            day=kept,
        ) from None


def _snapshot(table: object) -> DataSnapshot:
    """As `genai_prices.UpdatePrices.fetch` makes it, which would fetch without an end to time or size.

    It has no public function for this part; the package is held below its next minor version.
    """
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import _providers_from_raw

    if not isinstance(table, list) or not table:
        raise FetchError(say("it is no table of prices"))
    try:
        return DataSnapshot(_providers_from_raw(table), from_auto_update=True)
    except Exception as error:  # pydantic's, whose text quotes what it was given
        raise FetchError(say("it is no table of prices ({error})", error=type(error).__name__)) from None
