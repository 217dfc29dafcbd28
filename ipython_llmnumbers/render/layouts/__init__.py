"""One layout for each kind of estimate."""

from __future__ import annotations

from ...figures import Estimate
from ..layout import Layout
from .cost import cost
from .fit import fit
from .ledger import ledger
from .numbers import numbers
from .speed import speed
from .tokens import token_stats, tokens
from .training import training, training_cost

_LAYOUTS = {
    "cost": cost,
    "fit": fit,
    "ledger": ledger,
    "numbers": numbers,
    "speed": speed,
    "token_stats": token_stats,
    "tokens": tokens,
    "training": training,
    "training_cost": training_cost,
}


def lay_out(estimate: Estimate) -> Layout:
    """The layout of an estimate of any kind."""
    return _LAYOUTS[estimate.kind](estimate)
