"""Every question there is."""

from __future__ import annotations

from .choices.question import FittingGpus, FittingModels
from .classroom.question import Quiz
from .corpus.question import Corpus
from .cost.question import Cost
from .loaded.question import Corrections, Loaded
from .memory.question import Fit
from .numbers.question import Numbers
from .question import Question
from .speed.question import Speed
from .tokens.question import Tokens
from .training.question import Train, TrainingCost

QUESTIONS: tuple[type[Question], ...] = (
    *(Tokens, Corpus, Cost),
    *(Fit, Train, TrainingCost, Speed),
    *(FittingModels, FittingGpus, Loaded, Corrections),
    *(Numbers, Quiz),
)
