"""Guess the number before you see it: questions drawn by a seed, scored when the guesses are there."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ...errors import UsageError
from ...figures import Figure, Note, derive, given
from ...formulas import quiz
from ...messages import option, say
from ..numbers.details import NumberEstimate
from .details import QuizEstimate, QuizQuestion, QuizScore, QuizScoreDetails
from .guesses import Guess
from .paper import Paper, describe, draw_paper
from .question import DEFAULT_QUESTIONS
from .scale import Measure, Span, asked_figure

_AMOUNTS = say("Amounts: 3 points within a factor of 1.25, 2 within 2, 1 within half a power of ten (3.2).")
_PERCENTAGES = say("Percentages: 3 points within 5 percentage points, 2 within 10, 1 within 20.")
_RANGES = say(
    "Ranges (20..60) that hold the answer: 3 points up to a factor of 2 (10 percentage points),"
    " 2 up to 4 (20), 1 up to 10 (40)."
)
_RIGHT = say("the nearest right value")


def make_quiz(n_questions: int = DEFAULT_QUESTIONS, seed: int | None = None) -> QuizEstimate:
    """A quiz: one part for each question, in order, without its answer; the same for the same seed.

    Raises:
        UsageError: more questions than there are, or a seed out of range.

    >>> make_quiz(2, seed=1).parts == make_quiz(2, seed=1).parts
    True
    """
    drawn = random.SystemRandom().randrange(10_000) if seed is None else seed
    return draw_paper(n_questions, drawn).quiz()


def score_quiz(n_questions: int, seed: int, guesses: Mapping[int, Guess], paper_id: str = "") -> QuizScore:
    """The same questions with the guesses, what is right, and the points: 3 at most for each.

    Args:
        n_questions: how many the quiz has.
        seed: the seed that drew them.
        guesses: each by the number of its question, from 1.
        paper_id: what the quiz was shown with; empty is any.

    Raises:
        UsageError: no guess, one for a question that the quiz does not have, or another paper's id.

    >>> from .guesses import read_guesses
    >>> key_of_question = make_quiz(1, seed=0).parts[0].subject
    >>> score_quiz(1, 0, read_guesses("10")).parts[0].subject == key_of_question
    True
    """
    paper = draw_paper(n_questions, seed)
    if paper_id:
        paper.check(paper_id)
    return score_paper(paper, guesses)


def score_paper(paper: Paper, guesses: Mapping[int, Guess]) -> QuizScore:
    """The score of a paper that is drawn already.

    Raises:
        UsageError: no guess, or one for a question that the paper does not have.
    """
    check_indices(paper, guesses)
    indices = tuple(sorted(guesses))
    questions = [(paper.numbers[index - 1], paper.measures[index - 1], guesses[index]) for index in indices]
    parts = tuple(_scored(*question) for question in questions)
    most, constant = quiz.MOST_POINTS * len(paper.measures), paper.constant_points
    ranged = [(measure, guess) for _, measure, guess in questions if guess.is_range]
    return QuizScore(
        say("quiz"),
        figures=(_total(parts, constant, most, is_one_answer=_is_one_answer(guesses)),),
        notes=tuple(_notes(paper, bool(ranged), constant, most)),
        details=QuizScoreDetails(
            paper=paper.id,
            most_points=most,
            questions=indices,
            constant_points=constant,
            ranges=len(ranged),
            ranges_holding=sum(measure.off(measure.span(guess)) == 0 for measure, guess in ranged),
        ),
        question=paper.asked,
        parts=parts,
    )


def check_indices(paper: Paper, guesses: Mapping[int, Guess]) -> None:
    """Refuse guesses for questions that a paper does not have, and no guess at all.

    Raises:
        UsageError: either.
    """
    most = len(paper.measures)
    for index, guess in guesses.items():
        if not 1 <= index <= most:
            raise UsageError(
                "{option}: the quiz has questions 1 to {most}",
                option=option("answers", f"{index}:{guess.text}"),
                most=most,
            )
        if not paper.measures[index - 1].takes(guess):
            raise UsageError(
                "{option}: the question asks for {unit}",
                option=option("answers", f"{index}:{guess.text}"),
                unit=paper.measures[index - 1].unit or say("a plain number"),
            )
    if not guesses:
        raise UsageError("{option:answers} needs guesses: in order (50 1.3), or by question (1:50 2:1.3)")


def _is_one_answer(guesses: Mapping[int, Guess]) -> bool:
    """Whether several questions have one and the same answer."""
    ends = {(guess.low.value, guess.high.value) for guess in guesses.values()}
    return len(guesses) > 1 and len(ends) == 1


def _total(parts: tuple[QuizQuestion, ...], constant: int, most: int, *, is_one_answer: bool) -> Figure:
    named: dict[str, Any] = {f"question_{n}": part.figure("points") for n, part in enumerate(parts, start=1)}
    inputs: dict[str, Any] = {
        "total_points": derive("question_points", "points", quiz.total_points, **named),
        "constant_points": given("constant_points", constant, "points", say("the best single answer to all")),
        "most_points": given("most_points", most, "points", say("3 for each question")),
    }
    if is_one_answer:
        del inputs["constant_points"]
    rule = quiz.quarter_points if is_one_answer else quiz.scaled_points
    return derive("total_points", "points", rule, **inputs)


def _notes(paper: Paper, has_ranges: bool, constant: int, most: int) -> list[Note]:
    kinds = {measure.row.kind for measure in paper.measures}
    sentences = [_AMOUNTS] if kinds - {"percentage"} else []
    sentences += [_PERCENTAGES] if "percentage" in kinds else []
    sentences += [_RANGES] if has_ranges else []
    if quiz.scaled_points(constant, constant, most) < constant:
        sentences.append(
            say(
                "One answer to every question could earn {n} points here; that much counts as a quarter.",
                n=constant,
            )
        )
    return [Note(sentence) for sentence in sentences]


def _scored(number: NumberEstimate, measure: Measure, guess: Guess) -> QuizQuestion:
    answer, span = asked_figure(measure.row.key, number), measure.span(guess)
    middle = (span.low * span.high) ** 0.5 if guess.is_range else span.low
    typed = option("answers", guess.text)
    return QuizQuestion(
        measure.row.key,
        figures=(
            given("guess", middle, answer.unit, typed, low=span.low, high=span.high),
            replace(answer, name="answer"),
            *(figure for figure in number.figures if figure.name in measure.row.accepts),
            *_points(measure, span, typed),
        ),
        notes=number.notes,
        details=describe(measure, guess.text),
    )


def _points(measure: Measure, span: Span, typed: str) -> tuple[Figure, Figure]:
    """How far the guess is off, and its points."""
    rule, (nearest, right) = measure.rule, measure.nearest(span)
    off = derive(
        rule.off_name,
        rule.off_unit,
        rule.off,
        guess=given("guess", nearest, "", typed),
        low=given("low", right.low, "", _RIGHT),
        high=given("high", right.high, "", _RIGHT),
    )
    if span.low == span.high:
        return off, derive("points", "points", rule.points, **_named(off))
    width = given("width", measure.width(span), rule.off_unit, typed)
    score = derive("range_score", "", quiz.range_score, width=width, off=off)
    return off, derive("points", "points", rule.range_points, range_score=score)


def _named(figure: Figure) -> dict[str, Any]:
    """A figure as the argument of a formula that knows it by its name."""
    return {figure.name: figure}
