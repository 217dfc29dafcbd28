"""Every question there is."""

from __future__ import annotations

from .corpus.question import Corpus
from .cost.question import Cost
from .memory.question import Fit
from .numbers.question import Numbers, Quiz
from .question import Question
from .speed.question import Speed
from .tokens.question import Tokens
from .training.question import Train, TrainingCost

QUESTIONS: tuple[type[Question], ...] = (Tokens, Corpus, Cost, Fit, Train, TrainingCost, Speed, Numbers, Quiz)
