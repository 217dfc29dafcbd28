"""`%%llmcost`: what a prompt costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .magic import Call, Magic
from .options import Option, whole_number
from .shared import MODELS, VARIABLE

if TYPE_CHECKING:
    from ..figures import Estimate


def _answer(call: Call) -> Estimate:
    """Estimate what a prompt costs before it is sent. It is counted here and sent nowhere.

    The prompt is the cell below the first line, or the text on the line, or a variable.
    """
    from ..estimates.cost import compare_costs

    models = call.options.get("model", call.settings.model).split(",")
    return compare_costs(
        call.text(), models, output_tokens=call.options.get("out"), calls=call.options.get("calls", 1)
    )


MAGIC = Magic(
    "llmcost",
    "line_cell",
    "[TEXT]",
    (
        MODELS,
        Option(
            ("--out",),
            "tokens that the model will answer with; without it only the input is priced",
            "TOKENS",
            whole_number,
        ),
        Option(("--calls",), "how often the prompt is sent; default: 1", "N", whole_number),
        VARIABLE,
    ),
    _answer,
)
