"""One figure as the text of one cell: its value with its range, and how it is known."""

from __future__ import annotations

from collections.abc import Callable

from ..figures import Figure, Number
from . import formats

UNKNOWN = "unknown"

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
    "characters": formats.count,
    "words": formats.count,
    "parameters": formats.short_number,
    "params": formats.short_number,
    "FLOP/s": lambda value: f"{formats.short_number(value / 10**12)} TFLOP/s",
    "bytes/s": lambda value: f"{formats.count(value / 10**9)} GB/s",
    "USD/h": lambda value: f"{formats.usd(value)}/h",
    "sequences": lambda value: f"{formats.count(value)} {'sequence' if value == 1 else 'sequences'}",
    "%": lambda value: f"{formats.decimal_number(value)} %",
    "": formats.decimal_number,
}


# A figure that is only known within a range is not written out to its last digit.
_ROUGH_FORMATS: dict[str, Callable[[Number], str]] = {
    "USD": lambda value: formats.usd(value, digits=2),
    "tokens": formats.rough_count,
}


def value_text(figure: Figure) -> str:
    """The value as a reader may trust it: `1,234`, `≈1,830`, `≈1.8k, 1.6–2k`, `unpriced`."""
    if figure.value is None or figure.low is None or figure.high is None:
        return "unpriced" if "USD" in figure.unit else UNKNOWN
    write = _ROUGH_FORMATS.get(figure.unit) if figure.has_range else None
    write = write or _FORMATS.get(figure.unit) or _with_unit(figure.unit)
    text = write(figure.value)
    if figure.has_range:
        return f"≈{text}, {formats.span(write(figure.low), write(figure.high))}"
    return f"≈{text}" if figure.approximate else text


def _with_unit(unit: str) -> Callable[[Number], str]:
    return lambda value: f"{formats.decimal_number(value)} {unit}"


def source_text(figure: Figure) -> str:
    """Where the figure can be checked, with its date; empty where it is the user's or derived."""
    if figure.source is None:
        return ""
    day = f", {figure.source.checked}" if figure.source.checked else ""
    return f"{figure.source.name}{day}"
