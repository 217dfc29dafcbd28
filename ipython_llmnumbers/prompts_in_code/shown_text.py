"""What a cell's saved output tells of a name that it prints: the text that only a run knew."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..records import dataclass
from .evaluate.texts import Text
from .evaluate.values import State, Unknown, Value


@dataclass(frozen=True, slots=True)
class ShownText:
    """All that a cell has printed, and the text that it ends with; None where there is none, or more."""

    printed: str | None = None
    value: str | None = None


def learn_from(statements: Sequence[ast.stmt], shown: ShownText, state: State) -> None:
    """Take the text of a name from the output, where the cell ends with `print(name)` or `name` alone.

    It stays as it is where the source knows it, or knows words of it that the output does not show.
    """
    if not statements or not isinstance(statements[-1], ast.Expr):
        return
    match statements[-1].value:
        case ast.Name(id=name) if shown.value is not None:
            text = shown.value
        case ast.Call(func=ast.Name(id="print"), args=[ast.Name(id=name)], keywords=[]) if (
            shown.printed is not None and _prints_once(statements)
        ):
            text = shown.printed.removesuffix("\n")
        case _:
            return
    if _may_be(state.name(name), text):
        state.bind(name, Text(text))


def _prints_once(statements: Sequence[ast.stmt]) -> bool:
    calls = [node for each in statements for node in ast.walk(each) if isinstance(node, ast.Call)]
    return len(calls) == 1


def _may_be(held: Value, text: str) -> bool:
    if isinstance(held, Unknown):
        return True
    return isinstance(held, Text) and bool(held.n_unknown) and set(held.text.split()) <= set(text.split())
