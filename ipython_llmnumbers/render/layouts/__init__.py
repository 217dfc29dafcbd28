"""One layout for each kind of estimate."""

from __future__ import annotations

from ...figures import Estimate
from ..layout import Layout
from .annotation import annotation, prompts
from .cost import cost
from .fit import fit
from .numbers import number, numbers
from .quiz import quiz, quiz_score
from .tokens import tokens

_LAYOUTS = {
    "annotation": annotation,
    "prompts": prompts,
    "cost": cost,
    "fit": fit,
    "number": number,
    "numbers": numbers,
    "quiz": quiz,
    "quiz_score": quiz_score,
    "tokens": tokens,
}


def lay_out(estimate: Estimate) -> Layout:
    """The layout of an estimate of any kind."""
    return _LAYOUTS[estimate.kind](estimate)
