"""One figure as the text of one cell: its value with its range, and how it is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from ..estimates.cost.details import CostDetails
from ..figures import Figure, Number, Source
from ..messages import said, say, tell
from ..patterns import pattern
from . import formats

# A colon, or the wide one that stands between Han characters.
_COLON = pattern(r":\s|：")
# An amount in another currency: `JPY`, `JPY/h`, `JPY/Mtok`.
_CURRENCY = pattern("(?P<code>[A-Z]{3})(?P<per>/h|/Mtok)?")

# What a layout puts in the place of a unit, to have a figure written in another way.
IN_BOTH, AS_SOLD, AS_PRINTED, IN_SHORT = "bytes in both", "bytes as sold", "bytes as printed", "USD in short"

# How the number of a unit is written, with its symbol where it has one. A unit that is not here
# is written after a plain number.
_FORMATS: dict[str, Callable[[Number], str]] = {
    "USD": formats.usd,
    "USD/Mtok": formats.usd_rate,
    "USD/h": formats.usd,
    "bytes": formats.size_bytes,
    "bytes/token": formats.size_bytes,
    # How some layouts have a size written.
    IN_BOTH: formats.size_in_both,
    AS_SOLD: formats.size_as_sold,
    AS_PRINTED: formats.size_decimal,
    IN_SHORT: formats.usd_short,
    "tokens": formats.count,
    "tokens/word": formats.decimal_number,
    "tokens/character": formats.decimal_number,
    "calls": formats.calls,
    "texts": formats.count,
    "estimates": formats.count,
    "buckets": formats.count,
    "characters": formats.count,
    "words": formats.count,
    "sequences": formats.count,
    "parameters": formats.short_number,
    "FLOP/s": lambda value: f"{formats.short_number(value / 10**12)} TFLOP/s",
    "bytes/s": lambda value: f"{formats.count(value / 10**9)} GB/s",
    "s": formats.seconds,
    "ms": lambda value: f"{formats.decimal_number(value)} ms",
    "W": lambda value: f"{formats.decimal_number(value)} W",
    "Wh": lambda value: f"{formats.decimal_number(value)} Wh",
    "vectors": formats.count,
    "%": lambda value: tell("{number} %", number=formats.decimal_number(value)),
    "×": lambda value: tell("{number} ×", number=formats.decimal_number(value)),
    "": formats.decimal_number,
}

# A figure that is only known within a range is written with as few digits as tell its ends
# apart: more would claim more.
_ROUGH_DIGITS = (2, 3, 4)
_ROUGH_FORMATS: dict[str, Callable[[Number, int], str]] = {
    "USD": formats.usd,
    "USD/Mtok": formats.usd,
    "tokens": formats.rough_count,
    "words": formats.rough_count,
    "tokens/s": formats.rough_rate,
    "%": lambda value, digits: tell("{number} %", number=formats.decimal_number(value, digits)),
    "GPU-h": lambda value, _digits: _rough_number(value),
}

# The units that are written in words.
_IN_WORDS = {
    "USD/Mtok": say("{number}/Mtok"),
    "USD/h": say("{number}/h"),
    "tokens/s": say("{number} tokens/s"),
    "queries/s": say("{number} queries/s"),
    "words/min": say("{number} words/min"),
    "vectors": say("{number} vectors"),
    "words/token": say("{number} words/token"),
    "sequences": say("{number} sequences"),
    "messages": say("{number} messages"),
    "names": say("{number} names"),
    "pixels": say("{number} pixels"),
    "patches": say("{number} patches"),
    "pages": say("{number} pages"),
    "turns": say("{number} turns"),
    "tools": say("{number} tools"),
    "files": say("{number} files"),
    "frames": say("{number} frames"),
    "queries": say("{number} queries"),
    "points": say("{number} points"),
    "days": say("{number} days"),
    "× per year": say("{number} × per year"),
    "layers": say("{number} layers"),
    "heads": say("{number} heads"),
    "experts": say("{number} experts"),
    "elements": say("{number} elements"),
    "rows": say("{number} rows"),
    "documents": say("{number} documents"),
    "moments": say("{number} moments"),
    "bits": say("{number} bits"),
    "bits/parameter": say("{number} bits/parameter"),
    "bytes/parameter": say("{number} bytes"),  # its name says of what
    "GPUs": say("{number} GPUs"),
    "GPU-h": say("{number} GPU-hours"),
}
_IN_WORDS_OF_ONE = {
    "tokens/s": say("{number} token/s"),
    "queries/s": say("{number} query/s"),
    "words/min": say("{number} word/min"),
    "vectors": say("{number} vector"),
    "words/token": say("{number} word/token"),
    "sequences": say("{number} sequence"),
    "messages": say("{number} message"),
    "names": say("{number} name"),
    "pixels": say("{number} pixel"),
    "patches": say("{number} patch"),
    "pages": say("{number} page"),
    "turns": say("{number} turn"),
    "tools": say("{number} tool"),
    "files": say("{number} file"),
    "frames": say("{number} frame"),
    "queries": say("{number} query"),
    "points": say("{number} point"),
    "days": say("{number} day"),
    "layers": say("{number} layer"),
    "heads": say("{number} head"),
    "experts": say("{number} expert"),
    "elements": say("{number} element"),
    "rows": say("{number} row"),
    "documents": say("{number} document"),
    "moments": say("{number} moment"),
    "bits": say("{number} bit"),
    "bits/parameter": say("{number} bit/parameter"),
    "bytes/parameter": say("{number} byte"),
    "GPUs": say("{number} GPU"),
    "GPU-h": say("{number} GPU-hour"),
}


def value_text(figure: Figure) -> str:
    """The value as a reader may trust it: `1,234`, `≈1,830`, `≈1.8k, 1.6–2k`, `at least 1,234`, `unpriced`.

    >>> from ..figures import assumed
    >>> value_text(assumed("tokens_per_s", 1830, "tokens/s", "example", low=1600, high=2000))
    '≈1.8k tokens/s, 1.6–2k tokens/s'
    >>> value_text(assumed("documents", 1, "documents", "example"))
    '1 document'
    """
    return _text(figure, _pattern)


def range_or_point_text(figure: Figure) -> str:
    """The range alone, else the value.

    >>> from ..figures import assumed
    >>> range_or_point_text(assumed("tokens_per_s", 1830, "tokens/s", "example", low=1600, high=2000))
    '1.6–2k tokens/s'
    """
    return range_text(figure) or point_text(figure)


def known_value(figure: Figure) -> Number | None:
    """The value; of what is "at least" something, the part that is known."""
    return figure.low if figure.is_at_least else figure.value


def amounts_column(figures: Sequence[Figure]) -> list[str]:
    """Dollars on one scale, each with `≥` or `≈` before it where it is no exact amount.

    >>> from decimal import Decimal
    >>> from ..figures import UNBOUNDED, assumed
    >>> least = assumed("usd", Decimal("0.5"), "USD", "example", low=Decimal("0.5"), high=UNBOUNDED)
    >>> amounts_column([least, assumed("usd", Decimal("12.25"), "USD", "example")])
    ['≥ 0.500', '12.250']
    """
    bounds = [index for index, each in enumerate(figures) if each.is_at_least]
    amounts = formats.usd_column(list(map(known_value, figures)), down=bounds)
    return [_with_doubt(figure, amount) for figure, amount in zip(figures, amounts, strict=True)]


def _with_doubt(figure: Figure, amount: str) -> str:
    if figure.value is None:
        return value_text(figure)
    return f"≥ {amount}" if figure.is_at_least else f"≈ {amount}" if figure.approximate else amount


def amount_text(usd: Figure, local: Figure | None) -> str:
    """Dollars, and behind them the same in the currency that was asked for."""
    return with_aside(point_text(usd), point_text(local) if local else "")


def with_aside(text: str, aside: str) -> str:
    """What is said beside it in brackets, if anything.

    >>> with_aside("$2.50", "¥375"), with_aside("$2.50", "")
    ('$2.50 (¥375)', '$2.50')
    """
    return tell("{text} ({aside})", text=text, aside=aside) if aside else text


def devices_text(device: str, count: Number | None) -> str:
    """A GPU, and how many of them where there are several.

    >>> devices_text("T4", 1), devices_text("T4", 4)
    ('T4', '4 × T4')
    """
    return f"{count} × {device}" if count and count > 1 else device


def range_or_number_text(figure: Figure) -> str:
    """The range alone, else the value, less the words of its unit, for a narrow column.

    >>> from ..figures import assumed
    >>> range_or_number_text(assumed("tokens_per_s", 1830, "tokens/s", "example", low=1600, high=2000))
    '1.6–2k'
    """
    value, ends = _point_and_range(figure, lambda _unit, _value: "{number}")
    return ends or value


def needs_text(needed: Figure, free: Figure) -> str:
    """How much of what is free is needed: its range where it has one. Without a GPU nothing is free.

    >>> from ..figures import assumed
    >>> gib = 2**30
    >>> total = assumed("total_bytes", 20 * gib, "bytes", "example", low=19 * gib, high=21 * gib)
    >>> needs_text(total, assumed("free_bytes", 24 * gib, "bytes", "example"))
    'needs 19.0–21.0 GiB of 24.0 GiB'
    """
    total, room = range_or_point_text(needed), point_text(free)
    if free.value is None:
        return tell("needs {total}", total=total)
    return tell("needs {total} of {free}", total=total, free=room)


def tokens_text(figure: Figure) -> str:
    """A count of tokens with its unit."""
    return in_tokens(value_text(figure), is_one=figure.value == 1)


def in_tokens(number: str, *, is_one: bool) -> str:
    """A number with that unit, in the singular or the plural."""
    return tell("{tokens} token", tokens=number) if is_one else tell("{tokens} tokens", tokens=number)


def point_text(figure: Figure) -> str:
    """The value alone, where its range stands elsewhere.

    >>> from ..figures import assumed
    >>> point_text(assumed("tokens_per_s", 1830, "tokens/s", "example", low=1600, high=2000))
    '≈1.8k tokens/s'
    """
    return _point_and_range(figure, _pattern)[0]


def range_text(figure: Figure) -> str:
    """The range alone; empty where there is none, or where it would say nothing.

    >>> from ..figures import assumed
    >>> range_text(assumed("tokens_per_s", 1830, "tokens/s", "example", low=1600, high=2000))
    '1.6–2k tokens/s'
    """
    return _point_and_range(figure, _pattern)[1]


def _text(figure: Figure, pattern: Callable[[str, Number], str]) -> str:
    point, ends = _point_and_range(figure, pattern)
    return tell("{value}, {range}", value=point, range=ends) if ends else point


def _point_and_range(figure: Figure, pattern: Callable[[str, Number], str]) -> tuple[str, str]:
    """The value, and its range; `pattern` is what a number of a unit stands in."""
    value, low, high = figure.value, figure.low, figure.high
    if value is None or low is None or high is None:
        return (tell("unpriced") if _lacks_a_price(figure) else tell("unknown")), ""
    write = _write(figure.unit)
    if figure.is_at_least and not low:
        return tell("unknown"), ""
    if figure.is_at_least:
        return tell("at least {number}", number=pattern(figure.unit, low).format(number=write(low))), ""
    if not figure.has_range:
        text = pattern(figure.unit, value).format(number=write(value))
        return (_about(text) if figure.approximate else text), ""
    write = _write_roughly(figure.unit, low, high) or write
    text = pattern(figure.unit, value).format(number=write(value))
    if write(low) == write(high):
        return _about(text), ""
    # Both ends in the plural: "1–2 sequences".
    ends = _span(write(low), write(high), pattern(figure.unit, high))
    return _about(text), ends


def _about(text: str) -> str:
    return tell("≈{value}", value=text)


def _span(low: str, high: str, pattern: str) -> str:
    """Both ends of a range, with their unit once where it is the same."""
    if formats.end_alike(low, high):
        return pattern.format(number=formats.span(low, high))
    return formats.span(pattern.format(number=low), pattern.format(number=high))


def _pattern(unit: str, value: Number) -> str:
    """What a number of this unit stands in, in the language that is spoken."""
    if value == 1 and unit in _IN_WORDS_OF_ONE:
        return said(_IN_WORDS_OF_ONE[unit])
    money = _CURRENCY.fullmatch(unit)
    if money:
        unit = f"USD{money['per'] or ''}"
    if unit in _IN_WORDS:
        return said(_IN_WORDS[unit])
    return "{number}" if unit in _FORMATS else f"{{number}} {unit}"


def _write(unit: str) -> Callable[[Number], str]:
    money = _CURRENCY.fullmatch(unit)
    if money and unit not in _FORMATS:
        return partial(formats.money, code=money["code"])
    return _FORMATS.get(unit, formats.decimal_number)


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


def beginning(text: str) -> str:
    """What a message says before its first colon: how a count was made without why.

    >>> beginning("o200k_base, assumed: no vocabulary is published for this model")
    'o200k_base, assumed'
    """
    return _COLON.split(said(text), maxsplit=1)[0]


def source_text(figure: Figure) -> str:
    """Where the figure can be checked, with its date; empty where it is the user's or derived."""
    return "" if figure.source is None else _dated(figure.source)


def _dated(source: Source) -> str:
    text = said(source.name) if source.checked is None else f"{said(source.name)}, {source.checked}"
    return f"{text}; {_dated(source.basis)}" if source.basis else text


def price_tables(costs: Iterable[CostDetails]) -> list[str]:
    """Every table that a price came from, with its day, once."""
    return sorted({f"{said(each.price_table)}, {each.price_date}" for each in costs if each.price_table})
