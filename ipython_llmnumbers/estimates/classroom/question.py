"""Some of the numbers as questions."""

from __future__ import annotations

from ...catalog import limits
from ...catalog.classroom.quiz import quiz_rows
from ...messages import say
from ...records import dataclass
from .. import kinds
from ..question import Question, parameter
from .details import QuizEstimate

DEFAULT_QUESTIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiz(Question):
    """Some of the numbers as questions, drawn at random."""

    function = ""

    quiz: int = parameter(
        kinds.Whole(len(quiz_rows())),
        say("guess before you look; default: 5 questions"),
        DEFAULT_QUESTIONS,
        metavar="N",
        unit="questions",
    )
    seed: int = parameter(
        kinds.Whole(limits.QUIZ_SEED, least=0), say("draw the same questions again"), metavar="S"
    )

    def answer(self) -> QuizEstimate:
        from .quiz import make_quiz

        return make_quiz(self.quiz, self.seed)
