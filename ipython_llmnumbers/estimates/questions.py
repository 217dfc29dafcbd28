"""Every question there is."""

from __future__ import annotations

from .classroom.question import Quiz
from .cost.question import Cost
from .memory.question import Fit
from .numbers.question import Numbers
from .question import Question
from .speed.question import Speed
from .tokens.question import Tokens
from .training.question import Train, TrainingCost

QUESTIONS: tuple[type[Question], ...] = (Tokens, Cost, Fit, Train, TrainingCost, Speed, Numbers, Quiz)
