"""The prompts in a notebook's cells: found by reading, never by running.

A cell is `(kind, source)` as the notebook has it. IPython's own syntax is turned into Python by the
`transform` that the caller passes, since nothing here knows IPython.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from ..messages import say
from ..patterns import pattern
from ..records import dataclass
from .evaluate.expressions import TooMuchCode
from .evaluate.values import Value
from .prompt import Prompt
from .reader import PromptReader
from .shown_text import ShownText

# Cell magics below which the cell is still Python.
PYTHON_MAGICS = {"time", "timeit", "capture", "prun", "memit", "mprun", "python", "python3", "debug"}
_SHELL_MAGICS = {"bash", "sh", "shell", "script", "zsh"}
CELL_MAGIC = pattern(r"\A\s*%%(?P<name>\w+)(?P<line>[^\n]*)\n?(?P<body>.*)\Z", re.DOTALL)
_MODEL = pattern(r"(?:^|\s)(?:-m|-{2}model)[=\s]+(?P<model>[^\s,]+)")
_RUNS = pattern(r"(?:^|\s)-{2}run(?!\S)")
_FENCE = pattern(r"(?P<fence>`{3,}+|~{3,}+)[ \t]*+(?P<info>[^\n`]*+)$")
# A fence that says nothing of its text, or that it is text; below a line that speaks of a prompt it is one.
_PLAIN_FENCES = {"", "text", "txt", "plaintext", "markdown", "md"}


@dataclass(frozen=True, slots=True)
class CellPrompts:
    """What one cell sends to a model; `problem` says why a cell could not be read.

    `shown` are the numbers of the prompts whose answers the cell shows.
    """

    index: int
    prompts: tuple[Prompt, ...] = ()
    problem: str = ""
    shown: tuple[int, ...] = ()


def find_prompts(
    cells: Sequence[tuple[str, str]],
    transform: Callable[[str], str],
    stored: dict[str, Value] | None = None,
    texts: Mapping[int, ShownText] | None = None,
) -> list[CellPrompts]:
    """The prompts of each cell that has some, and the problem of each that cannot be read, in order.

    `stored` holds what `%store` keeps for the notebooks that are read after this one, `texts` what the saved
    outputs of the cells show, by their index.

    >>> cells = [("code", "PROMPT = 'Hello there'"), ("code", "get_completion(PROMPT)")]
    >>> [(each.index, each.prompts[0].text) for each in find_prompts(cells, str)]
    [(1, 'Hello there')]
    """
    reader = PromptReader(stored)
    found: dict[int, CellPrompts] = {}
    for index, (kind, source) in enumerate(cells):
        if kind == "markdown":
            found[index] = CellPrompts(index, tuple(_fenced(source)))
        elif kind == "code":
            text = (texts or {}).get(index, ShownText())
            found[index] = _code_cell(index, source, reader, transform, text)
    for index, prompt in reader.of_what_is_not_used():
        known = found[index]
        found[index] = replace(known, prompts=(*known.prompts, prompt))
    return [each for each in found.values() if each.prompts or each.problem or each.shown]


def _code_cell(
    index: int, source: str, reader: PromptReader, transform: Callable[[str], str], shown: ShownText
) -> CellPrompts:
    magic = CELL_MAGIC.match(source)
    if magic:
        if magic["name"] in ("llmcost", "tokens") and not _RUNS.search(magic["line"]):
            model = _MODEL.search(magic["line"])
            text = magic["body"].removesuffix("\n")
            prompt = Prompt(text, f"%%{magic['name']}", model["model"] if model else None)
            return CellPrompts(index, (prompt,) if text else ())
        if magic["name"] in _SHELL_MAGICS:
            return CellPrompts(index, reader.read_shell(magic["body"], index))
        if magic["name"] not in (*PYTHON_MAGICS, "llmcost"):
            return CellPrompts(index)
        source = magic["body"]
    try:
        tree = ast.parse(transform(source))
        prompts = tuple(reader.read(tree, index, shown))
        return CellPrompts(index, prompts, shown=reader.shown())
    except TooMuchCode:
        return CellPrompts(index, reader.found_so_far(), say("more code than is followed"))
    except SyntaxError as error:
        problem = say("not Python ({reason}, line {line})", reason=error.msg, line=error.lineno)
    except (RecursionError, MemoryError):
        problem = say("nested too deeply to be read")
    except ValueError as error:
        problem = say("not Python ({reason})", reason=str(error))
    return CellPrompts(index, (), problem)


def _fenced(source: str) -> Iterator[Prompt]:
    """Fences that are called prompts, or that follow a line that speaks of one."""
    opening: re.Match[str] | None = None
    inside: list[str] = []
    line_above = ""
    for line in source.split("\n"):
        mark = _FENCE.match(line.rstrip("\r"))
        if opening is None:
            if mark:
                opening, inside = mark, []
            elif line.strip():
                line_above = line.casefold()
        elif mark and not mark["info"].strip() and mark["fence"].startswith(opening["fence"]):
            info = opening["info"].strip().casefold()
            if info.startswith("prompt") or (info in _PLAIN_FENCES and "prompt" in line_above):
                yield Prompt("\n".join(inside), "Markdown")
            opening, line_above = None, ""
        else:
            inside.append(line)
