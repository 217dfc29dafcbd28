"""A number as people write it, in English or Japanese: `1,200`, `70e9`, `8Ki`, `$5`, `50倍`, `1億675万円`."""

from __future__ import annotations

import math
import re
import unicodedata
from itertools import pairwise

from ..patterns import pattern
from ..records import dataclass

# k is a thousand and Ki is 1,024, as SI and IEC have it. B is a billion: models are counted in it.
SCALES = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "b": 10**9,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
    "thousand": 10**3,
    "million": 10**6,
    "billion": 10**9,
    "trillion": 10**12,
}
_MYRIADS = {"千": 10**3, "万": 10**4, "億": 10**8, "兆": 10**12}

_DIGITS = r"(?:\d[\d_,]*+(?:\.\d*+)?(?:e[+-]?\d{1,3})?|\.\d++)"
# What stands before a number and does not change it; NFKC has made ￥ into ¥ and ～ into ~.
_BEFORE = pattern(
    r"(?:[$¥€£~<>≈≒≥≤〜]|約|およそ|だいたい|年に|毎年|about |at least |at most |up to )+", re.IGNORECASE
)
_PLAIN = pattern(
    rf"(?P<number>{_DIGITS})\s*+(?P<scale>thousand|million|billion|trillion|[kmgt]i(?=b|\b)|[kmgbt](?![a-z]*[ac-z]))?(?P<unit>.*)",
    re.IGNORECASE | re.DOTALL,
)
_MYRIAD = pattern(
    r"(?P<parts>(?:\d[\d,]*+(?:\.\d+)?[千万億兆])++)(?P<rest>\d[\d,]*+)?(?P<unit>.*)", re.DOTALL
)
_ONE_OF = pattern(rf"(?P<whole>{_DIGITS})分の(?P<part>{_DIGITS})|(?P<top>{_DIGITS})/(?P<bottom>{_DIGITS})")

# What may stand behind a number, by what it says of the number.
_UNITS = (
    ("%", pattern(r"%|percent|パーセント", re.IGNORECASE)),
    ("tenths", pattern("割")),
    ("bytes", pattern(r"b|bytes?|バイト|b/token|bytes?/token", re.IGNORECASE)),
    ("×", pattern(r"x|×|倍|:1|対1|times|(?:x|×|倍) ?(?:per year|/年)?", re.IGNORECASE)),
    ("$", pattern(r"\$|ドル|dollars?|usd", re.IGNORECASE)),
    (
        "",
        pattern(
            r"円|yen|tokens?(?:/(?:word|character|s))?|トークン(?:/(?:語|字|文字|秒))?|words?|語|単語|字|文字"
            r"|characters?|bytes?/parameter|バイト/パラメータ|パラメータ|parameters?|個|回|台|層|人|件|つ|点|points?"
            r"|gpus?|days?|日|h|hours?|時間|s|seconds?|秒|/年|per year|"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number with what was written behind it: "%", "×", "$", "bytes", or "" for anything else.

    `scale` is the prefix of bytes as it was written (`K`, `Gi`); `value` is multiplied by it already.
    `is_fraction` is one part of a whole, such as `7分の1`.
    """

    value: float
    unit: str = ""
    scale: str = ""
    is_fraction: bool = False


def read_number(text: str) -> WrittenNumber | None:
    """The number that a text is; None where it is none, or more than one.

    >>> read_number("50倍").value, read_number("1万").value, read_number("1億675万円").value
    (50.0, 10000.0, 106750000.0)
    >>> read_number("約7分の1").is_fraction, read_number("8KiB").value, read_number("$1.3 million").value
    (True, 8192.0, 1300000.0)
    >>> read_number("５０％").unit, read_number("fifty") is None
    ('%', True)
    """
    plain = unicodedata.normalize("NFKC", text).strip() if len(text) < 60 else ""
    plain = _BEFORE.sub("", plain, count=1).strip() if not plain.startswith("-") else ""
    read = _fraction(plain) or _myriads(plain) or _plain(plain)
    return read if read is not None and math.isfinite(read.value) else None


def is_negative(text: str) -> bool:
    """Whether a text is a number below 0.

    >>> is_negative("-3"), is_negative("−3"), is_negative("3")
    (True, True, False)
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("−", "-")
    return plain.startswith("-") and read_number(plain[1:]) is not None


def _float(digits: str) -> float:
    return float(digits.replace(",", "").replace("_", ""))


def _fraction(text: str) -> WrittenNumber | None:
    found = _ONE_OF.fullmatch(text)
    if found is None:
        return None
    top, bottom = (found["part"], found["whole"]) if found["whole"] else (found["top"], found["bottom"])
    if not _float(top) or not _float(bottom):
        return None
    return WrittenNumber(_float(top) / _float(bottom), is_fraction=True)


def _myriads(text: str) -> WrittenNumber | None:
    """`1億675万`, `3千`, `1.5万`: each part with a smaller unit than the one before it."""
    found = _MYRIAD.fullmatch(text)
    unit = _unit(found["unit"]) if found else None
    if found is None or unit is None:
        return None
    *pieces, _ = re.split("([千万億兆])", found["parts"])
    parts = [(_float(n), _MYRIADS[scale]) for n, scale in zip(pieces[::2], pieces[1::2], strict=True)]
    if any(scale <= smaller for (_, scale), (_, smaller) in pairwise(parts)):
        return None
    value = sum(number * scale for number, scale in parts) + _float(found["rest"] or "0")
    return _with_unit(value, unit)


def _plain(text: str) -> WrittenNumber | None:
    found = _PLAIN.fullmatch(text)
    unit = _unit(found["unit"]) if found else None
    if found is None or unit is None:
        return None
    scale = found["scale"] or ""
    return _with_unit(_float(found["number"]) * SCALES[scale.lower()], unit, scale)


def _unit(text: str) -> str | None:
    """What is written behind a number; None where it is nothing that a number is followed by."""
    return next((name for name, pattern in _UNITS if pattern.fullmatch(text.strip())), None)


def _with_unit(value: float, unit: str, scale: str = "") -> WrittenNumber:
    return WrittenNumber(value * 10, "%") if unit == "tenths" else WrittenNumber(value, unit, scale)
