"""What a model's tokens cost: the user's own table, then `own_prices.toml`, then genai-prices' snapshot.

Nothing here goes to the network: genai-prices carries its prices in the wheel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from ...figures import Source
from ...messages import joined
from ..names import ModelName, parse_name
from ..sellers import host_note
from ..toml_tables import read_table, source_of
from ..user_table import YOUR_TABLE, UserPrice, dollars, user_file, user_prices
from .genai_prices import find_row, first_hand_models, listing_hosts, now, snapshot_price
from .own_prices import overlay_row, window_row
from .price import Price, Rate


def find_price(
    model: str | ModelName, on: datetime | None = None, context: Mapping[str, str] | None = None
) -> Price | None:
    """The price of a model by its name, as people write it or taken apart; None where no table has it.

    Args:
        model: `gpt-4o`, `openai/gpt-4o`, `together/…` (a host by its id), a name from
            the user's own table.
        on: the moment to price at; now if it is None.
        context: the kind of processing, as genai-prices names it: `{"processing": "batch"}`,
            `{"service_tier": "flex"}`. Where no such price is published the rates are None.

    Raises:
        CatalogError: the user's own table is broken.
    """
    name = parse_name(model)
    on = on or now()
    for row in user_prices():
        if row.model.casefold() == name.raw.casefold():
            price = _user_price(row)
            price = price if price.context_window_tokens else _with_window(price, name)
            return price.without_rates(context) if context else price
    known = overlay_row(name, on.date())
    if known is not None:
        price, listed_as = _overlay_price(name, *known), known[0]["model"]
        price = price.without_rates(context) if context else price
    else:
        found = find_row(name)
        if found is None:
            return None
        provider, info = found
        price, listed_as = _with_window(snapshot_price(provider, info, on, context or {}), name), info.id
    said = joined("; ", price.note, host_note(name.host, name.region, listed_as))
    return replace(price, note=said)


def price_hosts(model: str | ModelName) -> list[str]:
    """The hosts that sell a model, for one that its maker does not sell."""
    return listing_hosts(parse_name(model))


def known_priced_models() -> list[str]:
    """Names to offer and to compare a typing error with: first-hand models and the user's own."""
    return [*(row.model for row in user_prices()), *first_hand_models()]


def _with_window(price: Price, name: ModelName) -> Price:
    """The price with what the table of windows adds, which is exact where the snapshot rounds."""
    row = window_row((name.base, price.model))
    if row is None:
        return price
    return replace(
        price,
        context_window_tokens=row["context_window_tokens"],
        max_output_tokens=row.get("max_output_tokens"),
        window_source=source_of(read_table("prices/own_prices.toml"), row),
    )


def _overlay_price(name: ModelName, row: dict[str, Any], note: str) -> Price:
    price = Price(
        model=row.get("resolves_to", name.sold_as),
        provider=row["provider"],
        input=_rate(row.get("input_usd_per_mtok")),
        output=_rate(row.get("output_usd_per_mtok")),
        cached_input=_rate(row.get("cached_input_usd_per_mtok")),
        source=source_of(read_table("prices/own_prices.toml"), row),
        tokenizer=row.get("tokenizer"),
        note=note,
    )
    # Today's windows are not those of a closed row's days.
    return price if "valid_until" in row else _with_window(price, name)


def _user_price(row: UserPrice) -> Price:
    return Price(
        model=row.model,
        provider=row.provider or YOUR_TABLE,
        input=_rate(row.input_usd_per_mtok),
        output=_rate(row.output_usd_per_mtok),
        cached_input=_rate(row.cached_input_usd_per_mtok),
        cache_write=_rate(row.cache_write_usd_per_mtok),
        source=Source(row.source or str(user_file()), row.url, row.checked),
        context_window_tokens=row.context_window_tokens,
        tokenizer=row.tokenizer,
    )


def _rate(usd_per_mtok: float | None) -> Rate | None:
    return None if usd_per_mtok is None else Rate(dollars(usd_per_mtok))
