"""Numbers as programs for tables write them: with a point or a comma for the fraction."""

from __future__ import annotations

import re
from collections.abc import Collection
from decimal import Decimal
from typing import Literal

Mark = Literal[".", ","]
"""What parts the fraction of a number; the other one may part its thousands."""

# What parts thousands in any language beside the mark that is not the fraction's: Swiss, French and Swedish.
_PARTS = "'\u2019 \u00a0\u202f"


def _pattern(mark: Mark, other: Mark) -> re.Pattern[str]:
    whole = rf"\d{{1,3}}(?:[{other}{_PARTS}]\d{{3}})+|\d+"
    return re.compile(rf"[-+]?(?=[{mark}]?\d)(?:{whole})?(?:[{mark}]\d*)?(?:[eE][-+]?\d{{1,3}})?", re.ASCII)


_NUMBERS: dict[Mark, re.Pattern[str]] = {".": _pattern(".", ","), ",": _pattern(",", ".")}


def read_amount(text: str, mark: Mark) -> Decimal:
    """A number with that mark before its fraction; a dollar sign may stand at either end.

    Raises:
        ValueError: it is none: a comma or a point parts thousands only before three digits.

    >>> read_amount("$1,234.50", "."), read_amount("1.234,50", ","), read_amount("0,19 $", ",")
    (Decimal('1234.50'), Decimal('1234.50'), Decimal('0.19'))
    >>> read_amount("0,19", ".")
    Traceback (most recent call last):
    ValueError: 0,19
    """
    number = _bare(text)
    if not _NUMBERS[mark].fullmatch(number):
        raise ValueError(text)
    whole, _, fraction = number.rpartition(mark) if mark in number else (number, "", "")
    digits = re.sub(rf"[.,{_PARTS}]", "", whole)
    return Decimal(f"{digits}.{fraction}" if fraction else digits)


def mark_of(texts: Collection[str], *, by_default: Mark) -> Mark:
    """The mark of numbers that one program wrote: the only one under which each of them is a number.

    >>> mark_of(["1,234", "0,19"], by_default="."), mark_of(["1,234"], by_default=".")
    (',', '.')
    """
    bare = [number for text in texts if "." in (number := _bare(text)) or "," in number]
    fits = [mark for mark, pattern in _NUMBERS.items() if all(map(pattern.fullmatch, bare))]
    return fits[0] if len(fits) == 1 else by_default


def _bare(text: str) -> str:
    """A number without its dollar sign."""
    bare = text.strip()
    sign = bare[:1] if bare[:1] in ("-", "+") else ""
    return sign + bare[len(sign) :].strip("$ ")
