"""The cells of a terminal: how wide a text is in them, and lines that are styled and no wider than a page.

Wide, narrow and combining characters are told apart by rich's tables. Most displays have none but narrow
ones, and need no look at those tables: their import takes as long as the whole of such a display.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

from ...records import dataclass

# A text in one style: the parameters of the control sequence that sets it (ECMA-48, 8.3.117), or none.
Run = tuple[str, str]
BOLD, DIM, REVERSE, RED_BOLD, YELLOW, GREEN, RED, HEADING = "1", "2", "7", "1;31", "33", "32", "31", "1;2"

_NARROW = (
    *((0x20, 0x7E), (0xA0, 0xAC), (0xAE, 0x2FF), (0x370, 0x482)),  # Latin, Greek, Cyrillic
    *((0x2010, 0x2027), (0x2190, 0x2199), (0x2248, 0x2248)),  # dashes, quotes, dots, arrows, ≈
    *(
        (0x2500, 0x25FC),
        (0x2714, 0x2714),
        (0x2716, 0x2716),
        (0x26A0, 0x26A0),
    ),  # bars, and the marks of verdicts
)
_ONE_CELL = frozenset(chr(code) for first, last in _NARROW for code in range(first, last + 1))


def cell_len(text: str) -> int:
    """How many cells of a terminal a text fills.

    >>> cell_len("≈1.8k tokens"), cell_len("メモリ")
    (12, 6)
    """
    if _ONE_CELL.issuperset(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def folded(runs: Sequence[Run], width: int) -> Iterator[list[Run]]:
    r"""The lines of styled text, each cut where it would be wider than so many cells.

    >>> list(folded([("ab", ""), ("cde\nf", "1")], 3))
    [[('ab', ''), ('c', '1')], [('de', '1')], [('f', '1')]]
    """
    line: list[Run] = []
    room = width
    for text, style in runs:
        for number, part in enumerate(text.split("\n")):
            if number:
                yield line
                line, room = [], width
            rest = part
            while cell_len(rest) > room:
                fits = _longest(rest, room) or (0 if line else 1)
                line += [(rest[:fits], style)] if fits else []
                yield line
                line, room, rest = [], width, rest[fits:]
            if rest:
                line.append((rest, style))
                room -= cell_len(rest)
    yield line


def _longest(text: str, width: int) -> int:
    """How many characters of a text fit into so many cells."""
    filled = 0
    for index, character in enumerate(text):
        filled += cell_len(character)
        if filled > width:
            return index
    return len(text)


@dataclass(slots=True)
class Page:
    """Lines of text as wide as a page, in colour where it is `coloured`."""

    width: int
    coloured: bool
    lines: list[str] = field(default_factory=list)

    def put(self, text: str, style: str = "") -> None:
        """Add a text; a line that is too long goes on in the next one."""
        self.put_runs([(text, style)])

    def put_runs(self, runs: Sequence[Run]) -> None:
        """The same of text in several styles."""
        self.lines += ["".join(self.painted(*run) for run in line) for line in folded(runs, self.width)]

    def painted(self, text: str, style: str) -> str:
        """A text in its style."""
        return f"\x1b[{style}m{text}\x1b[0m" if self.coloured and style and text else text
