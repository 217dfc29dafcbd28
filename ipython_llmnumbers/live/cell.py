"""The magics of a cell that have a live line, read as IPython reads them; nothing is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import field, replace

from ..patterns import pattern
from ..records import dataclass

LIVE_MAGICS = ("llmcost", "tokens", "gpufit")
# In `Around.bound`: every name may be set.
ANY_NAME = "*"

_NAMES = "|".join(LIVE_MAGICS)
# What may be such a magic: at the beginning of a line, behind `=`, or behind `%time`. It is asked at every
# keystroke. The page has the same pattern (`labextension/static/cells.js`).
_MAY_BE_LIVE = pattern(
    rf"^(?:[^=%#\n]*+=)?[ \t]*+(?:%\w++[ \t]++)?%%?(?:{_NAMES})(?!\w)", re.MULTILINE | re.ASCII
)
# IPython splits a magic's name from its line at the first space, and only there.
_CELL_MAGIC = pattern(r"(?:[^\S\n]*+\n)*+%%(?P<name>\w++)(?: (?P<line>[^\n]*+)|[^\S\n]*+)(?:\n|\Z)")
# A cell magic below a comment is none: IPython looks for it in the first line that is not empty.
_BELOW_COMMENT = pattern(r"(?:[^\S\n]*+(?:#[^\n]*+)?\n)+?(?P<magic>%%(?:llmcost|tokens))(?!\w)")
# IPython reads a cell anew for each such line of it: 600 take it seven seconds.
MOST_ESCAPED_LINES = 100
_ESCAPED_LINE = pattern(r"^[ \t]*+[%!]", re.MULTILINE)
_WORD = pattern(r"[^\W\d]\w*+")
# The options that keep an estimate under a name.
_KEEPS = pattern(r"(?:^|\s)(?:-o|--output)(?:=|\s+)([^\W\d]\w*+)")
_SETTINGS = "LLMNumbers"
# Line magics that run other code or bring variables back, and what code may set any variable with.
_SETTERS = {"run", "store", "reset", "reset_selective", "xdel", "pylab", "exec", "globals", "locals", "vars"}
_COMPOUND = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)
_DEFINITION = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True, slots=True)
class Around:
    """What the cell does before a magic of it runs: the names it sets, those it mentions, our settings.

    `settings` are those that `%config LLMNumbers.… = "…"` sets; None where it cannot be told to what.
    """

    bound: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    settings: Mapping[str, str] | None = field(default_factory=dict)

    def binds(self, name: str) -> bool:
        """Whether the cell may set a variable of that name before."""
        return name in self.bound or ANY_NAME in self.bound

    def then(self, other: Around) -> Around:
        """This, and the other behind it."""
        known = self.settings is not None and other.settings is not None
        settings = {**(self.settings or {}), **(other.settings or {})} if known else None
        return Around(self.bound | other.bound, self.named | other.named, settings)


@dataclass(frozen=True, slots=True)
class Use:
    """One magic of a cell: its name, the words behind it, the cell below it where it takes one.

    `misplaced` is a cell magic that IPython does not see, as it is written.
    """

    name: str
    line: str = ""
    body: str | None = None
    around: Around = Around()
    misplaced: str = ""


def may_be_live(cell: str) -> bool:
    """Whether a cell may have a live line: cheap enough for every keystroke.

    >>> may_be_live("# a note\\nx = %llmcost hello"), may_be_live("print(1)")
    (True, False)
    """
    return "%" in cell and _MAY_BE_LIVE.search(cell) is not None


def uses_in(cell: str) -> tuple[Use, ...]:
    """The magics of a cell in order, as IPython would call them.

    >>> [(each.name, each.line) for each in uses_in("x = 1\\ny = %tokens two  spaces")]
    [('tokens', 'two  spaces')]
    >>> uses_in("\\n%%llmcost -m gpt-4o\\nhello")[0].body
    'hello'
    """
    from ..prompts_in_code.find_prompts import PYTHON_MAGICS

    if not may_be_live(cell):
        return ()
    found = _CELL_MAGIC.match(cell)
    if found is None and cell[:1].isspace():
        cell = _without_indent(cell)
        found = _CELL_MAGIC.match(cell)
    if found is None:
        below = _BELOW_COMMENT.match(cell)
        return (Use(below["magic"].lstrip("%"), misplaced=below["magic"]),) if below else _line_magics(cell)
    if found["name"] in LIVE_MAGICS:
        return (Use(found["name"], (found["line"] or "").rstrip(), cell[found.end() :]),)
    return _line_magics(cell[found.end() :]) if found["name"] in PYTHON_MAGICS else ()


def _without_indent(cell: str) -> str:
    """The cell less the empty lines and the indent that it begins with, as IPython takes them away."""
    from IPython.core.inputtransformer2 import leading_empty_lines, leading_indent

    return "".join(leading_indent(leading_empty_lines(cell.splitlines(keepends=True))))


def _line_magics(cell: str) -> tuple[Use, ...]:
    if not may_be_live(cell) or len(_ESCAPED_LINE.findall(cell)) > MOST_ESCAPED_LINES:
        return ()
    from ..notebooks.ipython_syntax import as_python

    try:
        code = as_python(cell)
    except (SyntaxError, RuntimeError):
        return ()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's, on odd literals
        try:
            tree = ast.parse(code)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return tuple(_in_broken(code))
    return tuple(_in_order(tree))


def _in_broken(code: str) -> Iterator[Use]:
    """The magics of code that is no Python yet: those in whole lines, and what is around may set anything."""
    anything = Around(frozenset({ANY_NAME}), settings=None if _SETTINGS in code else {})
    for line in code.splitlines():
        if "run_line_magic" not in line:
            continue
        try:
            tree = ast.parse(line.strip())
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for use in _in_order(tree):
            yield replace(use, around=anything)


def _in_order(tree: ast.Module) -> Iterator[Use]:
    """The magics, each with what the statements above it do; in a loop or a function, with all in it."""
    statements = [(statement, _effects(statement)) for statement in tree.body]
    everything = Around()
    for _, effects in statements:
        everything = everything.then(effects)
    before = Around()
    for statement, effects in statements:
        if isinstance(statement, _DEFINITION):
            around = everything
        else:
            around = before.then(effects) if isinstance(statement, _COMPOUND) else before
        for name, line in _magics(statement):
            if name in LIVE_MAGICS:
                yield Use(name, line, around=around)
        before = before.then(effects)


def _magics(statement: ast.stmt) -> list[tuple[str, str]]:
    """The line magics in a statement, in the order of the lines: the name and the words of each."""
    found: list[tuple[int, int, str, str]] = []
    for node in ast.walk(statement):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="run_line_magic"),
                args=[ast.Constant(value=str(name)), ast.Constant(value=str(line))],
            ):
                found.append((node.lineno, node.col_offset, name, line.rstrip()))
    return [magic for *_, name, line in sorted(found) for magic in _unwrapped(name, line)]


def _unwrapped(name: str, line: str) -> Iterator[tuple[str, str]]:
    """The magic, and the one that it runs if it is `%time`."""
    from ..prompts_in_code.find_prompts import PYTHON_MAGICS

    yield name, line
    if name in PYTHON_MAGICS and line.startswith("%"):
        inner, _, words = line.lstrip("%").partition(" ")
        yield inner, words.lstrip()


def _effects(statement: ast.stmt) -> Around:
    """What a statement may set and what it mentions, itself or where what it defines is called."""
    bound, named = set(_bound(statement)), set(_named(statement))
    settings: dict[str, str] | None = {}
    for name, line in _magics(statement):
        if name == "config" and line.startswith(_SETTINGS):
            setting = _setting(line) if isinstance(statement, ast.Expr) else None
            settings = {**settings, **setting} if settings is not None and setting is not None else None
        elif name in LIVE_MAGICS:
            bound.update(_KEEPS.findall(line))
        else:  # such as `%env`, which may put its words anywhere
            bound.update((name, *_WORD.findall(line)))
    if (bound | named) & _SETTERS:
        bound.add(ANY_NAME)
    if _SETTINGS in named:
        settings = None
    return Around(frozenset(bound), frozenset(named), settings)


def _bound(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
                yield name
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case (
                ast.ExceptHandler(name=str(name))
                | ast.MatchAs(name=str(name))
                | ast.MatchStar(name=str(name))
            ):
                yield name
            case ast.MatchMapping(rest=str(name)):
                yield name
            case ast.alias():
                yield node.asname or node.name.partition(".")[0]  # `import *` sets any name


def _named(statement: ast.stmt) -> Iterator[str]:
    for node in ast.walk(statement):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name):
                yield name


def _setting(line: str) -> dict[str, str] | None:
    """The setting of `%config LLMNumbers.model = "gpt-4o"`; empty if it sets none, None if it computes it."""
    try:
        tree = ast.parse(line).body
    except (SyntaxError, ValueError):
        return {}
    match tree:
        case [ast.Assign(targets=[ast.Attribute(attr=name)], value=ast.Constant(value=str(word)))]:
            return {name: word}
        case [ast.Expr()]:  # it is shown
            return {}
    return None
