"""Show an estimate once wherever its magic stands: in a loop, between others, in a file that is run.

The shell shows only the value of a cell's last expression, and in a silent run none. So the magic looks at
what its caller does next with the value: whether it throws it away, shows it, or keeps it.
"""

from __future__ import annotations

import dis
import sys
from functools import lru_cache
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Literal, TypeVar

if TYPE_CHECKING:
    from ..figures import Estimate

_E = TypeVar("_E", bound="Estimate")
Fate = Literal["dropped", "shown", "kept"]

# Between a cell and a magic's function stand only the shell's own frames.
_SHELL = "IPython.core.interactiveshell"
# `%timeit` calls its statement many times, and shows none of their values.
_TIMEIT = "<magic-timeit>"
# Python 3.11's instruction of an interactive statement, and its name since 3.12.
_SHOWS = ("PRINT_EXPR", "INTRINSIC_PRINT")


def shown_once(estimate: _E) -> _E | None:
    """The estimate, for a caller that shows or keeps it; displayed, and None, for one that drops it."""
    if _fate(_caller()) != "dropped":
        return estimate
    from IPython.display import display

    display(estimate)
    return None


def _caller() -> FrameType | None:
    """The frame of the cell, function or file that calls the magic."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").startswith(__package__):
        frame = frame.f_back
    while frame is not None and frame.f_globals.get("__name__") == _SHELL:
        frame = frame.f_back
    return frame


def _fate(frame: FrameType | None) -> Fate:
    if frame is None or frame.f_code.co_filename == _TIMEIT:
        return "kept"
    return _next_step(frame.f_code, frame.f_lasti)


@lru_cache(maxsize=256)
def _next_step(code: CodeType, at: int) -> Fate:
    """What the code does with the value of the call at that instruction; what is not known keeps it."""
    for step in dis.get_instructions(code):
        if step.offset <= at or step.opname in ("CACHE", "NOP", "EXTENDED_ARG"):
            continue
        if step.opname == "POP_TOP":
            return "dropped"
        return "shown" if _SHOWS[0] == step.opname or _SHOWS[1] in step.argrepr else "kept"
    return "kept"
