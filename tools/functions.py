"""Write `ipython_llmnumbers/functions.py`: the functions that ask the questions, from their declarations.

python tools/functions.py           # write it anew
python tools/functions.py --check   # say whether it is as it would be written
"""

from __future__ import annotations

import inspect
import subprocess
import sys
import textwrap
from dataclasses import MISSING
from pathlib import Path

from ipython_llmnumbers.estimates.question import Parameter, Question
from ipython_llmnumbers.estimates.questions import QUESTIONS
from ipython_llmnumbers.messages import said

ROOT = Path(__file__).resolve().parent.parent
PATH = ROOT / "ipython_llmnumbers" / "functions.py"
WIDTH = 100
HEAD = '''"""The questions as functions; written by `tools/functions.py` from `estimates/*/question.py`.

Everything heavy is imported when a question is first asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from decimal import Decimal

    from .figures import Estimate
'''
# What may be given without its name, besides the subject.
POSITIONAL = {"model", "text", "prompt", "name"}


def function_of(question: type[Question]) -> str:
    """The source of the function that asks a question."""
    parameters = question.parameters()
    extra = "inputs" if "inputs" in parameters else ""
    by_place = [name for name in parameters if name in POSITIONAL]
    by_name = [name for name in parameters if name not in POSITIONAL and name != extra]
    signature = [_declared(name, parameters[name]) for name in by_place]
    signature += ["*", *(_declared(name, parameters[name]) for name in by_name)] if by_name else []
    given = [f"{name}={name}" for name in (*by_place, *by_name)]
    if extra:
        signature.append(f"**{extra}: {parameters[extra].kind.annotation}")
        given.append(f"{extra}={extra}")
    module = question.__module__.removeprefix("ipython_llmnumbers")
    asked = f"{question.__name__}.of({', '.join(given)})"
    body = f"from {module} import {question.__name__}\n\nreturn {asked}.answer()"
    return (
        f"def {question.function}({', '.join(signature)}) -> Estimate:\n"
        + textwrap.indent(f'"""{_documentation(question)}\n"""\n{body}', "    ")
        + "\n"
    )


def _declared(name: str, parameter: Parameter) -> str:
    annotation = parameter.kind.annotation
    if parameter.default is MISSING:
        return f"{name}: {annotation}"
    if parameter.default is None and annotation != "Any":
        annotation += " | None"
    return f"{name}: {annotation} = {parameter.default!r}"


def _documentation(question: type[Question]) -> str:
    """The question's own docstring, with its parameters."""
    about, _, rest = inspect.cleandoc(question.__doc__ or "").partition("\nReturns:")
    lines = ["Args:"]
    for name, parameter in question.parameters().items():
        unit = f" ({parameter.unit})" if parameter.unit and parameter.unit not in said(parameter.help) else ""
        text = f"{name}: {said(parameter.help)}{unit}."
        lines += textwrap.wrap(text, WIDTH - 8, initial_indent="    ", subsequent_indent="        ")
    return "\n".join([about.rstrip(), "", *lines, "", "Returns:" + rest])


def written() -> str:
    """The whole module, as ruff formats it."""
    functions = [function_of(question) for question in QUESTIONS if question.function]
    source = "\n\n".join([HEAD, *functions])
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(PATH), "-"]
    return subprocess.run(command, input=source, capture_output=True, text=True, check=True, cwd=ROOT).stdout


def main() -> int:
    if "--check" in sys.argv:
        return int(PATH.read_text("utf-8") != written())
    PATH.write_text(written(), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
