"""The texts of the answers that a cell's saved outputs show, as far as the classes of clients write them.

OpenAI's `ChatCompletionMessage(content='…')`, LangChain's `AIMessage(content='…')`, Anthropic's
`TextBlock(text='…')`, and a message of any of them as JSON or as a dict of Python.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from itertools import islice, pairwise

from ..patterns import pattern

_TEXT = r"(?P<text>'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\")"
_BEGINS = pattern(
    r"(?<![(\w])(?<!, )content=(?=[\"'])"  # an AIMessage that is printed says no name
    r"|\b(?:AIMessage|ChatCompletionMessage|CompletionMessage|AssistantMessage)\(content=(?:None|\[\])?"
    r"|\bcontent=\[(?=(?:TextBlock|ToolUseBlock|ThinkingBlock)\()"
    r"|[\"']message[\"']:\s*\{(?=\s*[\"'](?:role|content)[\"']:)"
)
_CONTENT = pattern(
    r"(?:\A|\bTextBlock\((?:citations=None, )?text=|[\"']content[\"']:\s*)" + _TEXT,
)
# Other than words: a call of a tool, the text of a thought, or several parts.
_MORE_THAN_TEXT = pattern(
    r"tool_calls[\"']?\s*[=:]\s*\[\s*[^\]\s]|function_call[\"']?\s*[=:]\s*[F{]|\b(?:ToolUse|Thinking)Block\("
)
_MOST_CHARS, _MOST_ANSWERS = 1_000_000, 1_000


def answers_in(text: str) -> tuple[str | None, ...]:
    """The text of each answer that a printed text shows, in order; None of one that is more than a text.

    >>> answers_in("AIMessage(content='Hello', id='1') AIMessage(content='', tool_calls=[{'name': 'f'}])")
    ('Hello', None)
    """
    return tuple(islice(_answers(text[:_MOST_CHARS]), _MOST_ANSWERS))


def _answers(text: str) -> Iterator[str | None]:
    begins = [(found.start(), found.end()) for found in _BEGINS.finditer(text)]
    for (_, begin), (end, _) in pairwise([*begins, (len(text), len(text))]):
        yield _only_text(text[begin:end])


def _only_text(answer: str) -> str | None:
    texts = [*islice(_CONTENT.finditer(answer), 2)]
    if len(texts) != 1 or _MORE_THAN_TEXT.search(answer):
        return None
    try:
        return str(ast.literal_eval(texts[0]["text"])) or None
    except (ValueError, SyntaxError, MemoryError):
        return None
