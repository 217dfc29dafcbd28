"""The string literals of a cell that read like prompts: found in its syntax tree, never run."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from ..probes.prompts.text import count_words

# Below this a string is a name, a key, a path or a message, not what one asks a model. Japanese
# and its like set no spaces between words: there the characters are counted.
LEAST_WORDS = 5
LEAST_UNSPACED_CHARS = 12

_DOCUMENTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def prompt_literals(tree: ast.AST) -> list[tuple[str, int]]:
    """Each literal of five words, or twelve characters of Japanese, with its parts that only a run fills in.

    A docstring is for readers. Of an f-string the fixed text counts; literals that Python joins are one.

    >>> source = "ask = f'Summarise in {n} points the text below.'; key = 'title'"
    >>> prompt_literals(ast.parse(source))
    [('Summarise in  points the text below.', 1)]
    """
    docstrings = {id(each) for each in _docstrings(tree)}
    return [
        (text, n_unknown)
        for node, text, n_unknown in _strings(tree)
        if id(node) not in docstrings and _is_long(text)
    ]


def _is_long(text: str) -> bool:
    n_words = count_words(text)
    return len(text) >= LEAST_UNSPACED_CHARS if n_words is None else n_words >= LEAST_WORDS


def _strings(node: ast.AST) -> Iterator[tuple[ast.AST, str, int]]:
    """The strings below a node, in the order of the source; an f-string's parts are not told apart."""
    if isinstance(node, ast.Constant):
        if isinstance(node.value, str):
            yield node, node.value, 0
    elif isinstance(node, ast.JoinedStr):
        fixed = [part.value for part in node.values if isinstance(part, ast.Constant)]
        yield node, "".join(map(str, fixed)), len(node.values) - len(fixed)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _strings(child)


def _docstrings(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if isinstance(node, _DOCUMENTED) and isinstance(node.body[0], ast.Expr):
            yield node.body[0].value
