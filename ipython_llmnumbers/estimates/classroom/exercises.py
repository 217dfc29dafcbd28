"""Exercises that check themselves: numbers for each student, a tolerance, and hints that lead to the answer.

The answer is computed by the question that the exercise is about, when it is checked: it is stored nowhere.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from ...catalog.classroom.exercises import ExerciseRow, exercise_keys, exercise_row
from ...errors import UnknownNameError, UsageError
from ...figures import Estimate, Figure, derive, given
from ...formulas import quiz
from ...messages import option, say, shorten, spoken
from ...records import dataclass
from ..cost.question import Cost
from ..number_words import SCALES, WrittenNumber, read_number
from ..numbers.question import Numbers
from ..question import Question
from ..tokens.question import Tokens
from .details import CheckDetails, CheckEstimate
from .facts import facts

_QUESTIONS: Mapping[str, type[Question]] = {"numbers": Numbers, "tokens": Tokens, "cost": Cost}


@dataclass(frozen=True, slots=True)
class Exercise:
    """An exercise with the numbers of one student; `answer` is in its unit."""

    row: ExerciseRow
    seed: int
    drawn: Mapping[str, Any]

    @property
    def text(self) -> str:
        """What is asked."""
        return self.row.asks.format(**self.drawn, **facts())

    @property
    def hints(self) -> tuple[str, ...]:
        """From a thought to the line to run."""
        return tuple(say(hint, **self.drawn, **facts()) if "{" in hint else hint for hint in self.row.hints)

    def ask(self) -> Estimate:
        """The estimate that has the answer among its figures."""
        computed = {name: _filled(value, self.drawn) for name, value in self.row.computed.items()}
        question, _ = _QUESTIONS[computed.pop("by")], computed.pop("figure")
        if question is Numbers:
            inputs = {name: float(value) for name, value in computed.items() if name != "name"}
            return question.of(name=computed["name"], inputs=inputs or None).answer()
        counts = {
            name: int(value) if name in ("calls", "output_tokens") else value
            for name, value in computed.items()
        }
        return question.of(**counts).answer()

    def answer(self) -> Figure:
        """The figure that is the answer."""
        return self.ask().figure(self.row.computed["figure"])


def find_exercise(key: str, seed: int = 0) -> Exercise:
    """The exercise in the language that is spoken, with the numbers of a student.

    Raises:
        UnknownNameError: no such exercise.

    >>> find_exercise("ex2").drawn
    {'words': 1200}
    """
    if key not in exercise_keys():
        raise UnknownNameError(say("exercise"), key, exercise_keys())
    row = exercise_row(key, spoken())
    drawn = {name: _draw(seed, key, name, values) for name, values in row.drawn.items()}
    return Exercise(row, seed, drawn)


def check_exercise(key: str, answer: str, seed: int = 0, n_hints: int = 0) -> CheckEstimate:
    """What an exercise asks, or whether an answer is right, with so many hints where it is not.

    Args:
        key: the exercise, such as ex3.
        answer: what was answered, as people write numbers; empty asks for the exercise alone.
        seed: the student's: it chooses the numbers of the exercise.
        n_hints: how many hints to show beside an exercise that is not solved yet.

    Raises:
        UnknownNameError: no such exercise.
        UsageError: an answer that is no number.

    >>> check_exercise("ex2", "1,560").details.is_right
    True
    """
    exercise = find_exercise(_key(key), seed)
    row = exercise.row
    figures: tuple[Figure, ...] = ()
    off = 0.0
    if answer:
        off = _off(exercise, answer)
        figures = (_ratio(exercise, answer),)
    is_right = bool(answer) and abs(off) <= row.tolerance + 1e-9
    return CheckEstimate(
        row.key,
        figures=figures,
        details=CheckDetails(
            exercise=row.key,
            text=exercise.text,
            unit=row.unit,
            seed=seed,
            answered=answer,
            is_right=is_right,
            is_too_large=bool(answer) and not is_right and off > 0,
            hints=() if is_right else exercise.hints[:n_hints],
            n_hints=len(row.hints),
            tolerance_percent=row.tolerance * 100,
        ),
    )


def _key(name: str) -> str:
    """The key of an exercise that is called `EX2`, `ex2:` or `2`."""
    plain = name.strip().rstrip(":.").casefold()
    return f"ex{plain}" if plain.isdecimal() else plain


def _off(exercise: Exercise, answer: str) -> float:
    """How far an answer is off, as a share of the right one."""
    right = float(exercise.answer().value or 0)
    return _value(exercise, answer) / right - 1


def _ratio(exercise: Exercise, answer: str) -> Figure:
    """How many times the right answer it is; the right answer itself is not among the figures."""
    value = 1 + _off(exercise, answer)
    guess = given("guess", value, "×", option("answers", answer))
    one = given("low", 1, "×", say("the right answer"))
    return derive("orders_of_magnitude_off", "", quiz.orders_of_magnitude_off, guess=guess, low=one, high=one)


def _value(exercise: Exercise, answer: str) -> float:
    """An answer in the unit of the figure."""
    read = read_number(answer)
    if read is None or not read.value > 0:
        raise UsageError(
            "{option}: {word} is not a number above 0; write one such as 1560, 7.3GB or 1万",
            option=option("check", exercise.row.key),
            word=shorten(answer),
        )
    if not read.can_answer(exercise.row.unit):
        raise UsageError(
            "{option}: the exercise asks for {unit}",
            option=option("check", f"{exercise.row.key} {answer}"),
            unit=exercise.row.unit,
        )
    read = read.as_bytes() if exercise.row.unit_size > 1 else read
    if exercise.row.unit == "%" and read.is_fraction:
        return read.value * 100
    return read.value if _is_absolute(read, exercise.row) else read.value * exercise.row.unit_size


def _is_absolute(read: WrittenNumber, row: ExerciseRow) -> bool:
    """Whether a number has a prefix of its own, such as `7300 MB` where GB are asked for."""
    return row.unit_size > 1 and (read.unit == "bytes" or SCALES[read.scale.lower()] > 1)


def _draw(seed: int, key: str, name: str, values: tuple[Any, ...]) -> Any:
    if not seed:
        return values[0]
    place = hashlib.sha256(f"{seed}:{key}:{name}".encode()).digest()
    return values[int.from_bytes(place[:4], "big") % len(values)]


def _filled(value: str, drawn: Mapping[str, Any]) -> str:
    return value.format(**drawn)
