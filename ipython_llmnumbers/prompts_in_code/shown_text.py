"""What a cell's saved output tells: the text of a name, and of answers, that only a run knew."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from ..patterns import pattern
from ..records import dataclass
from .evaluate.texts import Text
from .evaluate.values import State, Unknown, Value

# An object or a number as Python writes it, or a single word.
_OBJECT = pattern(r"\s*+(?:[{\[<(]|[\w.]++\(|[\d.]++\s*+\Z|\w*+\s*+\Z)")
# What clients name the text of an answer: of OpenAI's and Anthropic's, of Google's, of OpenAI's Responses.
_TEXTS = ("content", "text", "output_text")


@dataclass(frozen=True, slots=True)
class ShownText:
    """All that a cell has printed, and the text that it ends with; None where there is none, or more.

    `answers` are the texts of the answers that it shows in the words of a client, None of one that is more
    than a text. `run` is its number among all runs of cells, 0 where nobody knows. From the cell
    `in_order_since` to this one each was run once, one after another; None where nobody knows.
    """

    printed: str | None = None
    value: str | None = None
    answers: tuple[str | None, ...] = ()
    run: int = 0
    in_order_since: int | None = None


def learn_from(statements: Sequence[ast.stmt], shown: ShownText, state: State) -> None:
    """Take the text of a name from the output, where the cell ends with `print(name)` or `name` alone.

    It stays as it is where the source knows it, or knows words of it that the output does not show.
    """
    if not statements or not isinstance(statements[-1], ast.Expr):
        return
    shows = _shown_expression(statements, shown)
    if shows is None:
        return
    node, text = shows
    if isinstance(node, ast.Name) and _may_be(state.name(node.id), text):
        state.bind(node.id, Text(text))


def _shown_expression(statements: Sequence[ast.stmt], shown: ShownText) -> tuple[ast.expr, str] | None:
    """What a cell ends with or prints, where it shows nothing else, and the text of it."""
    match statements[-1]:
        case ast.Expr(value=ast.Call(func=ast.Name(id="print"), args=[printed], keywords=[])):
            is_all = shown.printed is not None and _prints_once(statements)
            return (printed, (shown.printed or "").removesuffix("\n")) if is_all else None
        case ast.Expr(value=ast.Name() | ast.Attribute() | ast.Subscript() as last):
            return None if shown.value is None else (last, shown.value)
    return None


def learn_answers(
    statements: Sequence[ast.stmt], shown: ShownText, numbers: Sequence[int], state: State
) -> None:
    """Keep the texts of the answers to the prompts of these numbers, which the cell shows in this order."""
    if len(shown.answers) == len(numbers):
        for number, answer in zip(numbers, shown.answers, strict=True):
            if answer is not None:
                state.keep_answer(number, Text(answer))
    shows = _shown_expression(statements, shown) if statements and not shown.answers else None
    if shows is not None and len(numbers) == 1 and _is_text_of_an_answer(*shows):
        state.keep_answer(numbers[0], Text(shows[1]))


def _is_text_of_an_answer(node: ast.expr, text: str) -> bool:
    """Whether what is shown is the text of an answer: `answer.content`, `answer["content"]`; `answer` alone
    where its text is not that of an object or a number."""
    match node:
        case ast.Attribute(attr=name) | ast.Subscript(slice=ast.Constant(value=name)):
            return name in _TEXTS
        case ast.Name() | ast.Call():
            return not _OBJECT.match(text)
    return False


def _prints_once(statements: Sequence[ast.stmt]) -> bool:
    names = [node.id for each in statements for node in ast.walk(each) if isinstance(node, ast.Name)]
    is_hidden = any(isinstance(each, ast.For | ast.While | ast.FunctionDef) for each in statements)
    return names.count("print") == 1 and not is_hidden


def _may_be(held: Value, text: str) -> bool:
    if isinstance(held, Unknown):
        return True
    return isinstance(held, Text) and bool(held.n_unknown) and set(held.text.split()) <= set(text.split())
