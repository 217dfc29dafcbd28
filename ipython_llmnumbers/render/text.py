"""An estimate as text, drawn by rich: in colour where a terminal shows it, plain elsewhere."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from ..messages import tell
from .explanation import tree_text
from .layout import Answer, Layout, Table, meter
from .token_text import SHOWN_TOKENS, more_text, visible
from .verdict_words import MARKS, verdict_words
from .wrap import pieces, short_pieces, wrapped

if TYPE_CHECKING:
    from rich.console import Console

    from ..figures import Note

_PLAIN_WIDTH = 100
# Cells between two columns.
_GAP = 2
_NARROW = 12
_NOTE_STYLES = {"info": "", "warning": "yellow", "error": "bold red"}
_VERDICT_STYLES = {"fits": "green", "tight": "yellow", "does not fit": "red"}
_TOKEN_STYLES = ("", "reverse")
_IN_ASCII = str.maketrans("█▓▒░▚▞▏·│✔⚠✖≈–×“”", '#=+-%*|.|*!X~-x""') | {ord("…"): "..."}


def in_terminal() -> bool:
    """Whether what is printed is seen as it is, and stored nowhere."""
    return sys.stdout is not None and sys.stdout.isatty()


def text(layout: Layout, levels: int | None = None) -> str:
    """The layout as lines of text, without a newline at the end.

    Figures are explained down to their sources, or by so many levels of their inputs.
    """
    console, drawn = _console()
    if layout.answer is not None:
        _draw_answer(console, layout.answer)
    _draw_notes(console, layout.remedies)
    for bar in layout.bars:
        for line in (bar.drawn(min(60, console.width - 1)), wrapped(bar.legend(), console.width)):
            console.print(line, markup=False, highlight=False)
    for table in layout.open_tables:
        _draw_table(console, table)
    _draw_notes(console, layout.remarks)
    for table in layout.unfolded_tables:  # a terminal cannot fold; the head of its columns says what it is
        _draw_table(console, replace(table, title=""))
    for line in layout.lines:
        console.print(wrapped(line, console.width), style="dim", markup=False, highlight=False)
    for line in tree_text(layout.explained, levels):
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if layout.explained and levels is not None:
        console.print(tell("down to the sources: print it"), style="dim")
    if layout.pieces:
        _draw_tokens(console, layout)
    return _printable("\n".join(line.rstrip() for line in drawn.getvalue().splitlines()))


def _printable(text: str) -> str:
    """The text in characters that the output can take: a console or file of an old encoding takes few."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_IN_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _draw_answer(console: Console, answer: Answer) -> None:
    """The answer in bold, and what it is of behind it."""
    from rich.text import Text

    line = Text()
    if answer.verdict is not None:
        mark = f"{MARKS[answer.verdict]} {verdict_words(answer.verdict)}"
        line.append(f"{mark}  ", style=f"bold {_VERDICT_STYLES[answer.verdict]}")
    line.append(answer.value, style="bold")
    if answer.about:
        line.append(f"  {answer.about}")
    line.wrap(console, console.width)
    console.print(line, markup=False, highlight=False, overflow="fold")


def _draw_notes(console: Console, notes: Iterable[Note]) -> None:
    for note in notes:
        line = wrapped(_note(note), console.width)
        console.print(line, style=_NOTE_STYLES[note.level], markup=False, highlight=False)


def _note(note: Note) -> str:
    match note.level:
        case "warning":
            return tell("warning: {note}", note=note.text)
        case "error":
            return tell("error: {note}", note=note.text)
        case _:
            return note.text


def _console() -> tuple[Console, io.StringIO]:
    from rich.console import Console

    drawn = io.StringIO()
    coloured = in_terminal() and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size().columns if in_terminal() else _PLAIN_WIDTH
    console = Console(
        file=drawn,
        width=width,
        force_terminal=coloured,
        # In a notebook rich would display each print itself, beside the estimate's own display.
        force_jupyter=False,
        color_system="standard" if coloured else None,
        legacy_windows=False,
        _environ={},
    )
    return console, drawn


def _draw_table(console: Console, table: Table) -> None:
    from rich.table import Table as RichTable
    from rich.text import Text

    if table.meters:
        rows = tuple((*row, meter(share)) for row, share in zip(table.rows, table.meters, strict=True))
        table = replace(table, header=(*table.header, ""), rows=rows, meters=())
    drawn = RichTable(
        title=Text(table.title, style="bold") if table.title else None,
        title_justify="left",
        box=None,
        padding=0,
    )
    widths = _widths(table, console.width)
    for index, (heading, width) in enumerate(zip(table.header, widths, strict=True)):
        if index:
            # Not padding: before rich 14.3 that of the last column is taken from its text (rich #3892).
            drawn.add_column(min_width=_GAP, max_width=_GAP)
        drawn.add_column(
            Text(wrapped(heading, width)),
            justify="right" if index in table.right else "left",
            min_width=width,
            max_width=width,
            header_style="dim",
            overflow="fold",
        )
    for row in table.rows:
        cells = (Text(wrapped(cell, width)) for cell, width in zip(row, widths, strict=True))
        drawn.add_row(*[text for cell in cells for text in ("", cell)][1:])
    console.print(drawn)


def _widths(table: Table, room: int) -> list[int]:
    """The width of each column: the widest give way first, the first one last.

    No word is broken while there is room; no column is lost where there is none.
    """
    from rich.cells import cell_len

    columns = list(zip(table.header, *table.rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    if sum(widths) + _GAP * (len(widths) - 1) <= room:
        return widths
    least, fewest = (
        [
            min(room // 3, max(cell_len(word) for cell in column for word in cut(cell) or [""]))
            for column in columns
        ]
        for cut in (pieces, short_pieces)
    )
    # Japanese may be broken anywhere, but reads badly in columns of three characters.
    wide = [max(floor, min(width, _NARROW)) for floor, width in zip(least, widths, strict=True)]
    for floors in ([widths[0], *wide[1:]], wide, least, fewest, [1] * len(widths)):
        while sum(widths) + _GAP * (len(widths) - 1) > room:
            slack = [width - floor for width, floor in zip(widths, floors, strict=True)]
            if not any(slack):
                break
            widest = max(range(len(widths)), key=lambda index: (slack[index] > 0, widths[index], index))
            widths[widest] -= 1
    return widths


def _draw_tokens(console: Console, layout: Layout) -> None:
    from rich.text import Text

    drawn = Text(overflow="fold")
    for index, piece in enumerate(layout.pieces[:SHOWN_TOKENS]):
        if index:
            drawn.append("│", style="dim")
        drawn.append(visible(piece), style=_TOKEN_STYLES[index % 2])
    console.print(drawn, soft_wrap=False)
    hidden = len(layout.pieces) - SHOWN_TOKENS
    if hidden > 0:
        console.print(more_text(hidden), style="dim")
