"""`%tokens` and `%%tokens`: how many tokens a text is, and where the cuts are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .magic import Call, Magic
from .shared import MODEL, VARIABLE

if TYPE_CHECKING:
    from ..figures import Estimate


def _answer(call: Call) -> Estimate:
    """Count a text's tokens as a model would, and show each of them.

    The text is the cell below the first line, or the text on the line, or a variable.
    """
    from ..estimates.tokens import estimate_tokens

    return estimate_tokens(call.text(), call.options.get("model", call.settings.model))


MAGIC = Magic("tokens", "line_cell", "[TEXT]", (MODEL, VARIABLE), _answer)
