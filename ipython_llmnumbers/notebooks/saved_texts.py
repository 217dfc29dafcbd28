"""What the saved cells of a notebook tell beside their source: the texts that they show, and their order."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..prompts_in_code.shown_text import ShownText
from .saved_answers import answers_in

_MOST_CHARS = 1_000_000


def saved_texts(cells: Sequence[Mapping[str, Any]]) -> dict[int, ShownText]:
    """What each code cell shows, by its index, and since when every cell was run once and in order."""
    found: dict[int, ShownText] = {}
    first, count = 0, None
    for index, cell in enumerate(cells):
        if cell.get("cell_type") != "code" or not as_one(cell.get("source")).strip():
            continue
        own, expected = cell.get("execution_count"), None if count is None else count + 1
        count = own if isinstance(own, int) else expected
        if count is None or count != expected:
            first = index
        outputs = cell.get("outputs")
        found[index] = replace(
            saved_text(outputs), answers=_answers(outputs), in_order_since=first, run=count or 0
        )
    return found


def _answers(outputs: Any) -> tuple[str | None, ...]:
    """The texts of the answers that a cell shows."""
    return tuple(answer for text in _shown(outputs) for answer in answers_in(text))


def _shown(outputs: Any) -> Iterator[str]:
    for output in outputs if isinstance(outputs, list) else ():
        match output:
            case {"output_type": "stream", "text": text} | {"data": {"text/plain": text}}:
                yield as_one(text)


def saved_text(outputs: Any) -> ShownText:
    """What a cell printed, and the text that it ended with; nothing of a cell with more outputs than one.

    >>> saved_text([{"output_type": "stream", "name": "stdout", "text": ["Hello ", "there"]}]).printed
    'Hello there'
    >>> saved_text([{"output_type": "execute_result", "data": {"text/plain": "'Hi'"}}]).value
    'Hi'
    """
    match outputs:
        case [{"output_type": "stream", "name": "stdout", "text": str() | list() as text}]:
            return ShownText(printed=as_one(text)[:_MOST_CHARS])
        case [{"output_type": "execute_result", "data": Mapping() as data}]:
            return ShownText(value=_text_of(as_one(data.get("text/plain"))[:_MOST_CHARS]))
    return ShownText()


def as_one(text: Any) -> str:
    """A text that a notebook may keep line by line."""
    return "".join(map(str, text)) if isinstance(text, list) else str(text or "")


def _text_of(written: str) -> str | None:
    """The text of what `repr` wrote; None of any other value."""
    try:
        value = ast.literal_eval(written)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, str) else None
