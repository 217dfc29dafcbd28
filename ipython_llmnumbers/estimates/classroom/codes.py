"""A student's answers as one word: the paper, each guess to three digits, and a check sum over all.

Neither a server nor an account is needed: the word is read aloud, pasted into a chat, or written on paper, so
it has only letters and digits that are not taken for each other.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping

from ...errors import UsageError
from ...messages import option, say
from ...patterns import pattern
from ...records import dataclass
from ..number_words import WrittenNumber
from .details import HandIn, HandInDetails
from .guesses import Guess
from .paper import ALPHABET, Paper
from .quiz import check_indices

_VERSION = 1
_MOST_NAME_CHARS = 40
# Bits of each field, and what is taken for something else when it is read aloud or copied.
_BITS = {"version": 4, "questions": 7, "seed": 30, "paper": 20}
_CHECK_BITS, _MANTISSA_BITS, _EXPONENT_BITS, _LEAST_EXPONENT = 20, 10, 6, -30
_NONE, _POINT, _RANGE = range(3)
_TAKEN_FOR = str.maketrans("OIL", "011")
_LEAST_LETTERS = (sum(_BITS.values()) + _CHECK_BITS) // 5
# What an editor, a chat or a table puts in: dashes of other kinds, unseen marks, cells in quotes.
_DASH = pattern("[\u2010-\u2015\u2212]")
_UNSEEN = pattern("[\u00ad\u200b-\u200f\u2060\ufeff]")
_BETWEEN_CELLS = ' ,;:"\t'
_WORD = pattern(r"(?<![^\W_])[^\W_]+(?:-[^\W_]+)*")
_MOST_BEFORE = 200


@dataclass(frozen=True, slots=True)
class HandedIn:
    """What a code says: whose it is, of which paper, and the guesses in the question's unit."""

    name: str
    n_questions: int
    seed: int
    paper_id: str
    guesses: Mapping[int, Guess]

    @property
    def paper(self) -> tuple[int, int, str]:
        """Which paper it is of: how many questions, the seed, the id."""
        return self.n_questions, self.seed, self.paper_id


def hand_in(paper: Paper, guesses: Mapping[int, Guess], name: str) -> HandIn:
    """The answers to a paper as a code.

    Raises:
        UsageError: no name, or no guesses for this paper.
    """
    plain = _plain(name).strip(_BETWEEN_CELLS)
    if not plain or len(plain) > _MOST_NAME_CHARS or not plain.isprintable():
        raise UsageError(
            "{option}: give a name of at most {most} characters",
            option=option("hand_in", name),
            most=_MOST_NAME_CHARS,
        )
    check_indices(paper, guesses)
    return HandIn(
        say("quiz"),
        details=HandInDetails(paper=paper.id, name=plain, code=f"{plain} {_encode(paper, guesses, plain)}"),
        question=paper.asked,
    )


def read_code(line: str) -> HandedIn:
    """What a line says that holds a name and, behind it, the code; other cells of a table may stand there.

    Raises:
        UsageError: no code, or one with a letter that was copied wrongly.
    """
    plain = _plain(line)
    words = [word for word in _WORD.finditer(plain) if len(word[0].replace("-", "")) >= _LEAST_LETTERS]
    if not any(plain[: word.start()].strip(_BETWEEN_CELLS) for word in words):
        raise UsageError("no name with a code behind it")
    named = (
        (name, payload)
        for word in reversed(words)
        for name in _names_before(plain, word.start())
        if (payload := _payload(word[0], name))
    )
    name, payload = next(named, ("", ""))
    if not name:
        raise UsageError("the check sum is wrong: a letter of the code or of the name was changed")
    reader = _Reader(payload)
    version, n_questions, seed = (reader.take(_BITS[field]) for field in ("version", "questions", "seed"))
    if version != _VERSION:
        raise UsageError("a code of another version of this extension")
    paper = reader.take(_BITS["paper"])
    paper_id = "".join(ALPHABET[paper >> 5 * place & 31] for place in (3, 2, 1, 0))
    guesses = {index: guess for index in range(1, n_questions + 1) if (guess := reader.guess())}
    return HandedIn(name, n_questions, seed, paper_id, guesses)


