"""What a model's tokens cost: the user's own table, then `prices.toml`, then genai-prices' snapshot.

Nothing here goes to the network: genai-prices carries its prices in the wheel. It is
imported on the first look-up (it takes a quarter of a second), never at load.
"""

from __future__ import annotations

import os
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
from .overlay import overlay_row, window_row
from .tables import read_table, source_of
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
    """What one provider charges for one model; a rate that is not published is None.

    `window_source` states the two windows where `source` does not.
    """

    model: str
    provider: str
    input: Rate | None
    output: Rate | None
    source: Source
    cached_input: Rate | None = None
    cache_write: Rate | None = None
    context_window_tokens: int | None = None
    max_output_tokens: int | None = None
    window_source: Source | None = None
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
    on = on or datetime.now(UTC)
    for row in user_rows("prices"):
        if str(row.get("model", "")).casefold() == name.raw.casefold():
            price = _user_price(row)
            price = price if price.context_window_tokens else _with_window(price, name)
            return _without_rates(price, context) if context else price
    known = overlay_row(name, on.date())
    if known is not None:
        price = _overlay_price(name, *known)
        return _without_rates(price, context) if context else price
    found = _find(name.raw)
    if found is None:
        return None
    provider, info = found
    return _with_window(_packaged_price(provider, info, on, context or {}), name)


def price_hosts(model: str) -> list[str]:
    """The providers that sell a model under this very name, for a model with no first-hand price."""
    name = parse_name(model)
    return [p.id for p in _snapshot().providers if p.find_model(name.raw) or p.find_model(name.base)]


def snapshot_date() -> date:
    """The day the prices were published or fetched; where unknown, the newest day they mention."""
    if _snapshot().from_auto_update:
        return _snapshot().timestamp.date()
    released = read_table("prices.toml")["released"].get(version("genai-prices"))
    return released if released is not None else _newest_day_mentioned()


def update_prices() -> tuple[date, date, int]:
    """Fetch genai-prices' newest table for this session: the days before and after, and the number of prices.

    `$LLMNUMBERS_PRICES_URL` names another place than the project's own repository.

    Raises:
        CatalogError: the table cannot be fetched or read; the prices stay as they were.
    """
    from genai_prices import UpdatePrices
    from genai_prices.data_snapshot import set_custom_snapshot
    from genai_prices.update_prices import DEFAULT_UPDATE_URL

    before, url = snapshot_date(), os.environ.get("LLMNUMBERS_PRICES_URL", DEFAULT_UPDATE_URL)
    try:
        snapshot = UpdatePrices(url=url).fetch()
    except Exception as error:  # httpx2's, json's and pydantic's errors, of several packages
        reason = f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else url}"
        raise CatalogError(
            f"the prices of {url} cannot be fetched ({reason}); those of {before} stay"
        ) from None
    if snapshot is None:
        raise CatalogError(f"{url} has no prices for this version; those of {before} stay")
    set_custom_snapshot(snapshot)
    _find.cache_clear()
    _first_hand_models.cache_clear()
    return before, snapshot_date(), sum(len(provider.models) for provider in snapshot.providers)


def known_priced_models() -> list[str]:
    """Names to offer and to compare a typing error with: first-hand models and the user's own."""
    return [*(str(row["model"]) for row in user_rows("prices") if "model" in row), *_first_hand_models()]


@cache
def _first_hand_models() -> list[str]:
    return [model.id for p in _snapshot().providers if p.id in _first_hand_providers() for model in p.models]


def _first_hand_providers() -> set[str]:
    return set(read_table("prices.toml")["providers"].values())


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
    guess = None
    for provider_id, model in _spellings(name):
        try:
            found = snapshot.find_provider_model(model, None, provider_id, None)
        except LookupError:
            continue
        if provider_id is not None or found[0].id in _first_hand_providers():
            return found
        guess = found  # a host's price, or a mainland one: whoever made the model comes first
    return guess


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


def _with_window(price: Price, name: ModelName) -> Price:
    """The price with what the table of windows adds, which is exact where the snapshot rounds."""
    row = window_row((name.base, price.model))
    if row is None:
        return price
    return replace(
        price,
        context_window_tokens=row["context_window_tokens"],
        max_output_tokens=row.get("max_output_tokens"),
        window_source=source_of(read_table("prices.toml"), row),
    )


def _overlay_price(name: ModelName, row: dict[str, Any], note: str) -> Price:
    where = f"prices.toml: [[prices]] {row['model']!r}"
    price = Price(
        model=row.get("resolves_to", name.base),
        provider=row["provider"],
        input=_own_rate(row, "input_usd_per_mtok", where),
        output=_own_rate(row, "output_usd_per_mtok", where),
        source=source_of(read_table("prices.toml"), row),
        tokenizer=row.get("tokenizer"),
        note=note,
    )
    # Today's windows are not those of a closed row's days.
    return price if "valid_until" in row else _with_window(price, name)


def _packaged_price(
    provider: Provider, info: ModelInfo, on: datetime, context: Mapping[str, str] | None = None
) -> Price:
    prices = info.get_prices(on, context)
    release = "fetched" if _snapshot().from_auto_update else version("genai-prices")
    source = Source(
        f"genai-prices {release}: {provider.id}/{info.id}",
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
    """What a reader must know of a price that changes by date or by hour, or that has no date."""
    from genai_prices.types import StartDateConstraint, TimeOfDateConstraint

    rows = info.prices if isinstance(info.prices, list) else []
    constraints = [row.constraint for row in rows]
    if any(isinstance(each, TimeOfDateConstraint) for each in constraints):
        return f"the price changes by the hour; this is the one at {on:%H:%M} UTC"
    starts = sorted(each.start_date for each in constraints if isinstance(each, StartDateConstraint))
    if starts and on.date() < starts[0] and None not in constraints:
        return f"no price is known before {starts[0]}; this is that day's"
    changes = [start for start in starts if start > on.date()]
    if changes:
        return f"the price changes on {changes[0]}"
    if not starts and on.date() < snapshot_date():
        return f"this price has no date; on {on:%Y-%m-%d} it may have been another"
    return ""


def _user_price(row: dict[str, Any]) -> Price:
    """A row of the user's own table, checked field by field."""
    where = f"{user_file()}: [[prices]] {row['model']!r}"
    checked = row.get("checked")
    if not isinstance(checked, date):
        raise CatalogError(f"{where} needs checked = YYYY-MM-DD, the day the price was looked up")
    return Price(
        model=str(row["model"]),
        provider=str(row.get("provider", "your own table")),
        input=_own_rate(row, "input_usd_per_mtok", where),
        output=_own_rate(row, "output_usd_per_mtok", where),
        cached_input=_own_rate(row, "cached_input_usd_per_mtok", where),
        cache_write=_own_rate(row, "cache_write_usd_per_mtok", where),
        source=Source(str(row.get("source", user_file())), row.get("url"), checked),
        context_window_tokens=row.get("context_window_tokens"),
        tokenizer=row.get("tokenizer"),
    )


def _own_rate(row: dict[str, Any], key: str, where: str) -> Rate | None:
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
