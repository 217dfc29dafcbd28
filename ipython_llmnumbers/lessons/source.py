"""The source of a lesson: Markdown, whose comments say where parts begin and whom a cell is for.

`<!-- part guess 5 10 -->` begins a part of 5 minutes in a lesson of 45, and of 10 in one of 90. What is
between `<!-- teacher -->` and `<!-- /teacher -->` is in the teacher's copy alone, between `slide` marks on a
slide alone, and between `only 90` marks in the long lesson alone. A fence is a code cell; a line of it that
ends in `#!gpu` needs the machine's own GPU.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from typing import Literal

from ..catalog.classroom.texts import lesson_lines
from ..patterns import pattern
from ..records import dataclass

MINUTES = (45, 90)
_MARK = pattern(r"<!-- (?P<end>/?)(?P<word>part|teacher|slide|only)(?P<rest>[^>]*?) -->")
_GPU = "#!gpu"

Audience = Literal["all", "teacher", "slide"]


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a lesson, with what is put in its `{{places}}` still to be filled in."""

    kind: Literal["markdown", "code"]
    text: str
    part: str
    audience: Audience = "all"

    @property
    def exercises(self) -> list[str]:
        """The keys of the exercises that it checks."""
        return re.findall(r"--check (\w+)", self.text)

    @property
    def is_answered(self) -> bool:
        """Whether a student fills something in."""
        return self.kind == "code" and ("--check" in self.text or "--answers" in self.text)


@dataclass(frozen=True, slots=True)
class Lesson:
    """The cells of a lesson of so many minutes, and how many of them each part takes, in order."""

    language: str
    minutes: int
    cells: tuple[Cell, ...]
    parts: dict[str, int]

    def title_of(self, part: str) -> str:
        """The heading of a part."""
        headings = (re.search(r"^#+ (.+)$", cell.text, re.M) for cell in self.cells_of(part, "markdown"))
        return next(found[1] for found in headings if found)

    def cells_of(self, part: str, kind: str) -> list[Cell]:
        """The cells of a part that are of a kind."""
        return [cell for cell in self.cells if cell.part == part and cell.kind == kind]


@dataclass(slots=True)
class _Reader:
    """What has been read of a source so far."""

    minutes: int
    cells: list[Cell] = field(default_factory=list)
    parts: dict[str, int] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    kind: Literal["markdown", "code"] = "markdown"
    audience: Audience = "all"
    part: str = ""
    is_skipped: bool = False

    def end_cell(self) -> None:
        """Close the cell that is being read; one that follows on another of its kind is part of that."""
        text = "\n".join(self.lines).strip("\n")
        self.lines.clear()
        if not text or self.is_skipped:
            return
        cell = Cell(self.kind, text, self.part, self.audience)
        same = self.cells and (self.cells[-1].kind, self.cells[-1].part, self.cells[-1].audience) == (
            cell.kind,
            cell.part,
            cell.audience,
        )
        if same and cell.kind == "markdown":
            text = f"{self.cells.pop().text}\n\n{text}"
        self.cells.append(Cell(cell.kind, text, cell.part, cell.audience))

    def mark(self, word: str, rest: str, *, is_end: bool) -> None:
        self.end_cell()
        match word:
            case "part":
                key, short, long = rest.split()
                self.part = key
                self.parts[key] = int(short if self.minutes == MINUTES[0] else long)
            case "only":
                self.is_skipped = not is_end and int(rest) > self.minutes
            case "teacher" | "slide" as audience:
                self.audience = "all" if is_end else audience


def read_lesson(name: str, language: str, minutes: int, *, has_gpu: bool = False) -> Lesson:
    """A lesson in a language, for so many minutes.

    >>> [part for part, minutes in read_lesson("numbers", "ja", 45).parts.items() if minutes == 12]
    ['slips']
    """
    reader = _Reader(minutes)
    for line in _lines(lesson_lines(name, language), has_gpu):
        found = _MARK.fullmatch(line)
        if found:
            reader.mark(found["word"], found["rest"], is_end=bool(found["end"]))
        elif line.startswith("```"):
            reader.end_cell()
            reader.kind = "code" if reader.kind == "markdown" else "markdown"
        else:
            reader.lines.append(line)
    reader.end_cell()
    return Lesson(language, minutes, tuple(reader.cells), reader.parts)


def _lines(lines: Iterable[str], has_gpu: bool) -> Iterator[str]:
    """Those that are needed: the machine's own GPU only where the room has one."""
    for line in lines:
        if has_gpu or not line.endswith(_GPU):
            yield line.removesuffix(_GPU).rstrip()
