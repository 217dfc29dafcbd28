"""Keep an estimate: under a name in the notebook, or in a JSON file."""

from __future__ import annotations

import builtins
import json
import re
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from ..errors import UsageError
from ..messages import shorten
from ..patterns import pattern

if TYPE_CHECKING:
    from ..figures import Estimate
    from .magic import Call

# The first key of every file that `--json` writes, by which it is known again.
_SCHEMA = {"schema": "llmnumbers.v1"}
_BEGINNING = pattern(rb'\s*\{\s*"schema": "llmnumbers\.')

# IPython's own: `_`, `__`, `_i`, `_ih`, `_1`, `_i1`; and Python's, such as `__name__`.
_RESERVED = pattern(r"_+|_i+|_[iod]h|_i?\d+|__\w+__", re.ASCII)


def export(call: Call, estimate: Estimate) -> Estimate:
    """Do what `-o` and `--json` ask for, and hand the estimate on.

    Raises:
        UsageError: no name for a variable.
        FileError: a file that cannot be written, or that somebody else wrote.
    """
    name, path = call.options.get("output"), call.options.get("json")
    if name is not None:
        _check_name(call.session.shell, name)
        call.session.shell.push({name: estimate})
    if path is not None:
        from ..files.reading import user_path
        from ..files.writing import write_text

        text = json.dumps({**_SCHEMA, **estimate.to_dict()}, ensure_ascii=False, indent=2) + "\n"
        overwrite = call.options.get("overwrite", False)
        write_text(
            user_path(path), text, is_ours=lambda old: bool(_BEGINNING.match(old)), overwrite=overwrite
        )
    return estimate


def _check_name(shell: Any, name: str) -> None:
    if not name.isidentifier() or iskeyword(name):
        raise UsageError("-o {name} is not a variable's name", name=shorten(name))
    # The shell hides what it put into the notebook itself; a user's own value under such a name is not it.
    is_shells = name in shell.user_ns_hidden and shell.user_ns.get(name) is shell.user_ns_hidden[name]
    if hasattr(builtins, name) or _RESERVED.fullmatch(name) or is_shells:
        raise UsageError(
            "-o {name} would replace what Python or the shell keeps under that name; choose another",
            name=shorten(name),
        )
