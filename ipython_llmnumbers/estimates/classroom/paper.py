"""A paper: the questions that a seed draws, and how each is scored.

Each question has a place of its own for each seed, by a hash of both: a question that is added displaces one
at most, and a number that is no question displaces none.
"""

from __future__ import annotations

import hashlib

from ...catalog.classroom.quiz import quiz_rows
from ...catalog.numbers_2023 import number_text
from ...errors import UsageError
from ...messages import option, say
from ...records import dataclass
from ..numbers.details import NumberEstimate
from ..numbers.estimate import estimate_number
from .details import QuizDetails, QuizEstimate, QuizQuestion, QuizQuestionDetails
from .question import Quiz
from .scale import Measure, best_constant_points

# Crockford's: no I, L, O and U, which are read as something else.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_CHARS = 4


@dataclass(frozen=True, slots=True)
class Paper:
    """The questions of a quiz with their numbers, each with what is right."""

    asked: Quiz
    numbers: tuple[NumberEstimate, ...]
    measures: tuple[Measure, ...]

    @property
    def id(self) -> str:
        """Four characters of the questions and of what is right, to two digits."""
        right = "/".join(
            ",".join([measure.row.key, *(f"{span.low:.1e}~{span.high:.1e}" for span in measure.right)])
            for measure in self.measures
        )
        number = int.from_bytes(hashlib.sha256(right.encode()).digest()[:4], "big")
        return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(_ID_CHARS)))

    @property
    def constant_points(self) -> int:
        """What the best single answer to every question earns."""
        return best_constant_points(self.measures)

    def quiz(self) -> QuizEstimate:
        """The questions without their answers."""
        return QuizEstimate(
            say("quiz"),
            details=QuizDetails(paper=self.id),
            question=self.asked,
            parts=tuple(
                QuizQuestion(measure.row.key, details=describe(measure)) for measure in self.measures
            ),
        )

    def check(self, paper_id: str) -> None:
        """Refuse the id of another paper.

        Raises:
            UsageError: it is not this one's.
        """
        if paper_id.strip().upper() != self.id:
            raise UsageError(
                "{option}: here {quiz} with {seed} is paper {paper}; use the same version of this extension"
                " in the whole class: another one has other questions or answers",
                option=option("paper", paper_id),
                quiz=option("quiz", self.asked.quiz),
                seed=option("seed", self.asked.seed),
                paper=self.id,
            )


def describe(measure: Measure, guess: str | None = None) -> QuizQuestionDetails:
    """The question in words, its unit, and the guess as it was typed."""
    question = number_text(measure.row.key)["question"]
    return QuizQuestionDetails(question=question, unit=measure.unit, guess=guess, unit_size=measure.factor)


def draw_paper(n_questions: int, seed: int) -> Paper:
    """The paper of a seed: the same whatever else the tables hold.

    Raises:
        UsageError: more questions than there are, or a seed out of range.

    >>> draw_paper(2, 1).id == draw_paper(2, 1).id
    True
    """
    asked = Quiz(quiz=n_questions, seed=seed)
    rows = sorted(quiz_rows().values(), key=lambda row: _place(seed, row.key))[: asked.quiz]
    numbers = tuple(estimate_number(row.key) for row in rows)
    measures = tuple(Measure.of(row, number) for row, number in zip(rows, numbers, strict=True))
    return Paper(asked, numbers, measures)


def _place(seed: int, key: str) -> bytes:
    return hashlib.sha256(f"{seed}:{key}".encode()).digest()
