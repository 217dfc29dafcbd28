"""Numbers as people read them. Each function is pure; nothing here knows of figures."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from ..figures import Number
from ..messages import spoken, tell
from ..patterns import pattern

_UNIT = pattern(r"[^\d.,]*$")
# What stands before an amount: a currency's symbol, or its code and a space.
_SIGN = pattern(r"(?:CN)?[$¥€£₩₹]|[A-Z]{3} ")
_SYMBOLS = {"JPY": "¥", "EUR": "€", "GBP": "£", "KRW": "₩", "INR": "₹", "CNY": "CN¥"}
# Currencies whose smallest coin is the unit itself (ISO 4217, exponent 0).
_WITHOUT_CENTS = {"JPY", "KRW", "VND", "CLP", "ISK"}
# Of a dollar: a token of the cheapest model.
_MOST_PLACES = 8
_GIB = 2**30
_MIB = 2**20
# Below so many a second, whole numbers are too coarse: 5 may be 4.5 or 5.5.
_SLOW = 20


def count(value: Number) -> str:
    """A whole number with thousands separated.

    >>> count(1234), count(0)
    ('1,234', '0')
    """
    return f"{int(value):,}"


def calls(value: Number) -> str:
    """A whole number that may be of any size: in Japanese by myriads, as its readers count.

    >>> from ..messages import speaking
    >>> with speaking("ja"):
    ...     calls(100_000_000), calls(106_750_000), calls(12_345), calls(1000)
    ('1億', '1億675万', '1万2,345', '1,000')
    >>> calls(100_000_000)
    '100,000,000'
    """
    if spoken() != "ja" or value < 10_000:
        return count(value)
    rest, text = int(value), ""
    for size, name in ((10**12, "兆"), (10**8, "億"), (10**4, "万")):
        n, rest = divmod(rest, size)
        text += f"{n:,}{name}" if n else ""
    return f"{text}{rest:,}" if rest else text


def rough_count(value: Number, digits: int = 2) -> str:
    """A count that is known to two digits or so.

    >>> [rough_count(n) for n in (7, 87, 1834, 18_340, 1_834_000)], rough_count(1834, digits=3)
    (['7', '87', '1.8k', '18k', '1.8M'], '1.83k')
    >>> rough_count(3018, digits=4)
    '3,018'
    """
    if value < 10**digits:
        return count(round(value))
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if value >= size:
            return f"{_significant(Decimal(str(value)) / size, digits)}{unit}"
    return count(round(value))


def rough_rate(value: Number, digits: int = 2) -> str:
    """A rate as a count; of a slow one a decimal, which is a tenth of it or less.

    >>> [rough_rate(n) for n in (0.04, 0.42, 5.16, 19.96, 20.4, 1834)]
    ['0.04', '0.4', '5.2', '20.0', '20', '1.8k']
    """
    if value >= _SLOW:
        return rough_count(value, digits)
    return f"{value:.2f}" if value < Decimal("0.1") else f"{value:.1f}"


def usd(value: Number, digits: int = 4) -> str:
    """Dollars: whole from ten thousand up, cents from one dollar up, and `digits` significant digits below.

    >>> [usd(Decimal(v)) for v in ("0", "1234.5", "6.085", "0.0525", "0.5", "0.003085", "0.00000025")]
    ['$0', '$1,234.50', '$6.08', '$0.0525', '$0.50', '$0.003085', '$0.00000025']
    >>> usd(Decimal("0.99999")), usd(Decimal("0.003085"), digits=2)
    ('$1.00', '$0.0031')
    >>> usd(Decimal("946175.4")), usd(Decimal("-0.45"))
    ('$946,175', '−$0.45')
    """
    if value < 0:
        return f"−{usd(-value, digits)}"
    amount = Decimal(str(value))
    if amount == 0:
        return "$0"
    if amount >= 10_000:
        return f"${amount:,.0f}"
    if amount >= Decimal("0.99995"):
        return f"${amount:,.2f}"
    return f"${_with_cents(_significant(amount, digits))}"


def usd_column(values: Sequence[Number | None], *, down: Collection[int] = ()) -> list[str]:
    """Dollars on one scale, aligned at the point, without their sign: three digits of the least of them.

    Those at the indices `down` are bounds that nothing lies below: they are not rounded up.

    >>> usd_column([Decimal("0.00018"), Decimal("0.00302"), None])
    ['0.000180', '0.003020', '']
    >>> usd_column([Decimal("0.18"), Decimal("12.5")]), usd_column([0, 2])
    (['0.180', '12.500'], ['0.00', '2.00'])
    >>> usd_column([Decimal("0.1239")], down=[0]), usd_column([Decimal("0.1239")])
    (['0.123'], ['0.124'])
    """
    amounts = [None if value is None else Decimal(str(value)) for value in values]
    least = min((abs(amount) for amount in amounts if amount), default=Decimal(1))
    places = min(max(2, 2 - least.adjusted()), _MOST_PLACES)
    step = Decimal(1).scaleb(-places)
    rounded = (
        amount and amount.quantize(step, ROUND_DOWN if index in down else ROUND_HALF_EVEN)
        for index, amount in enumerate(amounts)
    )
    return ["" if amount is None else f"{amount:,.{places}f}" for amount in rounded]


def usd_rate(value: Number) -> str:
    """A price for a unit, as its list prints it: with all of its digits, which a sum leaves out.

    >>> [usd_rate(Decimal(v)) for v in ("4.125", "2.5", "15", "0.0375")]
    ['$4.125', '$2.50', '$15.00', '$0.0375']
    """
    amount = Decimal(str(value))
    return f"${_with_cents(_significant(amount, 6))}" if 1 <= amount < 10_000 else usd(value)


def money(value: Number, code: str) -> str:
    """An amount of another currency: whole from 100 yen or 10,000 euros up, cents where there are some.

    >>> [money(Decimal(v), "JPY") for v in ("0.4568", "12.346", "1234.5")]
    ['¥0.4568', '¥12.35', '¥1,234']
    >>> money(Decimal("1234.5"), "EUR"), money(Decimal(3), "CHF")
    ('€1,234.50', 'CHF 3.00')
    >>> money(Decimal("851557.5"), "EUR")
    '€851,558'
    >>> from ..messages import speaking
    >>> with speaking("ja"):
    ...     money(Decimal("0.4568"), "JPY"), money(Decimal("1234.5"), "JPY"), money(106_750_000, "JPY")
    ('0.4568円', '1,234円', '1億675万円')
    """
    amount = Decimal(str(value))
    if code == "JPY" and spoken() == "ja":
        return f"{calls(round(amount)) if amount >= 10_000 else _coins(amount, code)}円"
    return f"{_SYMBOLS.get(code, f'{code} ')}{_coins(amount, code)}"


def _coins(amount: Decimal, code: str) -> str:
    """An amount without its currency, in as many decimals as its size and its smallest coin ask for."""
    if amount == 0:
        return "0"
    if abs(amount) < 1:
        return _with_cents(_significant(amount, 4))
    if abs(amount) >= (100 if code in _WITHOUT_CENTS else 10_000):
        return f"{amount:,.0f}"
    return f"{amount:,.2f}"


def _with_cents(text: str) -> str:
    """An amount with two decimals at least: 0.50, and 1.00 where it was rounded up."""
    whole, _, cents = text.partition(".")
    return f"{whole}.{cents:0<2}"


def size_bytes(value: Number) -> str:
    """Bytes in binary units, which is how GPU memory is counted.

    >>> [size_bytes(n) for n in (85_899_345_920, 26_000_000_000, 819_200, 131_072, 512)]
    ['80.0 GiB', '24.2 GiB', '0.78 MiB', '128 KiB', '512 B']
    >>> size_bytes(-1_546_188_226)
    '-1.4 GiB'
    """
    if value < 0:
        return f"-{size_bytes(-value)}"
    gib, mib = float(value) / _GIB, float(value) / _MIB
    if gib >= 1000:
        return f"{gib:,.0f} GiB"
    if gib >= 1:
        return f"{gib:.1f} GiB"
    if mib >= 10:
        return f"{mib:,.0f} MiB"
    if mib >= 0.5:
        return f"{mib:.2f} MiB"
    if value >= 1024:
        return f"{float(value) / 1024:.0f} KiB"
    return f"{int(value):,} B"


def size_decimal(value: Number) -> str:
    """Bytes in the decimal units that papers and makers of disks print.

    >>> [size_decimal(n) for n in (14_000_000_000, 6_710_886_400, 419_430_400, 819_200, 163_840, 512)]
    ['14 GB', '6.7 GB', '419 MB', '0.82 MB', '164 KB', '512 B']
    """
    for unit, size, least in (("GB", 10**9, 1), ("MB", 10**6, Decimal("0.5")), ("KB", 1000, 1)):
        amount = Decimal(str(value)) / size
        if amount >= least:
            return f"{count(round(amount)) if amount >= 10 else _significant(amount, 2)} {unit}"
    return f"{int(value):,} B"


def size_in_both(value: Number) -> str:
    """The same, and the binary units that a GPU's memory is counted in.

    >>> size_in_both(6_710_886_400), size_in_both(819_200)
    ('6.7 GB = 6.2 GiB', '0.82 MB = 0.78 MiB')
    """
    return f"{size_decimal(value)} = {size_bytes(value)}"


def size_as_sold(value: Number) -> str:
    """A GPU's memory as its maker sells it: 2^30 bytes to the GB.

    >>> size_as_sold(85_899_345_920)
    '80 GB'
    """
    return f"{count(round(float(value) / _GIB))} GB"


def usd_short(value: Number) -> str:
    """Dollars for a narrow column: two digits of what is large.

    >>> usd_short(422_029), usd_short(1_296_296), usd_short(Decimal("0.2"))
    ('$420k', '$1.3M', '$0.20')
    """
    return usd(value) if value < 10_000 else f"${rough_count(value)}"


def decimal_number(value: Number, digits: int = 3) -> str:
    """A plain number with at most so many significant digits after it is no longer whole.

    >>> [decimal_number(n) for n in (1.3333, 0.25, 50, 1234.5, 7e-06, Decimal("45"), Decimal("2E+1"))]
    ['1.33', '0.25', '50', '1,234', '0.000007', '45', '20']
    """
    amount = Decimal(str(value))
    if amount == amount.to_integral_value() or abs(amount) >= 1000:
        return f"{amount.to_integral_value(ROUND_HALF_EVEN):,f}"
    return _significant(amount, digits)


def short_number(value: Number) -> str:
    """A number of any size, shortened with a unit where it is large: 13B, 1.4T.

    >>> short_number(13_000_000_000), short_number(1.4e12), short_number(8_030_261_248)
    ('13B', '1.4T', '8.03B')
    """
    for unit, size in (("T", 10**12), ("B", 10**9), ("M", 10**6)):
        if value >= size:
            return f"{_significant(Decimal(str(value)) / size, 3)}{unit}"
    return decimal_number(value)


def seconds(value: Number) -> str:
    """A time as long or short as it is.

    >>> [seconds(n) for n in (0.00742, 0.0000307, 1.25, 90, 7200)]
    ['7.42 ms', '0.0307 ms', '1.25 s', '90 s', '2 h']
    """
    if value < 1:
        return f"{_significant(Decimal(str(value)) * 1000, 3)} ms" if value else "0 s"
    if value < 3600:
        return f"{decimal_number(value)} s"
    return f"{_significant(Decimal(str(value)) / 3600, 3)} h"


def span(low: str, high: str) -> str:
    """Two formatted numbers as a range that writes what they share once.

    >>> span("1.6k", "2k"), span("$0.0011", "$0.0016"), span("30 ×", "60 ×"), span("800", "1.2k")
    ('1.6–2k', '$0.0011–0.0016', '30–60 ×', '800–1.2k')
    >>> span("¥1,520", "¥2,294"), span("-112.8 GiB", "-110.2 GiB"), span("−$0.22", "$0.11")
    ('¥1,520–2,294', '-112.8 to -110.2 GiB', '−$0.22 to $0.11')
    """
    if end_alike(low, high):
        low = low.removesuffix(_unit(low))
    # A dash beside a minus is no range that anybody can read.
    if {low[0], high[0]} & {"-", "−"}:
        return tell("{low} to {high}", low=low, high=high)
    sign = _SIGN.match(low)
    return tell("{low}–{high}", low=low, high=high.removeprefix(sign[0]) if sign else high)


def end_alike(low: str, high: str) -> bool:
    """Whether what stands behind the first number stands behind the second too.

    >>> end_alike("1.6k", "2k"), end_alike("800", "1.2k"), end_alike("90k", "1.2M")
    (True, True, False)
    """
    return high.endswith(_unit(low))


def _unit(text: str) -> str:
    unit = _UNIT.search(text)
    return unit[0] if unit else ""


def _significant(value: Decimal, digits: int) -> str:
    """`value` to that many significant digits, without an exponent or trailing zeros.

    >>> _significant(Decimal("0.0030851"), 4), _significant(Decimal("18.34"), 2)
    ('0.003085', '18')
    """
    rounded = value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), ROUND_HALF_EVEN)
    text = f"{rounded:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
