"""One layout for each kind of estimate."""

from __future__ import annotations

from ...figures import Estimate
from ..layout import Layout
from .cost import cost
from .fit import fit
from .numbers import numbers
from .speed import speed
from .tokens import tokens
from .training import training, training_cost

_LAYOUTS = {
    "cost": cost,
    "fit": fit,
    "numbers": numbers,
    "speed": speed,
    "tokens": tokens,
    "training": training,
    "training_cost": training_cost,
}


def lay_out(estimate: Estimate) -> Layout:
    """The layout of an estimate of any kind."""
    return _LAYOUTS[estimate.kind](estimate)