def _plain(text: str) -> str:
    """In half width, with one kind of dash and single spaces."""
    plain = unicodedata.normalize("NFKC", _UNSEEN.sub("", text))
    return " ".join(_DASH.sub("-", plain).split())


def _names_before(line: str, end: int) -> Iterator[str]:
    """What may be the name before a code: from any word on, the longest first."""
    before = line[max(end - _MOST_BEFORE, 0) : end]
    for word in re.finditer(f"[^{_BETWEEN_CELLS}]+", before):
        yield before[word.start() :].strip(_BETWEEN_CELLS)


def _payload(word: str, name: str) -> str:
    """The bits of a code without its check sum; empty where the sum is not that of this name."""
    letters = word.upper().replace("-", "").translate(_TAKEN_FOR)
    if set(letters) - set(ALPHABET):
        return ""
    bits = "".join(f"{ALPHABET.index(letter):05b}" for letter in letters)
    payload, check = bits[:-_CHECK_BITS], bits[-_CHECK_BITS:]
    return payload if check == _check_sum(payload, name) else ""


def _encode(paper: Paper, guesses: Mapping[int, Guess], name: str) -> str:
    paper_number = int("".join(f"{ALPHABET.index(letter):05b}" for letter in paper.id), 2)
    fields = (_VERSION, paper.asked.quiz, paper.asked.seed, paper_number)
    bits = "".join(f"{value:0{width}b}" for value, width in zip(fields, _BITS.values(), strict=True))
    for index, measure in enumerate(paper.measures, start=1):
        guess = guesses.get(index)
        if guess is None:
            bits += f"{_NONE:02b}"
            continue
        span = measure.span(guess)
        ends = (span.low, span.high) if guess.is_range else (span.low,)
        bits += f"{_RANGE if guess.is_range else _POINT:02b}"
        bits += "".join(_number_bits(measure.bare(end)) for end in ends)
    bits += "0" * (-len(bits) % 5)
    bits += _check_sum(bits, name)
    letters = "".join(ALPHABET[int(bits[place : place + 5], 2)] for place in range(0, len(bits), 5))
    return "-".join(letters[place : place + 5] for place in range(0, len(letters), 5))


def _check_sum(bits: str, name: str) -> str:
    digest = hashlib.sha256(f"{name.casefold()}/{bits}".encode()).digest()
    return f"{int.from_bytes(digest[:4], 'big') >> 32 - _CHECK_BITS:0{_CHECK_BITS}b}"


def _number_bits(value: float) -> str:
    """Three digits and a power of ten."""
    mantissa, exponent = f"{value:.2e}".split("e")
    power = min(max(int(exponent) - 2 - _LEAST_EXPONENT, 0), 2**_EXPONENT_BITS - 1)
    return f"{int(mantissa.replace('.', '')):0{_MANTISSA_BITS}b}{power:0{_EXPONENT_BITS}b}"


@dataclass(slots=True)
class _Reader:
    """Bits from left to right; behind the end they are 0."""

    bits: str
    place: int = 0

    def take(self, n_bits: int) -> int:
        found = self.bits[self.place : self.place + n_bits].ljust(n_bits, "0")
        self.place += n_bits
        return int(found, 2)

    def guess(self) -> Guess | None:
        kind = self.take(2)
        if kind not in (_POINT, _RANGE):
            return None
        low = self.number()
        high = self.number() if kind == _RANGE else low
        text = f"{low:g}" if kind == _POINT else f"{low:g}..{high:g}"
        return Guess(text, WrittenNumber(low), WrittenNumber(high))

    def number(self) -> float:
        mantissa, power = self.take(_MANTISSA_BITS), self.take(_EXPONENT_BITS)
        return float(f"{max(mantissa, 1)}e{power + _LEAST_EXPONENT}")
