"""genai-prices' table without genai-prices: the rows, which of them a name means, and their prices.

The package itself imports a validator and an HTTP client, half of the time of a first estimate. Its table
is kept as lines of JSON instead (`compact_table.py`), which this module reads; names and rules are those
of `genai_prices.types` and `genai_prices.data_snapshot` 0.2, and a test holds that both find the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import cached_property
from types import SimpleNamespace
from typing import Any, NamedTuple

from ...patterns import pattern
from ...records import dataclass
from ..toml_tables import own_json

Row = tuple["Provider", "ModelInfo"]
# A compact date behind a name, which the table writes with dashes (`_normalize_compact_dated_ref`).
_COMPACT_DATE = pattern(r"-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)")


@dataclass(frozen=True, slots=True)
class StartDateConstraint:
    """From that day on, in UTC."""

    start_date: date

    def active(self, moment: datetime) -> bool:
        return _in_utc(moment).date() >= self.start_date


@dataclass(frozen=True, slots=True)
class TimeOfDayConstraint:
    """Each day between two times, which may lie on both sides of midnight; in UTC where they name no zone."""

    start_time: time
    end_time: time

    def active(self, moment: datetime) -> bool:
        start, now, end = map(_utc_time, (self.start_time, _in_utc(moment).timetz(), self.end_time))
        return start <= now < end if start <= end else now >= start or now < end


Constraint = StartDateConstraint | TimeOfDayConstraint


class Tier(NamedTuple):
    """The price past so many input tokens."""

    start: int
    price: Decimal


class TieredPrices(NamedTuple):
    """A price that rises with the length of the prompt."""

    base: Decimal
    tiers: tuple[Tier, ...]


class ModelPrice(SimpleNamespace):
    """USD by genai-prices' names of units, such as `input_mtok`; what is not billed is not there."""


class ConditionalPrice(NamedTuple):
    """Prices, and when they apply; without a constraint always."""

    constraint: Constraint | None
    prices: ModelPrice


class PriceVariant(NamedTuple):
    """Prices of another kind of processing, which stand in the place of the usual ones."""

    when: Mapping[str, str]
    constraint: Constraint | None
    prices: ModelPrice


class ModelInfo:
    """A row of the table: one model at one provider."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._row = row
        self.id: str = row["id"]
        self.name: str = row.get("name", "")  # as its seller prints it
        self.context_window: int | None = row.get("context_window")
        self.deprecated: bool | None = row.get("deprecated")
        self.is_from_openrouter: bool = row.get("is_from_openrouter", False)

    def is_match(self, name: str) -> bool:
        """Whether a name in small letters means this row."""
        return matches(self._row["match"], name)

    @cached_property
    def prices(self) -> ModelPrice | list[ConditionalPrice]:
        """One price, or those of several days or hours, of which the last that applies counts."""
        prices = self._row["prices"]
        if isinstance(prices, list):
            return [ConditionalPrice(_constraint(each), _model_price(each["prices"])) for each in prices]
        return _model_price(prices)

    @cached_property
    def price_variants(self) -> list[PriceVariant]:
        """The prices of other kinds of processing, the first that fits before the others."""
        return [
            PriceVariant(each["when"], _constraint(each), _model_price(each["prices"]))
            for each in self._row.get("variants", ())
        ]

    def get_prices(self, moment: datetime, context: Mapping[str, str] | None = None) -> ModelPrice:
        """The prices at a moment, for a kind of processing."""
        usual = self._usual_prices(moment)
        if not context:
            return usual
        found: dict[str, Any] = {}
        for variant in self.price_variants:
            if variant.constraint is not None and not variant.constraint.active(moment):
                continue
            if all(context.get(key) == value for key, value in variant.when.items()):
                found = {**vars(variant.prices), **found}
        return ModelPrice(**{**vars(usual), **found})

    def _usual_prices(self, moment: datetime) -> ModelPrice:
        if isinstance(self.prices, ModelPrice):
            return self.prices
        active = (
            each.prices
            for each in reversed(self.prices)
            if each.constraint is None or each.constraint.active(moment)
        )
        return next(active, self.prices[0].prices)


class Provider:
    """Who sells models, and the rows of those; they are read when they are first asked for."""

    def __init__(self, row: Mapping[str, Any], models: str) -> None:
        self._row, self._models = row, models
        self.id: str = row["id"]
        self.name: str = row["name"]
        self.pricing_urls: list[str] = row["pricing_urls"]

    @cached_property
    def models(self) -> tuple[ModelInfo, ...]:
        """Its rows, in the order in which they are looked through."""
        return tuple(map(ModelInfo, own_json(self._models)))

    def makes(self, name: str) -> bool:
        """Whether a name in small letters looks like one of this provider's own."""
        return "model_match" in self._row and matches(self._row["model_match"], name)

    def find_model(self, name: str, *, all_providers: Sequence[Provider] | None = None) -> ModelInfo | None:
        """The row that a name means here, or at those whose models it sells too, if all are given."""
        name = name.lower()
        spellings = dict.fromkeys((name, _COMPACT_DATE.sub(_dashed, name)))
        rows = (row for each in spellings for row in self._rows(each, all_providers))
        return next(rows, None)

    def _rows(self, name: str, all_providers: Sequence[Provider] | None) -> Iterator[ModelInfo]:
        yield from (model for model in self.models if model.is_match(name))
        for provider_id in self._row.get("fallback", ()) if all_providers else ():
            for provider in all_providers or ():
                if provider.id == provider_id:
                    yield from provider._rows(name, None)


