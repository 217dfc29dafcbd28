"""One layout for each kind of estimate."""

from __future__ import annotations

from ...figures import Estimate
from ..layout import Layout
from .cost import cost
from .fit import fit
from .ledger import ledger
from .numbers import numbers
from .tokens import token_stats, tokens

_LAYOUTS = {
    "cost": cost,
    "fit": fit,
    "ledger": ledger,
    "numbers": numbers,
    "token_stats": token_stats,
    "tokens": tokens,
}


def lay_out(estimate: Estimate) -> Layout:
    """The layout of an estimate of any kind."""
    return _LAYOUTS[estimate.kind](estimate)
