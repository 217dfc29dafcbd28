"""What an estimate shows: tables of text cells, lines under them, notes. The renderers only draw it.

Text, HTML and Markdown say the same because they draw the same layout; the choice of
rows and words is made once for each kind of estimate, in `layouts/`.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..figures import Figure, Note, TokenPiece
from .cells import value_text
from .labels import label


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of plain text; `right` are the indices of the columns that hold numbers."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset({1})


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


def row(figure: Figure) -> tuple[str, str, str]:
    return (label(figure.name), value_text(figure), figure.note or (figure.formula or ""))
