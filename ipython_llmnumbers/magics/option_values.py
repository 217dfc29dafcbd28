"""What stands behind an option, read into a value: counts, percentages, ranges, dates, rates, dollars.

Each takes the option's flag and the word behind it, so that its error can name both.
"""

from __future__ import annotations

import math
import re
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..messages import shorten
from .options import either

if TYPE_CHECKING:
    from ..estimates.cost.question import Share
    from ..estimates.currency import Currency

_SCALES = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "b": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
_MOST_USD = Decimal(10) ** 12
_MOST_USD_PER_HOUR = 10**6
_MOST_RATE = Decimal(10) ** 9


def whole_number(flag: str, word: str) -> int:
    """A count as people write it: `1000`, `1,000`, `1_000`, `8k`, `1.5M`, `32Ki`.

    >>> whole_number("--calls", "8k"), whole_number("--context", "32Ki")
    (8000, 32768)
    >>> whole_number("--tokens", "1.4T")
    1400000000000
    """
    match = re.fullmatch(r"([+-]?\d[\d_,]*(?:\.\d+)?)(ki|mi|[kmbt])?", word, re.IGNORECASE | re.ASCII)
    if match and len(word) < 40:
        number = Decimal(match[1].replace(",", "").replace("_", "")) * _SCALES[(match[2] or "").lower()]
        if number == int(number):
            return int(number)
    raise UsageError(
        "{flag} {word} is not a whole number; write one such as 1000 or 8k", flag=flag, word=shorten(word)
    )


def fraction(flag: str, word: str) -> float:
    """A part of a whole: `0.9` or `90%`.

    >>> fraction("--utilization", "0.9"), fraction("--utilization", "90%")
    (0.9, 0.9)
    """
    match = re.fullmatch(r"(\d{1,3}(?:\.\d{1,9})?|\.\d{1,9})(%?)", word, re.ASCII)
    if match is None:
        raise UsageError(
            "{flag} {word} is not a share; write one such as 0.9 or 90%", flag=flag, word=shorten(word)
        )
    return float(match[1]) / (100 if match[2] else 1)


def plain_number(flag: str, word: str) -> float:
    """A number as people write it: `1200`, `70e9`, `0.375`, `13B`, `8Ki`, `$5`, `40%`, `24GB`, `0.8MiB`.

    >>> plain_number("--set", "70e9"), plain_number("--set", "13B"), plain_number("--set", "0.5MiB")
    (70000000000.0, 13000000000.0, 524288.0)
    """
    match = re.fullmatch(
        r"[$~<>\u2248]*(?P<number>\d[\d_,]*\.?\d*(?:e[+-]?\d{1,3})?|\.\d+)\s*(?P<scale>ki|mi|gi|ti|[kmgbt])?(?:[b%x\u00d7]|:1)?",
        word.strip(),
        re.IGNORECASE | re.ASCII,
    )
    if match and len(word) < 60:
        scale = _SCALES[(match["scale"] or "").lower()]
        number = float(match["number"].replace(",", "").replace("_", "")) * scale
        if math.isfinite(number):
            return number
    raise UsageError(
        "{flag} {word} is not a number; write one such as 1200, 70e9 or 13B", flag=flag, word=shorten(word)
    )


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
            "{flag} {word}: the first number is the least, so {least}..{most}",
            flag=flag,
            word=shorten(word),
            least=most,
            most=least,
        )
    return least, most


def portion(flag: str, word: str) -> Share:
    """`800` tokens of each call, or `80%` of its input."""
    from ..estimates.cost.question import Share

    if not word.endswith("%"):
        return Share(_parameter(flag), tokens=whole_number(flag, word))
    percent = _decimal(word.removesuffix("%"))
    if percent is None or not 0 <= percent <= 100:
        raise UsageError(
            "{flag} {word}: give tokens such as 800, or a percentage such as 80%",
            flag=flag,
            word=shorten(word),
        )
    return Share(_parameter(flag), percent=percent)


def _parameter(flag: str) -> str:
    return flag.lstrip("-").replace("-", "_")


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

    >>> dollars("--budget", "$2,500.50")
    Decimal('2500.50')
    """
    amount = _amount(word)
    if amount is None or not 0 <= amount <= _MOST_USD:
        raise UsageError(
            "{flag} {word} is not an amount of dollars; write one such as 2.50", flag=flag, word=shorten(word)
        )
    return amount


def price(flag: str, word: str) -> Decimal:
    """Dollars for an hour, above 0: `5`, `2.745`, `$5`.

    >>> price("--usd-per-hour", "$2.745")
    Decimal('2.745')
    """
    amount = _amount(word)
    if amount is None or not 0 < amount < _MOST_USD_PER_HOUR:
        raise UsageError(
            "{flag} {word} is not a price; write one such as 2.75", flag=flag, word=shorten(word, 40)
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


def _amount(word: str) -> Decimal | None:
    """An amount as people write it: `5`, `$2.50`, `1,000`; None for anything else."""
    return _decimal(word.removeprefix("$").replace(",", ""))


def _decimal(word: str) -> Decimal | None:
    """A plain decimal number; None for anything else, exponents and the names of infinity included."""
    if not re.fullmatch(r"\d{1,20}(\.\d{1,20})?|\.\d{1,20}", word.strip(), re.ASCII):
        return None
    try:
        return Decimal(word.strip())
    except InvalidOperation:
        return None
