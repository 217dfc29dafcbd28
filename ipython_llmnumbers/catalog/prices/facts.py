"""What the tables know of a priced model beside its price: its limits, its end, its cache, another price."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from ..names import ModelName
from ..toml_tables import read_table, source_of
from .life_cycle import life_cycle
from .litellm_table import litellm_row, litellm_source, usual_rates
from .own_prices import cache_row, window_row
from .price import OtherPrice, Price


def with_facts(price: Price, name: ModelName) -> Price:
    """The price with the facts of its model at its host."""
    host = _host(price, name)
    names = _names(price, name)
    price = with_limits(replace(price, host=host), name)
    row = litellm_row(host, names)
    return replace(
        _with_cache(price, row, names),
        life=life_cycle(host, names) or price.life,
        is_reasoning=bool(row.get("reasons")),
        usd_per_request_least=Decimal(row["usd_per_request_least"])
        if "usd_per_request_least" in row
        else None,
    )


def with_limits(price: Price, name: ModelName) -> Price:
    """The price with how much the model takes and writes: the vendor's own page, else both tables."""
    own = window_row((name.base, price.model))
    if own is not None:
        source = source_of(read_table("prices/own_prices.toml"), own)
        window, output = own["context_window_tokens"], own.get("max_output_tokens")
        price = replace(price, context_window_tokens=window, max_output_tokens=output, window_source=source)
    row = litellm_row(price.host, (*_names(price, name), name.base))
    most, output, window = (
        row.get("max_input_tokens"),
        row.get("max_output_tokens"),
        price.context_window_tokens,
    )
    if most is None and output is None:
        return price
    # litellm's field is the window for some models and the limit of the input for others
    # (BerriAI/litellm#30928). A limit lies so far below the window that an answer fits between; else
    # the tables round one number (1,000,000 and 1,048,576), and the larger is the exact one.
    is_limit = most is not None and window is not None and most + (output or 0) <= window and most < window
    return replace(
        price,
        context_window_tokens=window if own or is_limit else max(filter(None, (window, most)), default=None),
        max_input_tokens=most if is_limit else None,
        max_output_tokens=price.max_output_tokens or output,
        window_source=price.window_source or litellm_source(),
    )


def with_other_price(price: Price, name: ModelName) -> Price:
    """The price with that of the second table, where both state one and they differ."""
    rates = usual_rates(litellm_row(price.host, _names(price, name)))
    theirs = (rates.get("input_usd_per_mtok"), rates.get("output_usd_per_mtok"))
    if price.input is None or price.output is None or None in theirs:
        return price
    if (price.input.base_usd_per_mtok, price.output.base_usd_per_mtok) == theirs:
        return price
    return replace(price, other=OtherPrice(*theirs, litellm_source()))  # type: ignore[arg-type]


def _with_cache(price: Price, row: Mapping[str, Any], names: tuple[str, ...]) -> Price:
    if price.cached_input is None and price.cache_write is None:
        return price
    if "cache_least_tokens" in row:
        return replace(price, cache_least_tokens=row["cache_least_tokens"], cache_source=litellm_source())
    own = cache_row(price.host, names)
    if own is None:
        return price
    source = source_of(read_table("prices/own_prices.toml"), own)
    return replace(price, cache_least_tokens=own["least_tokens"], cache_source=source)


def _host(price: Price, name: ModelName) -> str:
    """Vertex AI sells at Google's prices, but ends its models on days of its own."""
    return "vertex_ai" if price.host == "google" and name.host == "vertex_ai" else price.host


def _names(price: Price, name: ModelName) -> tuple[str, ...]:
    """The id at the host, the maker's name, the row that prices it: a dated name may have its own day."""
    if name.fine_tuned:
        return (f"ft:{name.base}", price.model)
    return tuple(each.rpartition("/")[2] for each in (name.sold_as, name.base, price.model))
