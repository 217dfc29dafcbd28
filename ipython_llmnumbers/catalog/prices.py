"""What a model's tokens cost: the user's own table first, then genai-prices' dated snapshot.

Nothing here goes to the network: genai-prices carries its prices in the wheel. It is
imported on the first look-up (it takes a quarter of a second), never at load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from ..errors import CatalogError
from ..figures import Number, Source
from .names import ModelName, parse_name
from .tables import read_table
from .user import user_file, user_rows

if TYPE_CHECKING:
    from genai_prices.data_snapshot import DataSnapshot
    from genai_prices.types import ModelInfo, ModelPrice, Provider


@dataclass(frozen=True, slots=True)
class Rate:
    """A price per million tokens, which may rise once a prompt is long.

    `tiers` are (first input token past which it applies, USD per Mtok), ascending; a
    tier prices every token of the call, as providers bill it.
    """

    base_usd_per_mtok: Decimal
    tiers: tuple[tuple[int, Decimal], ...] = ()

    def usd_per_mtok(self, input_tokens: Number) -> Decimal:
        """The rate that a prompt of this many tokens pays.

        >>> Rate(Decimal(2), ((200_000, Decimal(4)),)).usd_per_mtok(200_001)
        Decimal('4')
        """
        rate = self.base_usd_per_mtok
        for start, tier_rate in self.tiers:
            if input_tokens > start:
                rate = tier_rate
        return rate


@dataclass(frozen=True, slots=True)
class Price:
    """What one provider charges for one model; a rate that is not published is None."""

    model: str
    provider: str
    input: Rate | None
    output: Rate | None
    source: Source
    cached_input: Rate | None = None
    cache_write: Rate | None = None
    context_window_tokens: int | None = None
    tokenizer: str | None = None
    note: str = ""


def find_price(
    model: str, on: datetime | None = None, context: Mapping[str, str] | None = None
) -> Price | None:
    """The price of a model as people write its name; None where no table has it.

    Args:
        model: `gpt-4o`, `openai/gpt-4o`, `together/…` (a host by its id), a name from
            the user's own table.
        on: the moment to price at; now where it is None.
        context: the kind of processing, as genai-prices names it: `{"processing": "batch"}`,
            `{"service_tier": "flex"}`. Where no such price is published the rates are None.

    Raises:
        CatalogError: the user's own table is broken.
    """
    name = parse_name(model)
    for row in user_rows("prices"):
        if str(row.get("model", "")).casefold() == name.raw.casefold():
            price = _user_price(row)
            return _without_rates(price, context) if context else price
    found = _find(name.raw)
    if found is None:
        return None
    provider, info = found
    return _packaged_price(provider, info, on or datetime.now(UTC), context or {})


def price_hosts(model: str) -> list[str]:
    """The providers that sell a model under this very name, for a model with no first-hand price."""
    name = parse_name(model)
    return [p.id for p in _snapshot().providers if p.find_model(name.raw) or p.find_model(name.base)]


def snapshot_date() -> date:
    """The day the price snapshot was published; where unknown, the newest day it mentions."""
    released = read_table("prices.toml")["released"].get(version("genai-prices"))
    return released if released is not None else _newest_day_mentioned()


def known_priced_models() -> list[str]:
    """Names to offer and to compare a typing error with: first-hand models and the user's own."""
    return [*(str(row["model"]) for row in user_rows("prices") if "model" in row), *_first_hand_models()]


@cache
def _first_hand_models() -> list[str]:
    first_hand = set(read_table("prices.toml")["providers"].values())
    return [model.id for p in _snapshot().providers if p.id in first_hand for model in p.models]


def _snapshot() -> DataSnapshot:
    from genai_prices.data_snapshot import get_snapshot

    return get_snapshot()


@lru_cache(maxsize=512)
def _find(raw: str) -> tuple[Provider, ModelInfo] | None:
    """The row for a name: its vendor's or host's, else genai-prices' guess, else a first-hand one."""
    name = parse_name(raw)
    snapshot = _snapshot()
    if name.fine_tuned:
        return _find_fine_tuned(snapshot, name)
    for provider_id, model in _spellings(name):
        try:
            return snapshot.find_provider_model(model, None, provider_id, None)
        except LookupError:
            continue
    return None


def _find_fine_tuned(snapshot: DataSnapshot, name: ModelName) -> tuple[Provider, ModelInfo] | None:
    """A fine-tuned model has a price of its own, or none that is known: never its base model's."""
    provider = next(each for each in snapshot.providers if each.id == "openai")
    # genai-prices knows `ft:gpt-4o-2024-08-06:…` by that date; people also leave it out.
    by_id = (model for model in provider.models if model.id == f"ft:{name.base}")
    model = provider.find_model(name.raw) or next(by_id, None)
    return (provider, model) if model else None


