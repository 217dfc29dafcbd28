"""How a guess is measured against what is right: by ratio, by percentage points, or by odds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

from ...catalog.classroom.quiz import QuizRow
from ...catalog.numbers_2023 import any_of_range, number_keys, question_unit
from ...figures import Estimate, Figure, Number
from ...formulas import quiz
from ...records import dataclass
from ..number_words import SCALES, WrittenNumber
from .guesses import Guess

_BYTES_NAMES = {10**3: "KB", 10**6: "MB", 10**9: "GB", 2**30: "GB"}
_NEVER = 1e12  # the odds of a share of 1: as good as never not
# Where the points of an amount and of a percentage change (`formulas.quiz`), and a hair within.
_RATIOS = (1, 1.249, 1.999, 3.16)
_DIFFERENCES = (0, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Span:
    """From the least to the greatest value of a guess or an answer, in the unit of the number's figures."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Rule:
    """The formulas that score a guess: how far it is off, and its points as a number and as a range."""

    off_name: str
    off_unit: str
    off: Callable[[float, float, float], float]
    points: Callable[[float], int]
    range_points: Callable[[float], int]


_RULES = {
    True: Rule(
        "percentage_points_off",
        "%",
        quiz.percentage_points_off,
        quiz.percentage_points,
        quiz.percentage_range_points,
    ),
    False: Rule(
        "orders_of_magnitude_off",
        "",
        quiz.orders_of_magnitude_off,
        quiz.amount_points,
        quiz.amount_range_points,
    ),
}


@dataclass(frozen=True, slots=True)
class Measure:
    """How a question is scored: what is right, and what a bare number of a guess is multiplied by."""

    row: QuizRow
    right: tuple[Span, ...]
    factor: int
    unit: str
    of_bytes: bool

    @classmethod
    def of(cls, row: QuizRow, number: Estimate) -> Measure:
        """The measure of a number whose figures are all there."""
        factor, answer = question_unit(row.key), asked_figure(row.key, number)
        unit = _BYTES_NAMES[factor] if factor > 1 else answer.unit.replace("USD", "$")
        return cls(row, _right(row, answer, number), factor, unit, answer.unit.startswith("bytes"))

    def takes(self, guess: Guess) -> bool:
        """Whether the unit that was written can be the answer's: bytes only where bytes are asked for."""
        is_share = self.row.kind == "share"
        return all(
            end.can_answer(self.unit) or (is_share and end.unit == "%") for end in (guess.low, guess.high)
        )

    def span(self, guess: Guess) -> Span:
        """A guess in the unit of the number's figures."""
        ends = sorted((self._value(guess.low), self._value(guess.high)))
        return Span(ends[0], ends[1])

    def bare(self, value: float) -> float:
        """A value in the unit of the question."""
        return value / self.factor

    def nearest(self, guess: Span) -> tuple[float, Span]:
        """The value of a guess that is nearest to what is right, and that right value: as odds of a share."""
        pairs = (self._nearest(guess, right) for right in self.right)
        return min(pairs, key=lambda pair: self.rule.off(pair[0], pair[1].low, pair[1].high))

    def off(self, guess: Span) -> float:
        """How far a guess is from what is right: powers of ten, or percentage points; 0 where it is right."""
        value, right = self.nearest(guess)
        return self.rule.off(value, right.low, right.high)

    def width(self, guess: Span) -> float:
        """How wide a range is, in the same units."""
        return self.rule.off(self._position(guess.low), self._position(guess.high), _NEVER)

    def points(self, guess: Span) -> int:
        """The points of a guess: 3 at most."""
        if guess.low == guess.high:
            return self.rule.points(self.off(guess))
        return self.rule.range_points(quiz.range_score(self.width(guess), self.off(guess)))

    @property
    def rule(self) -> Rule:
        """How it is scored."""
        return _RULES[self.row.kind == "percentage"]

    def borders(self) -> list[float]:
        """The bare numbers at which the points of a single figure change."""
        values: list[float] = []
        for right in self.right:
            if self.row.kind == "percentage":
                values += [value for step in _DIFFERENCES for value in (right.low - step, right.high + step)]
            else:
                values += [value for ratio in _RATIOS for value in (right.low / ratio, right.high * ratio)]
        return [self.bare(value) for value in values if value > 0]

    def _value(self, written: WrittenNumber) -> float:
        written = written.as_bytes() if self.of_bytes else written
        if written.is_fraction and self.row.is_fall:
            return 1 / written.value
        if written.unit == "%" and self.row.kind == "share":
            return written.value / 100
        scale = SCALES[written.scale.lower()]
        # A GB of memory is what the question has: 2 ** 30 bytes where a GPU is sold by them.
        is_absolute = written.unit == "bytes" or bool(written.scale)
        if self.factor > 1 and is_absolute and f"{written.scale.upper()}B" != self.unit:
            return written.value
        return written.value / scale * self.factor if self.factor > 1 else written.value

    def _position(self, value: float) -> float:
        if self.row.kind != "share":
            return value
        return value / (1 - value) if value < 1 else _NEVER

    def _nearest(self, guess: Span, right: Span) -> tuple[float, Span]:
        low, high = map(self._position, (guess.low, guess.high))
        span = Span(self._position(right.low), self._position(right.high))
        return min(max(low, span.low), high), span


def asked_figure(key: str, number: Estimate) -> Figure:
    """What a question asks for: the published figure, or today's of a number that came later."""
    return number.figure("published" if key in number_keys() else "today")


@lru_cache(maxsize=64)
def best_constant_points(measures: tuple[Measure, ...]) -> int:
    """What the best single answer, a number or a range, earns under every question."""
    singles = {value for measure in measures for value in measure.borders()}
    ends = sorted(
        {measure.bare(end) for measure in measures for right in measure.right for end in _ends(right)}
    )
    ranges = ((low, high) for index, low in enumerate(ends) for high in ends[index + 1 :])
    answers = (*((value, value) for value in singles), *ranges)
    return max(_constant_points(measures, low, high) for low, high in answers)


def _constant_points(measures: Iterable[Measure], low: float, high: float) -> int:
    return sum(measure.points(Span(low * measure.factor, high * measure.factor)) for measure in measures)


def _ends(span: Span) -> tuple[float, float]:
    return span.low, span.high


def _right(row: QuizRow, answer: Figure, number: Estimate) -> tuple[Span, ...]:
    accepted = [number.figure(name) for name in row.accepts if name in number]
    spans = [_span(figure) for figure in accepted if figure.value is not None]
    whole_range = answer.origin == "derived" or any_of_range(row.key)
    spans.insert(0, _span(answer) if whole_range else _point(answer.value))
    if not row.between:
        return tuple(spans)
    return (Span(min(span.low for span in spans), max(span.high for span in spans)),)


def _span(figure: Figure) -> Span:
    assert figure.low is not None
    assert figure.high is not None
    return Span(float(figure.low), float(figure.high))


def _point(value: Number | None) -> Span:
    assert value is not None
    return Span(float(value), float(value))
