"""Keep an estimate: under a name in the notebook, or in a JSON file."""

from __future__ import annotations

import json
from keyword import iskeyword
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..messages import shorten

if TYPE_CHECKING:
    from ..figures import Estimate
    from .magic import Call


def export(call: Call, estimate: Estimate) -> Estimate:
    """Do what `-o` and `--json` ask for, and hand the estimate on.

    Raises:
        UsageError: no name for a variable, or a file that cannot be written.
    """
    name, path = call.options.get("output"), call.options.get("json")
    if name is not None:
        if not name.isidentifier() or iskeyword(name):
            raise UsageError("-o {name} is not a variable's name", name=shorten(name))
        call.session.shell.push({name: estimate})
    if path is not None:
        try:
            text = json.dumps(estimate.to_dict(), ensure_ascii=False, indent=2)
            Path(path).expanduser().write_text(text + "\n", encoding="utf-8")
        except (OSError, ValueError, RuntimeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise UsageError(
                "--json {path} cannot be written: {reason}", path=shorten(path), reason=reason
            ) from None
    return estimate
