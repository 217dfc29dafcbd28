"""The magics of a cell that have a live line, read as IPython reads them; nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

LIVE_MAGICS = ("llmcost", "tokens", "gpufit")

_NAMES = "|".join(LIVE_MAGICS)
# What may be such a magic at the beginning of a line, or be assigned there: for every keystroke.
_MAY_BE_LIVE = re.compile(rf"^[ \t]*+(?:[\w.\[\], \t]++=[ \t]*+)?%%?(?:{_NAMES})(?!\w)", re.MULTILINE)
# IPython splits a magic's name from its line at the first space, and only there.
_CELL_MAGIC = re.compile(r"(?:[^\S\n]*+\n)*+%%(?P<name>\w+)(?: (?P<line>[^\n]*)|[^\S\n]*)(?:\n|\Z)")
# How IPython writes a line magic in Python: with the repr of its words.
_TEXT = r"'(?:[^'\\]|\\.)*+'|\"(?:[^\"\\]|\\.)*+\""
_CALL = re.compile(rf"get_ipython\(\)\.run_line_magic\('(?P<name>\w+)', (?P<line>{_TEXT})\)")
_WORD = re.compile(r"[^\W\d]\w*")
# The options that keep an estimate under a name: it is set by the cell, too.
_KEEPS = re.compile(r"(?:^|\s)(?:-o|-{2}output)[=\s]\s*([^\W\d]\w*)")
_SETTINGS = "LLMNumbers"


@dataclass(frozen=True, slots=True)
class Use:
    """One magic of a cell: its name, the words behind it, and the cell below it where it takes one."""

    name: str
    line: str
    body: str | None = None


@dataclass(frozen=True, slots=True)
class Uses:
    """The magics of a cell, in order, and what the code around them may change before they run."""

    magics: tuple[Use, ...] = ()
    touched: frozenset[str] = frozenset()

    @property
    def change_settings(self) -> bool:
        """Whether the cell may set our defaults, as `%config LLMNumbers.model = …` does."""
        return _SETTINGS in self.touched


def may_be_live(cell: str) -> bool:
    """Whether a cell may have a live line: cheap enough for every keystroke.

    >>> may_be_live("# a note\\nx = %llmcost hello"), may_be_live("print(1)")
    (True, False)
    """
    return "%" in cell and _MAY_BE_LIVE.search(cell) is not None


def uses_in(cell: str) -> Uses:
    """The magics of a cell, as IPython would call them.

    >>> [(each.name, each.line) for each in uses_in("x = 1\\ny = %tokens two  spaces").magics]
    [('tokens', 'two  spaces')]
    >>> uses_in("\\n%%llmcost -m gpt-4o\\nhello").magics[0].body
    'hello'
    """
    from ..prompts_in_code.find_prompts import PYTHON_MAGICS

    found = _CELL_MAGIC.match(cell)
    if found is None and cell[:1].isspace():
        cell = _without_indent(cell)
        found = _CELL_MAGIC.match(cell)
    if found is None:
        return _line_magics(cell)
    if found["name"] in LIVE_MAGICS:
        return Uses((Use(found["name"], (found["line"] or "").rstrip(), cell[found.end() :]),))
    return _line_magics(cell[found.end() :]) if found["name"] in PYTHON_MAGICS else Uses()


def _without_indent(cell: str) -> str:
    """The cell less the empty lines and the indent that it begins with, as IPython takes them away."""
    from IPython.core.inputtransformer2 import leading_empty_lines, leading_indent

    return "".join(leading_indent(leading_empty_lines(cell.splitlines(keepends=True))))


def _line_magics(cell: str) -> Uses:
    if not may_be_live(cell):
        return Uses()
    from IPython.core.inputtransformer2 import TransformerManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # IPython's, on a line that ends in no way that it knows
        try:
            code: str = TransformerManager().transform_cell(cell)
        except SyntaxError:  # a line is not finished yet
            return Uses()
    calls = [(each["name"], str(ast.literal_eval(each["line"]))) for each in _CALL.finditer(code)]
    magics = tuple(Use(name, line.rstrip()) for name, line in calls if name in LIVE_MAGICS)
    others = " ".join(line for name, line in calls if name not in LIVE_MAGICS)
    kept = {name for use in magics for name in _KEEPS.findall(use.line)}
    # Of other magics every word: `%store -r prompt` sets one.
    return Uses(magics, frozenset(_names(_CALL.sub("_", code)) | kept | set(_WORD.findall(others))))


def _names(code: str) -> set[str]:
    """The names in some code, whatever is done with them: a list may be changed where it is only read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Python's, on odd literals
            tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return set(_WORD.findall(code))
    found: set[str] = set()
    for node in ast.walk(tree):
        for field in ("id", "name", "asname", "arg", "rest"):
            name = getattr(node, field, None)
            if isinstance(name, str):
                found.add(name.partition(".")[0])
        if isinstance(node, ast.Global | ast.Nonlocal):
            found.update(node.names)
        if isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found
