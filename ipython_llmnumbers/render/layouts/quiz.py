"""A quiz: the questions with their answers folded away, then the guesses beside the answers."""

from __future__ import annotations

from ...figures import Estimate, Figure
from ..cells import value_text
from ..layout import Hidden, Layout, Table

_HOW_TO = "Answer in the next cell: %llmnumbers --quiz {quiz} --seed {seed} --answers {example}"
_ANSWER = "Answer {index}"
_SCORE = "{points} of {most} points (seed {seed})"


def quiz(estimate: Estimate) -> Layout:
    """The questions; each answer opens where the front end can fold, and is not shown elsewhere."""
    rows = tuple((str(index), part.details["question"]) for index, part in enumerate(estimate.parts, start=1))
    table = Table("Guess before you look", ("", "Question"), rows, right=frozenset())
    hidden = tuple(
        Hidden(_ANSWER.format(index=index), part.figures[:1] + _derivation(part), part.details["title"])
        for index, part in enumerate(estimate.parts, start=1)
    )
    example = " ".join(f"{index}:…" for index in range(1, len(estimate.parts) + 1))
    return Layout(
        (table,), (_HOW_TO.format(**estimate.request, example=example),), estimate.notes, hidden=hidden
    )


def quiz_score(estimate: Estimate) -> Layout:
    """One line for each guess; below, how each answer is known."""
    rows = tuple(
        (
            str(index),
            part.details["question"],
            value_text(part["guess"]),
            value_text(part["answer"]),
            _factor(part["orders_of_magnitude_off"].value),
            str(part["points"].value),
        )
        for index, part in zip(estimate.details["questions"], estimate.parts, strict=True)
    )
    score = _SCORE.format(
        points=estimate["total_points"].value,
        most=estimate.details["most_points"],
        seed=estimate.request["seed"],
    )
    header = ("", "Question", "Your guess", "Answer", "Powers of 10 off", "Points")
    table = Table(score, header, rows, right=frozenset({2, 3, 4, 5}))
    explained = tuple(figure for part in estimate.parts for figure in (part["answer"], *_derivation(part)))
    return Layout((table,), (), estimate.notes, explained)


def _factor(orders: float) -> str:
    return "0" if orders == 0 else f"{orders:.2f}"


def _derivation(part: Estimate) -> tuple[Figure, ...]:
    """What the document's answer comes to from its own inputs; an answer of today shows its own."""
    return tuple(figure for figure in part if figure.name == "recomputed")
