"""What stands behind an option, read into a value: counts, percentages, ranges, dates, rates, dollars.

Each takes the option's flag and the word behind it, so that its error can name both.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..errors import UsageError, shorten
from .options import either, whole_number

if TYPE_CHECKING:
    from ..estimates.cost_request import Share
    from ..estimates.currency import Currency

_MOST_USD = Decimal(10) ** 12
_MOST_RATE = Decimal(10) ** 9


def token_range(flag: str, word: str) -> tuple[int, int | None]:
    """`300` or `200..400`.

    >>> token_range("--out", "300"), token_range("--out", "200..1k")
    ((300, None), (200, 1000))
    """
    low, dots, high = word.partition("..")
    if not dots:
        return whole_number(flag, word), None
    least, most = whole_number(flag, low), whole_number(flag, high)
    if least > most:
        raise UsageError(
            "{flag} {word}: the first number is the least, so {range}",
            flag=flag,
            word=shorten(word),
            range=f"{most}..{least}",
        )
    return least, most


def share(flag: str, word: str) -> Share:
    """`800` tokens of each call, or `80%` of its input."""
    from ..estimates.cost_request import Share

    if not word.endswith("%"):
        return Share(flag, tokens=whole_number(flag, word))
    percent = _decimal(word.removesuffix("%"))
    if percent is None or not 0 <= percent <= 100:
        raise UsageError(
            "{flag} {word}: give tokens such as 800, or a percentage such as 80%",
            flag=flag,
            word=shorten(word),
        )
    return Share(flag, percent=percent)


def day(flag: str, word: str) -> date:
    """A day as `2026-11-20`.

    >>> day("--on", "2026-11-20")
    datetime.date(2026, 11, 20)
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", word, re.ASCII):
            return date.fromisoformat(word)
    except ValueError:
        pass
    raise UsageError("{flag} {word} is not a day; write it as YYYY-MM-DD", flag=flag, word=shorten(word))


def dollars(flag: str, word: str) -> Decimal:
    """An amount of dollars, with or without `$`.

    >>> dollars("--budget", "$2.50")
    Decimal('2.50')
    """
    amount = _decimal(word.removeprefix("$").replace(",", ""))
    if amount is None or not 0 <= amount <= _MOST_USD:
        raise UsageError(
            "{flag} {word} is not an amount of dollars; write one such as 2.50", flag=flag, word=shorten(word)
        )
    return amount


def rate_of_day(flag: str, word: str) -> tuple[Decimal, date]:
    """A rate for one dollar and its day: `150@2026-11-20`.

    >>> rate_of_day("--rate", "150@2026-11-20")
    (Decimal('150'), datetime.date(2026, 11, 20))
    """
    number, at, when = word.partition("@")
    rate = _decimal(number)
    if rate is None or not 0 < rate <= _MOST_RATE:
        raise UsageError(
            "{flag} {word}: give the rate for one dollar and its day, such as 150@2026-11-20",
            flag=flag,
            word=shorten(word),
        )
    if not at:
        raise UsageError(
            "{flag} {word} has no day: a rate is only true of one; write {rate}@YYYY-MM-DD",
            flag=flag,
            word=shorten(word),
            rate=number,
        )
    return rate, day(flag, when)


def currency_code(flag: str, word: str) -> str:
    """A currency's code of three letters.

    >>> currency_code("--currency", "jpy")
    'JPY'
    """
    if not re.fullmatch(r"[A-Za-z]{3}", word):
        raise UsageError(
            "{flag} {word} is not a currency's code; write one such as JPY or EUR",
            flag=flag,
            word=shorten(word),
        )
    return word.upper()


def currency(code: str | None, rate: tuple[Decimal, date] | None) -> Currency | None:
    """The two options together; neither means anything alone, and USD needs no rate."""
    from ..estimates.currency import Currency

    if code in (None, "USD"):
        if rate is not None and code is None:
            raise UsageError("--rate needs --currency, such as --currency JPY")
        return None
    if rate is None:
        raise UsageError(
            "--currency {currency} needs your rate and its day: --rate 150@2026-11-20", currency=code
        )
    return Currency(str(code), *rate)


def one_of(*known: str) -> Any:
    """A converter that takes one of a few words."""

    def convert(flag: str, word: str) -> str:
        if word.lower() not in known:
            raise UsageError(
                "{flag} {word}: give {words}", flag=flag, word=shorten(word), words=either(*known)
            )
        return word.lower()

    return convert


def _decimal(word: str) -> Decimal | None:
    """A plain decimal number; None for anything else, exponents and the names of infinity included."""
    if not re.fullmatch(r"\d{1,20}(\.\d{1,20})?|\.\d{1,20}", word.strip(), re.ASCII):
        return None
    try:
        return Decimal(word.strip())
    except InvalidOperation:
        return None
