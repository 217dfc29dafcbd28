"""What a quiz, its scores, a class and an exercise tell beside their figures."""

from __future__ import annotations

from typing import ClassVar

from ...figures import Details, Estimate
from ...records import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizQuestionDetails(Details):
    """A question, and what its answer is told in."""

    question: str
    """The question in words."""
    unit: str
    """The unit of the answer, such as MB; empty for a plain number."""
    unit_size: int
    """How many of the figures' unit that is: 1,000,000 bytes in a MB."""
    guess: str | None = None
    """The guess as it was written; None before there is one."""


@dataclass(frozen=True, repr=False, kw_only=True)
class QuizQuestion(Estimate):
    """One question of a quiz; once it is scored it has the number's figures, your guess and its points."""

    kind: ClassVar[str] = "quiz_question"
    details: QuizQuestionDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizDetails(Details):
    """Which quiz it is."""

    paper: str
    """Four characters made of the questions and their answers: whoever has the same has the same paper."""


@dataclass(frozen=True, repr=False, kw_only=True)
class QuizEstimate(Estimate):
    """The questions of a quiz, in order, without their answers."""

    kind: ClassVar[str] = "quiz"
    details: QuizDetails
    parts: tuple[QuizQuestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuizScoreDetails(QuizDetails):
    """What could be reached, and what was answered."""

    most_points: int
    """The points for right answers to all questions."""
    questions: tuple[int, ...]
    """The numbers of the questions that were answered, from 1, in the order of `parts`."""
    constant_points: int
    """What the best single answer to every question of this paper earns."""
    ranges: int
    """How many of the guesses are ranges."""
    ranges_holding: int
    """How many of the ranges hold the answer: 8 of 10 should."""


@dataclass(frozen=True, repr=False, kw_only=True)
class QuizScore(Estimate):
    """The points of a quiz: one part for each question that was answered."""

    kind: ClassVar[str] = "quiz_score"
    details: QuizScoreDetails
    parts: tuple[QuizQuestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInDetails(QuizDetails):
    """What a student hands in."""

    name: str
    """The name that was given."""
    code: str
    """The name and the answers as one word, to be sent to the teacher."""


@dataclass(frozen=True, repr=False, kw_only=True)
class HandIn(Estimate):
    """Answers to a quiz as a code; neither answers nor points are in it."""

    kind: ClassVar[str] = "hand_in"
    details: HandInDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassQuestionDetails(QuizQuestionDetails):
    """What a class guessed for one question."""

    bins: tuple[str, ...]
    """The powers of ten, or tens of percent, from the least that was guessed to the greatest."""
    counts: tuple[int, ...]
    """How many guesses are in each of them."""
    right: int
    """The index of the one that holds the answer."""


@dataclass(frozen=True, repr=False, kw_only=True)
class ClassQuestion(Estimate):
    """The guesses of a class for one question."""

    kind: ClassVar[str] = "class_question"
    details: ClassQuestionDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassDetails(QuizDetails):
    """Which codes were read."""

    names: tuple[str, ...]
    """The names of the codes that count, in the order of the file."""
    points: tuple[float, ...]
    """The points of each of them."""
    most_points: int
    """The points for right answers to all questions."""
    ranges: tuple[int, ...]
    """How many ranges each of them gave."""
    ranges_holding: tuple[int, ...]
    """How many of those hold the answer."""


@dataclass(frozen=True, repr=False, kw_only=True)
class ClassEstimate(Estimate):
    """The answers of a class: a part for each question, and a note for each code that does not count."""

    kind: ClassVar[str] = "class"
    details: ClassDetails
    parts: tuple[ClassQuestion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDetails(Details):
    """An exercise, and what came of an answer to it."""

    exercise: str
    """Its key, such as ex3."""
    text: str
    """What it asks, with the numbers of this student."""
    unit: str
    """The unit of the answer."""
    seed: int
    """The student's seed; 0 has the numbers of the printed sheet."""
    answered: str
    """What was answered; empty where only the exercise was asked for."""
    is_right: bool
    """Whether the answer is within the tolerance."""
    is_too_large: bool
    """Whether a wrong answer is too large, and not too small."""
    hints: tuple[str, ...]
    """The hints that are shown, from a thought to the line to run."""
    n_hints: int
    """How many hints there are."""
    tolerance_percent: float
    """How far an answer may be off."""


@dataclass(frozen=True, repr=False, kw_only=True)
class CheckEstimate(Estimate):
    """An exercise, and whether an answer to it is right."""

    kind: ClassVar[str] = "check"
    details: CheckDetails


@dataclass(frozen=True, slots=True, kw_only=True)
class EssayYearDetails(Details):
    """A year, and the model that stands for it."""

    year: int | None
    """The year of the vocabulary; None is today."""
    model: str
    """The model whose vocabulary and price are taken."""
    tokenizer: str
    """What counted the tokens."""


@dataclass(frozen=True, repr=False, kw_only=True)
class EssayYear(Estimate):
    """A text under the vocabulary and the price of one year."""

    kind: ClassVar[str] = "essay_year"
    details: EssayYearDetails


@dataclass(frozen=True, repr=False, kw_only=True)
class EssayEstimate(Estimate):
    """A text under the vocabularies and prices of several years."""

    kind: ClassVar[str] = "essay"
    parts: tuple[EssayYear, ...] = ()
