"""Every question there is."""

from __future__ import annotations

from collections.abc import Iterator

from .question import Question


def questions() -> Iterator[type[Question]]:
    """One after the other, each imported when it is its turn: who looks for one need not load them all."""
    from .tokens.question import Tokens

    yield Tokens
    from .corpus.question import Corpus

    yield Corpus
    from .cost.question import Cost

    yield Cost
    from .memory.question import Fit

    yield Fit
    from .training.question import Train, TrainingCost

    yield from (Train, TrainingCost)
    from .speed.question import Speed

    yield Speed
    from .choices.question import FittingGpus, FittingModels

    yield from (FittingModels, FittingGpus)
    from .loaded.question import Corrections, Loaded

    yield from (Loaded, Corrections)
    from .numbers.question import Numbers

    yield Numbers
    from .classroom.question import Quiz

    yield Quiz
