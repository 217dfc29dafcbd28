"""How a word of a magic's line is read as the value of an option; what a question takes is its own to say."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from ..errors import UsageError
from ..messages import shorten


def readers() -> dict[type, Callable[[str, str], Any]]:
    """What reads a word for each kind of parameter; for another kind the word is the value."""
    from ..estimates import answer_lengths, kinds
    from ..estimates.cost.question import Portion

    return {
        kinds.Whole: whole_number,
        kinds.WholeRange: token_range,
        answer_lengths.OutputTokens: token_range,
        kinds.Fraction: fraction,
        kinds.Dollars: amount,
        kinds.Numbers: setting,
        Portion: portion,
    }


def whole_number(flag: str, word: str) -> int:
    """A count as people write it: `1000`, `1,000`, `1_000`, `8k`, `1.5M`, `32Ki`.

    >>> whole_number("--calls", "8k"), whole_number("--context", "32Ki")
    (8000, 32768)
    >>> whole_number("--train-tokens", "1.4T")
    1400000000000
    """
    from ..estimates.number_words import SCALES  # its patterns take longer than all else of %load_ext

    match = re.fullmatch(r"([+-]?\d[\d_,]*(?:\.\d+)?)(ki|mi|[kmbt])?", word, re.IGNORECASE | re.ASCII)
    if match and len(word) < 40:
        number = Decimal(match[1].replace(",", "").replace("_", "")) * SCALES[(match[2] or "").lower()]
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
    share = float(match[1]) / (100 if match[2] else 1) if match else 0
    if not 0 < share <= 1:
        raise UsageError(
            "{flag} {word} is not a share; write one such as 0.9 or 90%", flag=flag, word=shorten(word)
        )
    return share


def plain_number(flag: str, word: str) -> float:
    """A number as people write it: `1200`, `70e9`, `0.375`, `13B`, `8Ki`, `$5`, `40%`, `24GB`, `1万`.

    >>> plain_number("--set", "70e9"), plain_number("--set", "13B"), plain_number("--set", "0.5MiB")
    (70000000000.0, 13000000000.0, 524288.0)
    """
    from ..estimates.number_words import read_number

    number = word.rpartition("=")[2]
    read = read_number(number)
    if read is not None:
        return read.value
    if number[:1] in ("-", "−") and read_number(number[1:]) is not None:
        raise UsageError("{flag} {word}: give a number from 0 up", flag=flag, word=shorten(word))
    raise UsageError(
        "{flag} {word} is not a number; write one such as 1200, 70e9 or 13B",
        flag=flag,
        word=shorten(word),
    )


def setting(flag: str, word: str) -> tuple[str, float]:
    """A number with its name.

    >>> setting("--set", "words=1200")
    ('words', 1200.0)
    """
    key, equals, _ = word.partition("=")
    if not equals or not key:
        raise UsageError(
            "{flag} {word}: write {flag} NAME=NUMBER, such as {flag} words=1200",
            flag=flag,
            word=shorten(word),
        )
    return key, plain_number(flag, word)


def token_range(flag: str, word: str) -> int | tuple[int, int]:
    """`300` or `200..400`.

    >>> token_range("--out", "300"), token_range("--out", "200..1k")
    (300, (200, 1000))
    """
    low, dots, high = word.partition("..")
    if not dots:
        return whole_number(flag, word)
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


def portion(flag: str, word: str) -> int | str:
    """`800` tokens of each call, or `80%` of its input.

    >>> portion("--cached", "8k"), portion("--cached", "80%")
    (8000, '80%')
    """
    return word if word.endswith("%") else whole_number(flag, word)


def amount(_flag: str, word: str) -> str:
    """An amount without what people write around it.

    >>> amount("--budget", "$2,500.50")
    '2500.50'
    """
    return word.removeprefix("$").replace(",", "")
