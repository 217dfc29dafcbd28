"""A number as people write it, in English or Japanese: `1,200`, `70e9`, `8Ki`, `$5`, `50倍`, `1億675万円`."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import replace
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
_MYRIADS = {"": 1, "百": 10**2, "千": 10**3, "万": 10**4, "億": 10**8, "兆": 10**12}
_PREFIXES = {
    "キロ": "K",
    "メガ": "M",
    "ギガ": "G",
    "テラ": "T",
    "kilo": "K",
    "mega": "M",
    "giga": "G",
    "tera": "T",
}
_PREFIXED = pattern(f"({'|'.join(_PREFIXES)})(?:bytes?|バイト)", re.IGNORECASE)

# A comma stands between groups of three digits, in India of two: `0,8` is no number, rather than 8.
_WHOLE = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}(?!\d)|\d[\d_]*+)"
_DIGITS = rf"(?:{_WHOLE}(?:\.\d++)?(?:e[+-]?\d{{1,3}})?|\.\d++)"
# What stands before a number and does not change it; NFKC has made ￥ into ¥ and ～ into ~.
_BEFORE = pattern(
    r"(?:[+$¥€£~<>≈≒≥≤〜×]|x(?=\d)|約|およそ|だいたい|年に|毎年|about |at least |at most |up to )+",
    re.IGNORECASE,
)
_SIGN = pattern("[$¥€£×x]", re.IGNORECASE)
# NFKC would make 10⁶ into 106.
_RAISED = pattern("[⁰¹²³⁴-⁹]+")
_POWER = pattern(
    rf"\A(?:(?P<times>{_DIGITS}) ?[×x*·] ?)?10(?:\^|\*\*|の)(?P<power>\d{{1,2}}(?!\d))乗?", re.IGNORECASE
)
_PLAIN = pattern(
    rf"(?P<number>{_DIGITS})\s*+(?P<scale>thousand|million|billion|trillion|[kmgt]i(?=b|\b)|[kmgbt](?![a-z]*[ac-z]))?(?P<unit>.*)",
    re.IGNORECASE | re.DOTALL,
)
_PART = rf"(?P<n>{_WHOLE}(?:\.\d+)?)?(?P<small>[百千]?)(?P<large>[万億兆]?)"
_MYRIAD = pattern(
    rf"(?P<parts>(?:(?:{_WHOLE}(?:\.\d+)?)?(?:[百千][万億兆]?|[万億兆]))++)(?P<rest>{_WHOLE})?(?P<unit>.*)",
    re.DOTALL,
)
_ONE_OF = pattern(rf"(?P<whole>{_DIGITS})分の(?P<part>{_DIGITS})|(?P<top>{_DIGITS})/(?P<bottom>{_DIGITS})")

# What may stand behind a number, by what it says of the number.
_UNITS = (
    ("%", pattern(r"%|percent|パーセント", re.IGNORECASE)),
    ("tenths", pattern("割")),
    ("bytes", pattern(r"b|bytes?|バイト|b/token|bytes?/token", re.IGNORECASE)),
    ("×", pattern(r"x|×|倍|:1|対1|times|(?:x|×|倍) ?(?:per year|/年)?", re.IGNORECASE)),
    ("$", pattern(r"\$|ドル|dollars?|usd", re.IGNORECASE)),
    ("¥", pattern(r"¥|円|yen|jpy", re.IGNORECASE)),
    ("€", pattern(r"€|euros?|ユーロ", re.IGNORECASE)),
    (
        "",
        pattern(
            r"tokens?(?:/(?:word|character|s))?|トークン(?:/(?:語|字|文字|秒))?|words?|語|単語|字|文字"
            r"|characters?|bytes?/parameter|バイト/パラメータ|パラメータ|parameters?|個|回|台|層|人|件|つ|点|points?"
            r"|gpus?|days?|日|h|hours?|時間|s|seconds?|秒|/年|per year|"
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """A number with what was written beside it: "%", "×", "bytes", a currency's sign, or "" for the rest.

    `scale` is the prefix of bytes as it was written (`K`, `Gi`); `value` is multiplied by it already.
    `is_fraction` is one part of a whole, such as `7分の1`.
    """

    value: float
    unit: str = ""
    scale: str = ""
    is_fraction: bool = False

    def can_answer(self, asked: str) -> bool:
        """Whether it can be the answer where this unit is asked for: yen are no dollars, and % no bytes.

        >>> WrittenNumber(5, "¥").can_answer("$"), WrittenNumber(5, "bytes").can_answer("KB")
        (False, True)
        """
        fits = {"bytes": asked[-1:] == "B" or asked.startswith("bytes"), "×": "×" in asked, "": True}
        return fits.get(self.unit, self.unit == asked)

    def as_bytes(self) -> WrittenNumber:
        """The same where bytes are asked for: there `819200B` has no billions."""
        if self.scale not in ("b", "B") or self.unit:
            return self
        return WrittenNumber(self.value / SCALES["b"], "bytes")


def read_number(text: str) -> WrittenNumber | None:
    """The number that a text is; None where it is none, or more than one.

    >>> read_number("50倍").value, read_number("1万").value, read_number("1億675万円").value
    (50.0, 10000.0, 106750000.0)
    >>> read_number("約7分の1").is_fraction, read_number("8KiB").value, read_number("$1.3 million").value
    (True, 8192.0, 1300000.0)
    >>> read_number("５０％").unit, read_number("10⁶").value, read_number("fifty") is None
    ('%', 1000000.0, True)
    """
    plain = normalized(text) if len(text) < 60 else ""
    before = _BEFORE.match(plain)
    sign = _SIGN.search(before[0]) if before else None
    plain = _POWER.sub(_with_exponent, plain[before.end() if before else 0 :].strip())
    read = _fraction(plain) or _myriads(plain) or _plain(plain)
    if read is None or not math.isfinite(read.value):
        return None
    return replace(read, unit=sign[0].lower().replace("x", "×")) if sign and not read.unit else read


def is_negative(text: str) -> bool:
    """Whether a text is a number below 0.

    >>> is_negative("-3"), is_negative("−3"), is_negative("3")
    (True, True, False)
    """
    plain = normalized(text).replace("−", "-")
    return plain.startswith("-") and read_number(plain[1:]) is not None


def normalized(text: str) -> str:
    """In half width, with raised digits as powers, prefixes of bytes as letters, and 9割5分 as 9.5割.

    >>> normalized("５０％"), normalized("10⁶"), normalized("0.8メガバイト")
    ('50%', '10^6', '0.8MB')
    """
    raised = _RAISED.sub(lambda found: f"^{found[0]}", text)
    plain = unicodedata.normalize("NFKC", raised).strip().rstrip(",;、")
    plain = _PREFIXED.sub(lambda found: f"{_PREFIXES[found[1].lower()]}B", plain)
    return re.sub(r"(\d)割(\d)分(?!の)", r"\1.\2割", plain)


def _with_exponent(found: re.Match[str]) -> str:
    return f"{_float(found['times'] or '1') * 10 ** int(found['power']):.15g}"


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
    parts = [
        (_float(part["n"] or "1"), _MYRIADS[part["small"]] * _MYRIADS[part["large"]])
        for part in re.finditer(_PART, found["parts"])
        if part[0]
    ]
    is_named = found["parts"][0] not in "万億兆"  # 百万 is a number, 万 alone is none
    if not is_named or any(scale <= smaller for (_, scale), (_, smaller) in pairwise(parts)):
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
