"""Which changes there are: the mutants of a file, in functions, by mutmut's operators."""

from __future__ import annotations

import difflib
import functools
import hashlib
import re
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import (
    mutation_operators,
    operator_arg_removal,
    operator_dict_arguments,
    operator_string,
)

from . import PACKAGE, ROOT

TOP = ("figures", "messages", "errors")


@dataclass(frozen=True)
class Mutant:
    """One change: where it is, and how to make it."""

    key: str
    file: str
    line: int
    lines: tuple[int, ...]
    make: Callable[[], str] = field(repr=False)

    @functools.cached_property
    def text(self) -> str:
        """The file's text with the change."""
        return self.make()

    @functools.cached_property
    def diff(self) -> str:
        before = (ROOT / self.file).read_text("utf-8").splitlines()
        lines = difflib.unified_diff(before, self.text.splitlines(), lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


class Finder(cst.CSTVisitor):
    """Collects (node, changed node, lines, function) inside functions; counts what is outside of them."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        self.found: list[tuple[cst.CSTNode, cst.CSTNode, tuple[int, ...], str]] = []
        self.at_import = 0
        self._functions: list[cst.FunctionDef] = []
        self._statements: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Annotation | cst.Decorator | cst.Parameters | cst.Import | cst.ImportFrom):
            return False
        if isinstance(node, cst.If) and getattr(node.test, "value", "") == "TYPE_CHECKING":
            return False
        if isinstance(node, cst.SimpleStatementLine):
            self._statements.append(node)
        if isinstance(node, cst.FunctionDef):
            self._functions.append(node)
        for changed in _changes(node):
            if self._functions:
                function = ".".join(f.name.value for f in self._functions)
                self.found.append((node, changed, self._lines(node), function))
            else:
                self.at_import += 1
        return True

    def on_leave(self, node: cst.CSTNode) -> None:
        for stack in (self._functions, self._statements):
            if stack and node is stack[-1]:
                stack.pop()

    def _lines(self, node: cst.CSTNode) -> tuple[int, ...]:
        """The lines of a node (of a `match` only its first), and the first of its statement."""
        at, *around = (self.get_metadata(PositionProvider, n) for n in (node, *self._statements[-1:]))
        last = at.start.line if isinstance(node, cst.Match) else at.end.line
        return (*range(at.start.line, last + 1), *(statement.start.line for statement in around))


def _changes(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """mutmut's changes of a node, without those of what people read."""
    for kind, operator in mutation_operators:
        if not isinstance(node, kind) or operator is operator_dict_arguments:
            continue
        if operator is operator_string:
            # A name or a key; a text with a space is a message. Upper and lower case add nothing.
            if isinstance(node, cst.SimpleString) and re.fullmatch(r"\S{4,}", node.value):
                yield next(iter(operator(node)), node)
        elif operator is not operator_arg_removal or not _is_message(node):
            yield from operator(node)


def _is_message(node: cst.CSTNode) -> bool:
    """Whether a call makes a message: its template and its values are text."""
    function = node.func if isinstance(node, cst.Call) else None
    name = function.value if isinstance(function, cst.Name) else ""
    return name in ("say", "tell", "joined", "len", "isinstance") or name.endswith("Error")


def mutants_of(path: Path) -> tuple[list[Mutant], int]:
    """The mutants of a file, and how many changes are skipped because they are outside of functions."""
    wrapper = MetadataWrapper(cst.parse_module(path.read_text("utf-8")))
    finder, module = Finder(), wrapper.module
    wrapper.visit(finder)
    file = path.relative_to(ROOT).as_posix()
    seen: dict[str, int] = defaultdict(int)
    mutants = []
    for node, changed, lines, function in finder.found:
        old, new = module.code_for_node(node), module.code_for_node(changed)
        if old == new:
            continue
        # The key outlives changes of other functions.
        name = f"{file}\n{function}\n{old}\n{new}"
        seen[name] += 1
        key = hashlib.sha256(f"{name}\n{seen[name]}".encode()).hexdigest()[:16]
        make = functools.partial(_replaced, module, node, changed)
        mutants.append(Mutant(key, file, lines[0], lines, make))
    return mutants, finder.at_import


def _replaced(module: cst.Module, node: cst.CSTNode, changed: cst.CSTNode) -> str:
    return cst.ensure_type(module.deep_replace(node, changed), cst.Module).code


def files_of(room: str) -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if _room_of(path) == room)


def _room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).parts
    return parts[0] if len(parts) > 1 else "top" if path.stem in TOP else ""


def in_random_order(mutants: Iterable[Mutant], seed: str) -> list[Mutant]:
    """The same order each time, which a change elsewhere leaves as it is."""
    return sorted(mutants, key=lambda mutant: hashlib.sha256((seed + mutant.key).encode()).digest())


def mutants_since(revision: str) -> list[Mutant]:
    """The mutants of the lines of the package that differ from a revision."""
    return [
        mutant
        for file, lines in _changed_lines(revision).items()
        if (ROOT / file).exists()
        for mutant in mutants_of(ROOT / file)[0]
        if mutant.line in lines
    ]


def _changed_lines(revision: str) -> dict[str, set[int]]:
    command = ["git", "diff", "-U0", "--no-color", revision, "--", PACKAGE.name]
    diff = subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout
    lines: dict[str, set[int]] = defaultdict(set)
    file = ""
    for line in diff.splitlines():
        if line.startswith("+++ "):
            file = line[4:].removeprefix("b/")
        elif found := re.match(r"@@ -\S+ \+(\d+)(?:,(\d+))? @@", line):
            first, count = int(found[1]), int(found[2] or 1)
            lines[file].update(range(first, first + count))
    return {file: numbers for file, numbers in lines.items() if file.endswith(".py")}
