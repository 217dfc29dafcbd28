"""genai-prices' table of prices, of the wheel or fetched: its rows as `Price`s, and its day."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from ...figures import Source
from ...files.installed import installed_version
from ...messages import joined, say
from ...records import dataclass
from ..name_forms import ModelName
from ..toml_tables import read_table
from .compact_table import PACKAGE, table_of, table_of_wheel
from .price import LifeCycle, Price, Rate, no_price_before
from .price_table import ModelInfo, ModelPrice, PriceTable, Provider, Row
from .rows import first_hand_rows, hosts_of, row_of, spelled_row

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot


def snapshot_date() -> date:
    """The day the prices were published or fetched; where unknown, the newest day they mention."""
    fetched = load_snapshot().fetched
    if fetched is not None:
        return fetched
    released = read_table("prices/own_prices.toml")["released"].get(installed_version(*PACKAGE))
    return released if released is not None else _newest_day_mentioned(now().date())


def now() -> datetime:
    """The moment to price at if no day is asked for: the computer's clock, in UTC.

    A clock that shows a day before the newest release of prices is wrong; that day is used instead.
    """
    newest = max(read_table("prices/own_prices.toml")["released"].values())
    return max(datetime.now(UTC), datetime.combine(newest, time(), UTC))


def install_snapshot(snapshot: DataSnapshot) -> None:
    """Take the prices of this table from now on, in this session."""
    from genai_prices.data_snapshot import set_custom_snapshot

    set_custom_snapshot(snapshot)
    find_row.cache_clear()
    find_spelling.cache_clear()
    listing_hosts.cache_clear()
    first_hand_models.cache_clear()


def load_snapshot() -> PriceTable:
    """The table at hand: what was given to genai-prices in this session, else that of the wheel."""
    module = sys.modules.get("genai_prices.data_snapshot")
    given = getattr(module, "_custom_snapshot", None)  # `get_snapshot` would load the package's own, too
    return _wheel() if given is None else _given(_Same(given))


@cache
def _wheel() -> PriceTable:
    return table_of_wheel()


@dataclass(frozen=True, slots=True, eq=False)
class _Same:
    """A table of genai-prices, which is equal to itself alone."""

    snapshot: DataSnapshot

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.snapshot is self.snapshot

    def __hash__(self) -> int:
        return id(self.snapshot)


@lru_cache(maxsize=1)
def _given(same: _Same) -> PriceTable:
    return table_of(same.snapshot)


@cache
def first_hand_models() -> list[tuple[str, str]]:
    """The models that their makers sell themselves: each with its host, as the table names both."""
    return [(host, model.id) for host, model in first_hand_rows(load_snapshot())]


@lru_cache(maxsize=512)
def find_row(name: ModelName, table: PriceTable) -> Row | None:
    """The row that prices a name in a table; None where it has none."""
    return row_of(table, name)


@lru_cache(maxsize=512)
def find_spelling(name: ModelName, table: PriceTable) -> ModelInfo | None:
    """A maker's own row that a name means by another spelling; None where it is no maker's."""
    return spelled_row(table, name)


@lru_cache(maxsize=512)
def listing_hosts(name: ModelName, table: PriceTable) -> list[str]:
    """The hosts that a table has a model of others at, by their ids."""
    return hosts_of(table, name)


def snapshot_price(
    provider: Provider, info: ModelInfo, on: datetime, context: Mapping[str, str] | None = None
) -> Price:
    """The table's price of a row at a moment; its rates are None where this processing has no price."""
    prices = info.get_prices(on, context)
    is_fetched = load_snapshot().fetched is not None
    table = say("genai-prices fetched") if is_fetched else f"genai-prices {installed_version(*PACKAGE)}"
    source = Source(
        joined(": ", table, f"{provider.id}/{info.id}"),
        provider.pricing_urls[0] if provider.pricing_urls else None,
        snapshot_date(),
    )
    price = Price(
        model=info.id,
        provider=provider.name,
        input=_rate(prices, "input_mtok"),
        output=_rate(prices, "output_mtok"),
        source=source,
        table=table,
        cached_input=_rate(prices, "cache_read_mtok"),
        cache_write=_rate(prices, "cache_write_mtok"),
        cache_write_1h=_rate(prices, "cache_write_1h_mtok"),
        usd_per_request=_usd_per_request(prices),
        other_rates=_other_rates(prices),
        context_window_tokens=info.context_window,
        life=LifeCycle(None, "", source) if info.deprecated else None,
        host=provider.id,
        note=_date_note(info, on),
    )
    if context and not _has_variant(info, on, context):
        return price.without_rates(context)
    return price


def _has_variant(info: ModelInfo, on: datetime, context: Mapping[str, str]) -> bool:
    """Whether the model has a price of its own for this kind of processing on that day."""
    return any(
        all(context.get(key) == value for key, value in variant.when.items())
        and (variant.constraint is None or variant.constraint.active(on))
        for variant in info.price_variants or ()
    )


def _rate(prices: ModelPrice, key: str) -> Rate | None:
    price = vars(prices).get(key)
    if price is None:
        return None
    if isinstance(price, Decimal):
        return Rate(price)
    return Rate(price.base, tuple((tier.start, tier.price) for tier in price.tiers))


_IN_THE_SUM = {
    "input_mtok",
    "output_mtok",
    "cache_read_mtok",
    "cache_write_mtok",
    "cache_write_1h_mtok",
    "requests_kcount",
}


def _usd_per_request(prices: ModelPrice) -> Decimal | None:
    rate = _rate(prices, "requests_kcount")
    return None if rate is None else rate.base_usd_per_mtok / 1000


def _other_rates(prices: ModelPrice) -> dict[str, Decimal]:
    """What the row bills beside tokens of text, by genai-prices' names; the base price of one with tiers."""
    rates = {name: _rate(prices, name) for name in vars(prices) if name not in _IN_THE_SUM}
    return {name: rate.base_usd_per_mtok for name, rate in rates.items() if rate is not None}


def _date_note(info: ModelInfo, on: datetime) -> str:
    """What a reader must know of a price that changes by date or by hour, or that has no date."""
    rows = info.prices if isinstance(info.prices, list) else []
    constraints = [row.constraint for row in rows]
    if any(hasattr(each, "start_time") for each in constraints):
        return say("the price changes by the hour; this is the one at {time:%H:%M} UTC", time=on)
    starts = sorted(each.start_date for each in constraints if each and hasattr(each, "start_date"))
    if starts and on.date() < starts[0] and None not in constraints:
        return no_price_before(starts[0])
    changes = [start for start in starts if start > on.date()]
    if changes:
        return say("the price changes on {day}", day=changes[0])
    if not starts and on.date() < snapshot_date():
        return say("this price has no date; on {day:%Y-%m-%d} it may have been another", day=on)
    return ""


@cache
def _newest_day_mentioned(today: date) -> date:
    """The newest day, not after today, that any row of the snapshot names: it is at least that new."""
    return max(day for day in (date(2023, 1, 1), *load_snapshot().days) if day <= today)
