"""Dollars in another currency, at the user's own rate: none is ever looked up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import TypeVar

from ..figures import Estimate, Figure, derive, given, local_name
from ..formulas import cost
from ..messages import say
from ..records import dataclass

_E = TypeVar("_E", bound=Estimate)


@dataclass(frozen=True, slots=True)
class Currency:
    """Another currency, at the user's own rate for one dollar and the rate's day."""

    code: str
    rate: Decimal
    day: date

    def figure(self, name: str, usd: Figure) -> Figure:
        """An amount of dollars in this currency: `JPY` for `USD`, `JPY/h` for `USD/h`."""
        note = say("{rate} {code} per USD, your rate of {day}", rate=self.rate, code=self.code, day=self.day)
        rate = given("rate", self.rate, f"{self.code}/USD", note)
        unit = usd.unit.replace("USD", self.code)
        return derive(name, unit, cost.converted, usd=usd, rate=rate, note=note)


def with_currency(estimate: _E, currency: Currency | None) -> _E:
    """The estimate with each dollar figure in the currency too, right behind it; its parts likewise.

    >>> from .speed.question import Speed
    >>> yen = Currency("JPY", Decimal(150), date(2026, 11, 24))
    >>> one = with_currency(Speed(model="llama-3.1-8b", gpu="H100").answer(), yen)
    >>> int(one["local_per_hour"].value / one["usd_per_hour"].value), one["local_per_hour"].unit
    (150, 'JPY/h')
    """
    if currency is None:
        return estimate
    return replace(
        estimate,
        figures=tuple(_both(estimate.figures, currency)),
        parts=tuple(with_currency(part, currency) for part in estimate.parts),
    )


def _both(figures: tuple[Figure, ...], currency: Currency) -> Iterator[Figure]:
    """Each figure, and behind one of dollars the same in the currency (`total_usd`, `total_local`)."""
    for figure in figures:
        yield figure
        if figure.unit.startswith("USD"):
            yield currency.figure(local_name(figure.name), figure)
