"""Guesses as they are typed: `50 1.3`, `1:50倍 2:20..60`, `3:0.8 MB`; `…` stands for none."""

from __future__ import annotations

import re

from ...errors import UsageError
from ...messages import option, shorten
from ...patterns import pattern
from ...records import dataclass
from ..number_words import WrittenNumber, is_negative, normalized, read_number

_NAMED = pattern(r"(?:(?<=\s)|^)(\d{1,3})[:：]\s*(?=\S)")
# What begins a guess; a word that begins otherwise is the unit of the one before it.
_BEGINS = pattern(r"[-−$¥€£~<>≈≒≥≤.\d…約]")
_BETWEEN = pattern(r"\.{2,3}|…|[〜~–—]|から| to | - |(?<=[\d%×倍万億円])-(?=\d)")
_NONE = pattern(r"…|\.\.\.|\?")
_MOST_CHARS = 100


@dataclass(frozen=True, slots=True)
class Guess:
    """A number, or a range that shall hold the answer in 8 of 10 cases; `text` is what was typed."""

    text: str
    low: WrittenNumber
    high: WrittenNumber

    @property
    def is_range(self) -> bool:
        return self.low != self.high


def read_guesses(words: str) -> dict[int, Guess]:
    """Each guess by the number of its question, from 1: those before a first `N:` are in order.

    Raises:
        UsageError: a word that is no number, a number that is not above 0, or two for one question.

    >>> {index: guess.text for index, guess in read_guesses("1:50倍 2:20..60 3:… 4:0.8 MB").items()}
    {1: '50倍', 2: '20..60', 4: '0.8 MB'}
    """
    guesses: dict[int, Guess] = {}
    seen: set[int] = set()
    for index, text in _numbered(words):
        if index in seen:
            raise UsageError(
                "{option}: two guesses for question {n}; keep one", option=_option(words), n=index
            )
        seen.add(index)
        if not _NONE.fullmatch(text):
            guesses[index] = read_guess(text, index)
    return guesses


def read_guess(text: str, index: int | None = None) -> Guess:
    """One guess.

    Raises:
        UsageError: no number, one that is not above 0, or a range whose ends are turned round.

    >>> read_guess("30–60 ×").low.value, read_guess("1.6–2k").low.value
    (30.0, 1600.0)
    """
    plain = normalized(text[:_MOST_CHARS]).lstrip("~〜")
    plain = (
        plain.partition("(")[0].partition(", ")[0].strip()
    )  # the range that the screen prints behind a value
    where = _option(f"{index}:{text}" if index else text)
    first, *rest = _BETWEEN.split(plain, maxsplit=1)
    ends = (_like(first, rest[0]), rest[0]) if rest else (plain, plain)
    if any(map(is_negative, ends)):
        raise UsageError("{option}: guess a number above 0", option=where)
    low, high = map(read_number, ends)
    if low is None or high is None:
        raise UsageError(
            "{option}: {word} is not a number; write one such as 50, 1.3 or 0.8MB, or a range 20..60",
            option=where,
            word=shorten(text),
        )
    if not low.value > 0:
        raise UsageError("{option}: guess a number above 0", option=where)
    if low.value > high.value:
        raise UsageError("{option}: the first number of a range is the least", option=where)
    return Guess(text, low, high)


def _numbered(words: str) -> list[tuple[int, str]]:
    first, *named = _NAMED.split(words.strip())
    pieces: list[str] = []
    for word in first.split():
        if pieces and not _BEGINS.match(word):
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    in_order = list(enumerate(pieces, start=1))
    return in_order + [
        (int(index), text.strip()) for index, text in zip(named[::2], named[1::2], strict=True)
    ]


def _like(low: str, high: str) -> str:
    """The low end with the scale and unit of the high one, where it has none: `1.6–2k`."""
    unit = re.sub(r"^[^\d,._]*+[\d,._]++", "", high.strip())
    return low + unit if re.fullmatch(r"[^\d,._]*+[\d,._]++", low.strip()) else low


def _option(words: str) -> str:
    return option("answers", words)
