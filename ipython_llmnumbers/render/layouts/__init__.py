"""One layout for each kind of estimate."""

from __future__ import annotations

from ...figures import Estimate
from ..layout import Layout
from .annotation import annotation, prompts
from .cost import cost
from .fit import fit
from .ledger import ledger
from .numbers import number, numbers
from .quiz import quiz, quiz_score
from .tokens import token_stats, tokens

_LAYOUTS = {
    "annotation": annotation,
    "prompts": prompts,
    "cost": cost,
    "fit": fit,
    "ledger": ledger,
    "number": number,
    "numbers": numbers,
    "quiz": quiz,
    "quiz_score": quiz_score,
    "token_stats": token_stats,
    "tokens": tokens,
}


def lay_out(estimate: Estimate) -> Layout:
    """The layout of an estimate of any kind."""
    return _LAYOUTS[estimate.kind](estimate)
