"""One figure as the text of one cell: its value with its range, and how it is known."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from ..figures import Figure, Number
from . import formats

UNKNOWN = "unknown"
UNPRICED = "unpriced"
_CURRENCY = re.compile("[A-Z]{3}")

# How a unit is written. A unit that is not here is written after a plain number.
_FORMATS: dict[str, Callable[[Number], str]] = {
    "USD": formats.usd,
    "USD/Mtok": formats.usd_per_mtok,
    "bytes": formats.size_bytes,
    "bytes/token": formats.size_bytes,
    "tokens": formats.count,
    "tokens/word": formats.decimal_number,
    "tokens/character": formats.decimal_number,
    "calls": formats.count,
    "texts": formats.count,
    "estimates": formats.count,
    "characters": formats.count,
    "words": formats.count,
    "parameters": formats.short_number,
    "params": formats.short_number,
    "FLOP/s": lambda value: f"{formats.short_number(value / 10**12)} TFLOP/s",
    "bytes/s": lambda value: f"{formats.count(value / 10**9)} GB/s",
    "sequences": lambda value: f"{formats.count(value)} {'sequence' if value == 1 else 'sequences'}",
    "s": formats.seconds,
    "tokens/s": lambda value: f"{formats.decimal_number(value)} tokens/s",
    "GPU-h": lambda value: f"{formats.decimal_number(value)} GPU-hours",
    "USD/h": lambda value: f"{formats.usd(value)}/h",
    "%": lambda value: f"{formats.decimal_number(value)} %",
    "": formats.decimal_number,
}


# A figure that is only known within a range is written with as few digits as tell its ends
# apart: more would claim more.
_ROUGH_DIGITS = (2, 3, 4)
_ROUGH_FORMATS: dict[str, Callable[[Number, int], str]] = {
    "USD": lambda value, digits: formats.usd(value, digits),
    "USD/Mtok": lambda value, digits: f"{formats.usd(value, digits)}/Mtok",
    "tokens": lambda value, _digits: formats.rough_count(value),
    "tokens/s": lambda value, _digits: f"{formats.rough_count(value)} tokens/s",
    "GPU-h": lambda value, _digits: f"{_rough_number(value)} GPU-hours",
}


def value_text(figure: Figure) -> str:
    """The value as a reader may trust it: `1,234`, `≈1,830`, `≈1.8k, 1.6–2k`, `unpriced`."""
    if figure.value is None or figure.low is None or figure.high is None:
        return UNPRICED if _lacks_a_price(figure) else UNKNOWN
    write = _write(figure.unit)
    if figure.has_range:
        write = _write_roughly(figure.unit, figure.low, figure.high) or write
    text = write(figure.value)
    if figure.has_range:
        return f"≈{text}, {formats.span(write(figure.low), write(figure.high))}"
    return f"≈{text}" if figure.approximate else text


def _write(unit: str) -> Callable[[Number], str]:
    if unit in _FORMATS:
        return _FORMATS[unit]
    if _CURRENCY.fullmatch(unit):
        return partial(formats.money, code=unit)
    return lambda value: f"{formats.decimal_number(value)} {unit}"


def _write_roughly(unit: str, low: Number, high: Number) -> Callable[[Number], str] | None:
    """How a range of this unit is written; None for the units that are written as they are."""
    if unit not in _ROUGH_FORMATS:
        return None
    for digits in _ROUGH_DIGITS:
        write = partial(_with_digits, _ROUGH_FORMATS[unit], digits)
        if write(low) != write(high):
            break
    return write


def _with_digits(write: Callable[[Number, int], str], digits: int, value: Number) -> str:
    return write(value, digits)


def _rough_number(value: Number) -> str:
    """Two digits of a number of any size."""
    return formats.rough_count(value) if value >= 10 else formats.decimal_number(round(float(value), 2))


def _lacks_a_price(figure: Figure) -> bool:
    """Whether it is a price that is missing, and not a count."""
    return any(each.unit == "USD/Mtok" and each.value is None for _, each in figure.walk()) or (
        figure.unit == "USD" and not figure.inputs
    )


def source_text(figure: Figure) -> str:
    """Where the figure can be checked, with its date; empty where it is the user's or derived."""
    if figure.source is None:
        return ""
    day = f", {figure.source.checked}" if figure.source.checked else ""
    return f"{figure.source.name}{day}"
