"""What a model's tokens cost: the user's own table, then `own_prices.toml`, then genai-prices' snapshot.

Nothing here goes to the network: genai-prices carries its prices in the wheel.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import lru_cache
from typing import Any

from ...figures import Source
from ...messages import joined
from ..names import ModelName, parse_name
from ..sellers import host_note, makers
from ..toml_tables import read_table, source_of
from ..user_table import YOUR_TABLE, UserPrice, dollars, user_file, user_prices
from .bands import at_hour, band_of
from .facts import with_facts, with_limits, with_other_price
from .genai_prices import (
    find_row,
    find_spelling,
    first_hand_models,
    listing_hosts,
    load_snapshot,
    now,
    snapshot_date,
    snapshot_price,
)
from .life_cycle import life_cycle
from .own_prices import host_of, overlay_row
from .price import Price, Rate
from .price_table import PriceTable, Row


def find_price(
    model: str | ModelName, on: date | None = None, context: Mapping[str, str] | None = None
) -> Price | None:
    """The price of a model by its name, as people write it or taken apart; None where no table has it.

    Args:
        model: `gpt-4o`, `openai/gpt-4o`, `together/…` (a host by its id), a name from
            the user's own table.
        on: the moment to price at; now if it is None. A day without an hour has the price of all its
            hours: a range where they differ.
        context: the kind of processing, as genai-prices names it: `{"processing": "batch"}`,
            `{"service_tier": "flex"}`. Where no such price is published the rates are None.

    Raises:
        CatalogError: the user's own table is broken.
    """
    name, context = parse_name(model), context or {}
    for row in user_prices():
        if row.model.casefold() == name.raw.casefold():
            price = _user_price(row)
            price = price if price.context_window_tokens else with_limits(price, name)
            return price.without_rates(context) if context else price
    kind = tuple(sorted(context.items()))
    return _listed_price(name, _clock() if on is None else on, kind, load_snapshot(), snapshot_date())


def _clock() -> datetime:
    """This minute: no price changes within one, and the estimates of a minute find their price once."""
    return now().replace(second=0, microsecond=0)


@lru_cache(maxsize=512)
def _listed_price(
    name: ModelName, on: date, kind: tuple[tuple[str, str], ...], table: PriceTable, _day: date
) -> Price | None:
    """The price in our tables; `table` and `_day` are the one at hand and its day, which may change."""
    context = dict(kind)
    moment = on if isinstance(on, datetime) else datetime.combine(on, time(12), UTC)
    known = overlay_row(name, moment.date())
    if known is not None:
        price, listed_as = _overlay_price(name, *known), known[0]["model"]
        price = price.without_rates(context) if context else price
    else:
        found = find_row(name, table)
        if found is None:
            return None
        # A batch runs at any hour of its day.
        has_hour = isinstance(on, datetime) and context.get("processing") != "batch"
        price, listed_as = _snapshot_price(name, found, moment, context, has_hour=has_hour), found[1].id
    said = joined("; ", price.note, host_note(name.host, name.region, listed_as))
    return replace(price, note=said)


def as_sold(name: ModelName) -> ModelName:
    """The name with its maker's own id, where only the spelling is another: `Claude Haiku 3.5`.

    >>> as_sold(parse_name("Claude Haiku 3.5")).base
    'claude-3-5-haiku-latest'
    """
    row = find_spelling(name, load_snapshot())
    return name if row is None else replace(name, base=row.id, sold_as=row.id)


def price_hosts(model: str | ModelName) -> list[str]:
    """The hosts that sell a model, for one that its maker does not sell."""
    return listing_hosts(parse_name(model), load_snapshot())


def known_priced_models() -> list[str]:
    """Names to offer and to compare a typing error with: the user's own, first-hand ones, ended ones last."""
    day = now().date()
    hosts = {model: host for host, model in reversed(first_hand_models())}  # the first seller is the maker
    models = dict.fromkeys(model for _, model in first_hand_models())
    return [
        *(row.model for row in user_prices()),
        *sorted(models, key=lambda model: _is_ended(hosts[model], model, day)),
    ]


def _is_ended(host: str, model: str, day: date) -> bool:
    life = life_cycle(host, (model,))
    return life is not None and life.is_over(day)


def _snapshot_price(
    name: ModelName, row: Row, moment: datetime, context: Mapping[str, str], *, has_hour: bool
) -> Price:
    provider, info = row
    band = band_of(provider.id, (name.base, info.id), moment.date())
    quiet = band.quiet_hour(moment) if band else moment
    price = with_facts(snapshot_price(provider, info, quiet, context), name)
    # The second table has today's prices, for the usual kind of processing.
    if not context and moment.date() >= snapshot_date() and provider.id in makers().values():
        price = with_other_price(price, name)
    return at_hour(price, band, moment if has_hour else moment.date()) if band else price


def _overlay_price(name: ModelName, row: dict[str, Any], note: str) -> Price:
    price = Price(
        model=row.get("resolves_to", name.sold_as),
        provider=row["provider"],
        input=_rate(row.get("input_usd_per_mtok")),
        output=_rate(row.get("output_usd_per_mtok")),
        cached_input=_rate(row.get("cached_input_usd_per_mtok")),
        source=source_of(read_table("prices/own_prices.toml"), row),
        tokenizer=row.get("tokenizer"),
        host=row.get("host") or host_of(row["provider"]),
        note=note,
    )
    # Today's windows and end are not those of a closed row's days.
    return price if "valid_until" in row else with_facts(price, name)


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
        host=host_of(row.provider or ""),
    )


def _rate(usd_per_mtok: float | None) -> Rate | None:
    return None if usd_per_mtok is None else Rate(dollars(usd_per_mtok))
