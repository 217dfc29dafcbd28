"""The parameters of an amount in another currency, which several questions have."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from ..catalog import limits
from ..errors import ParameterError, UsageError
from ..messages import say
from ..records import dataclass
from .currency import Currency
from .kinds import Day, Kind, as_decimal
from .question import Question, parameter


class CurrencyCode(Kind):
    """A currency's code of three letters."""

    annotation: ClassVar[str] = "str"
    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": "^[A-Z]{3}$"}

    def take(self, name: str, value: Any) -> str:
        if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z]{3}", value):
            raise ParameterError(
                "{option} is not a currency's code; write one such as JPY or EUR", name, value
            )
        return value.upper()


class RateOfDay(Kind):
    """The rate for one dollar, and its day: `150@2026-11-20`."""

    annotation: ClassVar[str] = "str"
    json_schema: ClassVar[Mapping[str, Any]] = {"type": "string", "pattern": r"^\d+(\.\d+)?@\d{4}-\d\d-\d\d$"}

    def take(self, name: str, value: Any) -> tuple[Decimal, date]:
        if isinstance(value, tuple) and len(value) == 2:
            number, at, day = value[0], "@", value[1]
        else:
            number, at, day = value.partition("@") if isinstance(value, str) else ("", "", "")
        rate = as_decimal(number)
        if rate is None or not 0 < rate <= limits.LOCAL_PER_USD:
            raise ParameterError(
                "{option}: give the rate for one dollar and its day, such as 150@2026-11-20", name, value
            )
        if not at:
            raise ParameterError(
                "{option} has no day: a rate is only true of one; write {rate}@YYYY-MM-DD",
                name,
                value,
                rate=number,
            )
        return rate, Day().take(name, day)

    def to_json(self, value: tuple[Decimal, date]) -> str:
        return f"{value[0]:f}@{value[1].isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced(Question):
    """A question whose answer has amounts of dollars, to be shown in another currency too."""

    currency: str | None = parameter(
        CurrencyCode(), say("amounts in another currency too, with {option:rate}"), None, metavar="CODE"
    )
    rate: tuple[Decimal, date] | None = parameter(
        RateOfDay(), say("your rate for one dollar and its day"), None, metavar="RATE@YYYY-MM-DD"
    )

    def check(self) -> None:
        self.money  # noqa: B018 (it refuses a currency without a rate)

    @property
    def money(self) -> Currency | None:
        """The other currency, if one is asked for; dollars need no rate.

        Raises:
            UsageError: one of the two parameters without the other.
        """
        if self.currency in (None, "USD"):
            if self.rate is not None and self.currency is None:
                raise UsageError("{option:rate} needs {option:currency}, such as {option:currency=JPY}")
            return None
        if self.rate is None:
            raise ParameterError(
                "{option} needs your rate and its day: {option:rate=150@2026-11-20}",
                "currency",
                self.currency,
            )
        return Currency(str(self.currency), *self.rate)
