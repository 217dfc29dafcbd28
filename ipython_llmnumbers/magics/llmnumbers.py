"""`%llmnumbers`: the numbers every LLM developer should know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import UsageError, shorten
from .magic import Call, Magic

if TYPE_CHECKING:
    from ..figures import Estimate


def _answer(call: Call) -> Estimate:
    """The 14 numbers of the 2023 document, each recomputed from the inputs it cites."""
    from ..estimates.numbers import estimate_numbers

    if call.options.rest:
        raise UsageError(f"%llmnumbers takes no name, so not {shorten(call.options.rest)}; it shows them all")
    return estimate_numbers()


MAGIC = Magic("llmnumbers", "line", "", (), _answer)
