"""What an estimate shows: tables of text cells, lines under them, notes. The renderers only draw it.

Text, HTML and Markdown say the same because they draw the same layout; the choice of
rows and words is made once for each kind of estimate, in `layouts/`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ..figures import Estimate, Figure, Note, TokenPiece, local_name
from ..messages import said, tell
from .figure_text import value_text
from .labels import label


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of plain text; `right` are the indices of the columns that hold numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset({1})


@dataclass(frozen=True, slots=True)
class Bar:
    """Parts of a whole in a row of characters, each part its own: it reads without any colour.

    `parts` are a character, what it stands for, and its size; `limit` is the size of what
    there is. Where the parts are more, a `|` stands where it ends.
    """

    parts: tuple[tuple[str, str, float], ...]
    limit: float

    def drawn(self, width: int = 60) -> str:
        """The row of characters.

        >>> Bar((("W", "weights", 6), ("K", "KV cache", 2)), 10).drawn(10)
        'WWWWWWKK··'
        >>> Bar((("W", "weights", 15),), 10).drawn(12)
        'WWWWWWWW|WWWW'
        """
        needed = sum(size for _, _, size in self.parts)
        scale = width / max(needed, self.limit, 1)
        row, reached = "", 0.0
        for character, _, size in self.parts:
            reached += size
            row += character * (round(reached * scale) - len(row))
        end = round(self.limit * scale)
        return row.ljust(end, "·") if needed <= self.limit else f"{row[:end]}|{row[end:]}"

    def legend(self) -> str:
        """What each character stands for, with its share of what there is.

        >>> Bar((("W", "weights", 6),), 10).legend()
        'W weights 60%  · free 40%'
        """
        if self.limit <= 0:
            return ""
        words = [f"{character} {name} {size / self.limit:.0%}" for character, name, size in self.parts]
        left = 1 - sum(size for _, _, size in self.parts) / self.limit
        if left >= 0:
            words.append(tell("· free {share:.0%}", share=left))
        else:
            words.append(tell("| all that is free: {share:.0%} more is needed", share=-left))
        return "  ".join(words)


@dataclass(frozen=True, slots=True)
class Hidden:
    """Figures that a reader opens on purpose: shown where the front end can fold, nowhere else."""

    summary: str
    figures: tuple[Figure, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything that a renderer draws, from top to bottom.

    `explained` are figures to open down to their sources: a tree under the tables.
    """

    tables: tuple[Table, ...]
    lines: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    explained: tuple[Figure, ...] = ()
    hidden: tuple[Hidden, ...] = ()
    pieces: tuple[TokenPiece, ...] = ()
    bars: tuple[Bar, ...] = ()


def row(figure: Figure) -> tuple[str, str, str]:
    return (label(figure.name), value_text(figure), said(figure.note) or figure.formula or "")


def local_rows(estimate: Estimate, name: str) -> Iterator[tuple[str, str, str]]:
    """The row of a dollar figure in the user's currency, where the estimate has it."""
    if local_name(name) in estimate:
        yield row(estimate[local_name(name)])