def _spellings(name: ModelName) -> Iterator[tuple[str | None, str]]:
    """(provider, model) pairs to try in turn."""
    first_hand: dict[str, str] = read_table("prices.toml")["providers"]
    host, slash, rest = name.raw.partition("/")
    if slash:
        yield first_hand.get(host.casefold(), host), rest
    if name.vendor in first_hand:
        yield first_hand[name.vendor], name.base
    elif not name.vendor:
        yield None, name.base
        for provider_id in dict.fromkeys(first_hand.values()):
            yield provider_id, name.base


def _packaged_price(provider: Provider, info: ModelInfo, on: datetime, context: Mapping[str, str]) -> Price:
    prices = info.get_prices(on, context)
    source = Source(
        f"genai-prices {version('genai-prices')}: {provider.id}/{info.id}",
        provider.pricing_urls[0] if provider.pricing_urls else None,
        snapshot_date(),
    )
    price = Price(
        model=info.id,
        provider=provider.name,
        input=_rate(prices, "input_mtok"),
        output=_rate(prices, "output_mtok"),
        source=source,
        cached_input=_rate(prices, "cache_read_mtok"),
        cache_write=_rate(prices, "cache_write_mtok"),
        context_window_tokens=info.context_window,
        note=_date_note(info, on),
    )
    if context and not _has_variant(info, on, context):
        return _without_rates(price, context)
    return price


def _has_variant(info: ModelInfo, on: datetime, context: Mapping[str, str]) -> bool:
    """Whether the model has a price of its own for this kind of processing on that day."""
    return any(
        all(context.get(key) == value for key, value in variant.when.items())
        and (variant.constraint is None or variant.constraint.active(on))
        for variant in info.price_variants or ()
    )


def _without_rates(price: Price, context: Mapping[str, str]) -> Price:
    kind = " ".join(context.values())
    note = f"no {kind} price is published for {price.model}"
    return replace(price, input=None, output=None, cached_input=None, cache_write=None, note=note)


def _rate(prices: ModelPrice, key: str) -> Rate | None:
    from genai_prices.types import TieredPrices

    price = getattr(prices, key)
    if price is None:
        return None
    if isinstance(price, TieredPrices):
        return Rate(price.base, tuple((tier.start, tier.price) for tier in price.tiers))
    return Rate(price)


def _date_note(info: ModelInfo, on: datetime) -> str:
    """What a reader must know of a price that changes by date or by hour."""
    from genai_prices.types import StartDateConstraint, TimeOfDateConstraint

    if not isinstance(info.prices, list):
        return ""
    constraints = [row.constraint for row in info.prices if row.constraint is not None]
    if any(isinstance(each, TimeOfDateConstraint) for each in constraints):
        return f"the price changes by the hour; this is the one at {on:%H:%M} UTC"
    changes = [
        each.start_date
        for each in constraints
        if isinstance(each, StartDateConstraint) and each.start_date > on.date()
    ]
    return f"the price changes on {min(changes)}" if changes else ""


def _user_price(row: dict[str, Any]) -> Price:
    """A row of the user's own table, checked field by field."""
    where = f"{user_file()}: [[prices]] {row['model']!r}"
    checked = row.get("checked")
    if not isinstance(checked, date):
        raise CatalogError(f"{where} needs checked = YYYY-MM-DD, the day the price was looked up")
    return Price(
        model=str(row["model"]),
        provider=str(row.get("provider", "your own table")),
        input=_user_rate(row, "input_usd_per_mtok", where),
        output=_user_rate(row, "output_usd_per_mtok", where),
        cached_input=_user_rate(row, "cached_input_usd_per_mtok", where),
        cache_write=_user_rate(row, "cache_write_usd_per_mtok", where),
        source=Source(str(row.get("source", user_file())), row.get("url"), checked),
        context_window_tokens=row.get("context_window_tokens"),
        tokenizer=row.get("tokenizer"),
    )


def _user_rate(row: dict[str, Any], key: str, where: str) -> Rate | None:
    value = row.get(key)
    if value is None:
        return None
    try:
        rate = Decimal(str(value))
    except InvalidOperation:
        rate = Decimal(-1)
    if isinstance(value, bool) or not rate.is_finite() or rate < 0:
        raise CatalogError(f"{where}: {key} must be a number of dollars from 0 up, not {value!r}")
    return Rate(rate)


@cache
def _newest_day_mentioned() -> date:
    """The newest day, not after today, that any row of the snapshot names: it is at least that new."""
    today = datetime.now(UTC).date()
    days = {date(2023, 1, 1)}
    for provider in _snapshot().providers:
        texts = [provider.price_comments or "", *(model.price_comments or "" for model in provider.models)]
        for year, month, day in re.findall(r"\b(20\d\d)-(\d\d)-(\d\d)\b", " ".join(texts)):
            try:
                days.add(date(int(year), int(month), int(day)))
            except ValueError:
                continue
    return max(day for day in days if day <= today)
