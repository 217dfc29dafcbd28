"""Guess the number before you see it: questions drawn by a seed, scored by order of magnitude."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace

from ...catalog.numbers_2023 import any_of_range, number_keys, number_text, question_unit
from ...errors import UsageError
from ...figures import Figure, Note, Number, derive, given
from ...formulas import quiz
from ...messages import option, say
from .details import QuizEstimate, QuizQuestion, QuizQuestionDetails, QuizScore, QuizScoreDetails
from .estimate import estimate_number
from .question import Quiz, known_numbers

DEFAULT_QUESTIONS = 5

_SCORING = say("3 points within a factor of 1.25, 2 within a factor of 2, 1 within a factor of 10.")


def make_quiz(n_questions: int = DEFAULT_QUESTIONS, seed: int | None = None) -> QuizEstimate:
    """A quiz: one part for each question, in order; the same for the same seed.

    A part is the number with all its figures; the figure `answer` is what is asked for.

    Raises:
        UsageError: more questions than there are numbers, or a seed out of range.

    >>> make_quiz(2, seed=1).parts == make_quiz(2, seed=1).parts
    True
    """
    asked = Quiz(quiz=n_questions, seed=random.SystemRandom().randrange(10_000) if seed is None else seed)
    drawn = random.Random(asked.seed).sample(known_numbers(), asked.quiz)
    return QuizEstimate(say("quiz"), parts=tuple(map(_question, drawn)), question=asked)


def score_quiz(n_questions: int, seed: int, guesses: Mapping[int, Number]) -> QuizScore:
    """The same questions with the guesses, what is right, and the points: 3 at most for each.

    Raises:
        UsageError: a guess for a question that the quiz does not have, or one that is not above 0.

    >>> key_of_question = make_quiz(1, seed=0).parts[0].subject
    >>> score_quiz(1, 0, {1: 10}).parts[0].subject == key_of_question
    True
    """
    asked = make_quiz(n_questions, seed)
    for index, guess in guesses.items():
        if not 1 <= index <= n_questions:
            raise UsageError(
                "{option}: the quiz has questions 1 to {most}",
                option=option("answers", f"{index}:{guess}"),
                most=n_questions,
            )
        if not guess > 0:
            raise UsageError("{option}: guess a number above 0", option=option("answers", f"{index}:{guess}"))
    if not guesses:
        raise UsageError("{option:answers} needs guesses: in order (50 1.3), or by question (1:50 2:1.3)")
    parts = tuple(
        _scored(part, guesses[index]) for index, part in enumerate(asked.parts, start=1) if index in guesses
    )
    points = {f"question_{index}": part["points"] for index, part in zip(sorted(guesses), parts, strict=True)}
    total = derive("total_points", "points", quiz.total_points, **points)
    return QuizScore(
        say("quiz"),
        figures=(total,),
        notes=(Note(_SCORING),),
        details=QuizScoreDetails(most_points=3 * n_questions, questions=tuple(sorted(guesses))),
        question=asked.question,
        parts=parts,
    )


def _question(key: str) -> QuizQuestion:
    number = estimate_number(key)
    return QuizQuestion(
        key,
        figures=(_renamed(number["published" if key in number_keys() else "today"]), *number.figures),
        notes=number.notes,
        details=QuizQuestionDetails(
            title=number.details.title,
            headline=number.details.headline,
            inputs=number.details.inputs,
            question=number_text(key)["question"],
        ),
    )


def _renamed(figure: Figure) -> Figure:
    return replace(figure, name="answer")


def _scored(part: QuizQuestion, guess: Number) -> QuizQuestion:
    answer = part["answer"]
    whole_range = answer.origin == "derived" or any_of_range(part.subject)
    low, high = (answer.low, answer.high) if whole_range else (answer.value, answer.value)
    guessed = given(
        "guess", float(guess) * question_unit(part.subject), answer.unit, option("answers", guess)
    )
    off = derive(
        "orders_of_magnitude_off",
        "",
        quiz.orders_of_magnitude_off,
        guess=guessed,
        low=_end(answer, "low", low),
        high=_end(answer, "high", high),
    )
    points = derive("points", "points", quiz.points, orders_of_magnitude_off=off)
    return replace(part, figures=(guessed, *part.figures, off, points))


def _end(answer: Figure, name: str, value: Number | None) -> Figure:
    """One end of the answer's range as a figure of its own, known as the answer is."""
    end = None if value is None else float(value)
    return replace(answer, name=name, value=end, low=end, high=end, approximate=False)