@dataclass(frozen=True, eq=False)
class PriceTable:
    """All rows; `fetched` is the day that they were fetched on, None for those of the wheel.

    `days` are the days that its comments mention, the oldest first.
    """

    providers: tuple[Provider, ...]
    days: tuple[date, ...]
    fetched: date | None = None

    def guess(self, name: str) -> Row | None:
        """The provider that a name alone seems to be of, and its row."""
        name = name.lower()
        provider = next((each for each in self.providers if each.makes(name)), None)
        model = provider.find_model(name, all_providers=self.providers) if provider else None
        return (provider, model) if provider and model else None


def matches(clause: Sequence[Any], text: str) -> bool:
    """Whether a text in small letters is as a clause says.

    >>> matches(["or", ["equals", "gpt-4o"], ["starts_with", "gpt-4o-2024"]], "gpt-4o-2024-08-06")
    True
    """
    kind, *rest = clause
    match kind:
        case "equals":
            return bool(text == rest[0])
        case "or":
            return any(matches(each, text) for each in rest)
        case "and":
            return all(matches(each, text) for each in rest)
        case "starts_with":
            return text.startswith(rest[0])
        case "ends_with":
            return text.endswith(rest[0])
        case "contains":
            return rest[0] in text
        case _:
            return bool(re.search(rest[0], text))


def _dashed(found: re.Match[str]) -> str:
    try:
        return f"-{date(*map(int, found.groups())).isoformat()}"
    except ValueError:  # the 31st of a month of 30 days
        return found[0]


def _constraint(row: Mapping[str, Any]) -> Constraint | None:
    if "start_date" in row:
        return StartDateConstraint(date.fromisoformat(row["start_date"]))
    if "start_time" in row:
        return TimeOfDayConstraint(*(time.fromisoformat(row[key]) for key in ("start_time", "end_time")))
    return None


def _model_price(row: Mapping[str, Any]) -> ModelPrice:
    return ModelPrice(**{name: _price(price) for name, price in row.items()})


def _price(price: str | list[Any]) -> Decimal | TieredPrices:
    if isinstance(price, str):
        return Decimal(price)
    base, *tiers = price
    return TieredPrices(Decimal(base), tuple(Tier(start, Decimal(price)) for start, price in tiers))


def _in_utc(moment: datetime) -> datetime:
    """A moment without a zone is one of UTC."""
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _utc_time(of_day: time) -> time:
    if of_day.tzinfo is None:
        return of_day.replace(tzinfo=UTC)
    return datetime.combine(date(1970, 1, 1), of_day).astimezone(UTC).timetz()
