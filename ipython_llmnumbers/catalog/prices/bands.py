"""Prices that go by the hour and the weekday: the rows `[[bands]]` of `own_prices.toml`.

genai-prices has bands of the day without weekdays, so its weekend is too dear; the rows here take the
snapshot's price of a quiet hour, and say when it is multiplied.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from ...messages import say
from ...patterns import matches
from ...records import dataclass
from ..toml_tables import read_table
from .price import Price


@dataclass(frozen=True, slots=True)
class Band:
    """The hours of a day, in UTC, at which a host asks `times` its usual price."""

    times: Decimal
    hours: tuple[tuple[int, int], ...]
    weekdays: tuple[int, ...]
    note: str

    def has_peak_on(self, day: date) -> bool:
        """Whether any hour of that day is a peak hour."""
        return day.isoweekday() in self.weekdays

    def is_peak(self, moment: datetime) -> bool:
        """Whether the moment, in UTC, is in a peak hour."""
        return self.has_peak_on(moment) and any(start <= moment.hour < end for start, end in self.hours)

    def quiet_hour(self, moment: datetime) -> datetime:
        """An hour of the same day that is never a peak hour."""
        quiet = next(hour for hour in range(12, 24) if not any(s <= hour < e for s, e in self.hours))
        return moment.replace(hour=quiet)


def band_of(host: str, names: tuple[str, ...], day: date) -> Band | None:
    """The band of a host's model on a day; None where no row is about the model.

    Before its first row the model had one price: the band then has no peak, and no note.
    """
    rows = [
        row
        for row in read_table("prices/own_prices.toml")["bands"]
        if row["host"] == host and _is_about(row, names)
    ]
    for row in rows:
        if row["valid_from"] <= day < row.get("valid_until", date.max):
            return Band(Decimal(row["peak_times"]), _hours(row), tuple(row["weekdays"]), row["note"])
    return Band(Decimal(1), _hours(rows[0]), (), "") if rows else None


def at_hour(price: Price, band: Band, when: date) -> Price:
    """The price of a quiet hour as it is at a moment, or through a day whose hour is not known."""
    if not band.note or price.input is None:
        return price
    if isinstance(when, datetime):
        if band.is_peak(when):
            price = price.with_rates(lambda rate: rate.times(band.times))
            return replace(price, note=say("the price of a peak hour: {band}", band=band.note))
        return replace(price, note=say("the price of this hour: {band}", band=band.note))
    if not band.has_peak_on(when):
        return replace(price, note=say("the price of this day: {band}", band=band.note))
    price = price.with_rates(lambda rate: replace(rate, peak_times=band.times))
    return replace(price, note=say("a range, for the hour of the call is not known: {band}", band=band.note))


def _hours(row: Mapping[str, Any]) -> tuple[tuple[int, int], ...]:
    return tuple((start, end) for start, end in row["peak_hours_utc"])


def _is_about(row: Mapping[str, Any], names: tuple[str, ...]) -> bool:
    return any(matches(name.casefold(), row["match"]) for name in names)
