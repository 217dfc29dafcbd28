"""A quiz: the questions with their answers folded away, then the guesses beside the answers."""

from __future__ import annotations

from ...estimates.numbers.details import QuizEstimate, QuizQuestion, QuizScore
from ...figures import Figure
from ...messages import said, tell
from ..figure_text import value_text
from ..labels import label
from ..layout import Answer, Hidden, Layout, Table


def quiz(estimate: QuizEstimate) -> Layout:
    """The questions; each answer opens where the front end can fold, and is not shown elsewhere."""
    rows = tuple(
        (str(index), said(part.details.question)) for index, part in enumerate(estimate.parts, start=1)
    )
    table = Table("", ("", label("question")), rows, right=frozenset())
    hidden = tuple(
        Hidden(
            tell("Answer {index}", index=index),
            part.figures[:1] + _derivation(part),
            said(part.details.title),
        )
        for index, part in enumerate(estimate.parts, start=1)
    )
    example = " ".join(f"{index}:…" for index in range(1, len(estimate.parts) + 1))
    how_to = tell(
        "Answer in the next cell: %llmnumbers {option:quiz={quiz}} {option:seed={seed}}"
        " {option:answers={example}}",
        quiz=estimate.request["quiz"],
        seed=estimate.request["seed"],
        example=example,
    )
    answer, lines = Answer(tell("Guess before you look")), (how_to,)
    return Layout((table,), lines, estimate.notes, hidden=hidden, answer=answer, asked=lines)


def quiz_score(estimate: QuizScore) -> Layout:
    """One line for each guess; below, how each answer is known."""
    rows = tuple(
        (
            str(index),
            said(part.details.question),
            value_text(part["guess"]),
            value_text(part["answer"]),
            _factor(part["orders_of_magnitude_off"].value),
            str(part["points"].value),
        )
        for index, part in zip(estimate.details.questions, estimate.parts, strict=True)
    )
    total, most = estimate["total_points"].value, estimate.details.most_points
    answer = Answer(
        tell("{points} of {most} points", points=total, most=most),
        tell("quiz {seed}", seed=estimate.request["seed"]),
    )
    guess, off = tell("Your guess"), tell("Powers of 10 off")
    header = ("", label("question"), guess, label("answer"), off, label("points"))
    table = Table("", header, rows, right=frozenset({2, 3, 4, 5}))
    explained = tuple(figure for part in estimate.parts for figure in (part["answer"], *_derivation(part)))
    return Layout((table,), (), estimate.notes, explained, answer=answer)


def _factor(orders: float) -> str:
    return "0" if orders == 0 else f"{orders:.2f}"


def _derivation(part: QuizQuestion) -> tuple[Figure, ...]:
    """`recomputed`: what the document's answer comes to from its inputs; an answer of today shows its own."""
    return tuple(figure for figure in part.figures if figure.name == "recomputed")
