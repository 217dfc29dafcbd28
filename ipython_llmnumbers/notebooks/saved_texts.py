"""The texts that a cell's saved outputs show."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Any

from ..prompts_in_code.shown_text import ShownText

_MOST_CHARS = 1_000_000


def saved_text(outputs: Any) -> ShownText:
    """What a cell printed, and the text that it ended with; nothing of a cell with more outputs than one.

    >>> saved_text([{"output_type": "stream", "name": "stdout", "text": ["Hello ", "there"]}])
    ShownText(printed='Hello there', value=None)
    >>> saved_text([{"output_type": "execute_result", "data": {"text/plain": "'Hi'"}}])
    ShownText(printed=None, value='Hi')
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
