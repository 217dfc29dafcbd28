"""What the prompts of one cell cost: those that its calls send, else the literals that read like prompts."""

from __future__ import annotations

import ast
from collections.abc import Callable

from ..estimates.answer_lengths import RecordedAnswers
from ..estimates.cost.notebook_details import CellEstimate
from ..messages import say
from ..prompts_in_code.find_prompts import CELL_MAGIC, PYTHON_MAGICS, CellPrompts, find_prompts
from ..prompts_in_code.literals import prompt_literals
from ..prompts_in_code.prompt import Prompt
from .pricing import estimate_cell

# Jupyter AI's magic: the cell below it is the prompt.
_AI_MAGIC = "ai"


def cell_prompts(
    source: str,
    model: str,
    transform: Callable[[str], str],
    output_tokens: int | tuple[int, int] | None = None,
    answers: Callable[[str], RecordedAnswers | None] = lambda _: None,
) -> CellEstimate | None:
    """The estimate of kind `prompts`; None where the cell holds no prompt.

    Args:
        source: the cell as it was written; it is read, never run.
        model: for prompts beside which no model stands.
        transform: turns IPython's syntax into Python.
        output_tokens: of each answer; without it only the input is priced.
        answers: those that were recorded of a prompt, by its text; they count where `output_tokens` is None.

    >>> estimate = cell_prompts("ask = 'Summarise the article in three points.'", "gpt-4o", str)
    >>> estimate["input_tokens"].value
    9
    >>> cell_prompts("total = 1 + 1", "gpt-4o", str) is None
    True
    """
    prompts = prompts_of_cell(source, transform)
    found = CellPrompts(0, tuple(prompts))
    if not prompts:
        return None
    return estimate_cell(found, model, output_tokens=output_tokens, answers=answers)


def prompts_of_cell(source: str, transform: Callable[[str], str]) -> list[Prompt]:
    """The prompts that the estimate has, in its order.

    >>> [each.text for each in prompts_of_cell("ask = 'Summarise the article in three points.'", str)]
    ['Summarise the article in three points.']
    """
    return [each for each in _prompts(source, transform) if each.text.strip()]


def _prompts(source: str, transform: Callable[[str], str]) -> list[Prompt]:
    magic = CELL_MAGIC.match(source)
    if magic and magic["name"] == _AI_MAGIC:
        return [Prompt(magic["body"].removesuffix("\n"), "%%ai")]
    sent = [prompt for each in find_prompts([("code", source)], transform) for prompt in each.prompts]
    if sent or (magic and magic["name"] not in PYTHON_MAGICS):
        return sent
    try:
        tree = ast.parse(transform(magic["body"] if magic else source))
        return [Prompt(text, say("a string literal"), None, n) for text, n in prompt_literals(tree)]
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
