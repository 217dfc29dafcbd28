"""An estimate as text, drawn by rich: in colour where a terminal shows it, plain elsewhere."""

from __future__ import annotations

import io
import os
import shutil
import sys
from typing import TYPE_CHECKING

from ..messages import tell
from .explanation import tree_text
from .layout import Layout, Table
from .pieces import more_text, visible

if TYPE_CHECKING:
    from rich.console import Console

    from ..figures import Note

SHOWN_TOKENS = 1_000
_PLAIN_WIDTH = 100
_NOTE_STYLES = {"info": "", "warning": "yellow", "error": "bold red"}
_TOKEN_STYLES = ("", "reverse")


def text(layout: Layout) -> str:
    """The layout as lines of text, without a newline at the end."""
    console, drawn = _console()
    for table in layout.tables:
        _draw_table(console, table)
    for bar in layout.bars:
        for line in (bar.drawn(min(60, console.width - 1)), bar.legend()):
            console.print(line, markup=False, highlight=False)
    for line in layout.lines:
        console.print(line, style="dim", markup=False, highlight=False)
    for note in layout.notes:
        console.print(_note(note), style=_NOTE_STYLES[note.level], markup=False, highlight=False)
    for figure in layout.explained:
        for line in tree_text(figure):
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    if layout.pieces:
        _draw_tokens(console, layout)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


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
    in_terminal = sys.stdout is not None and sys.stdout.isatty()
    coloured = in_terminal and "NO_COLOR" not in os.environ
    width = shutil.get_terminal_size().columns if in_terminal else _PLAIN_WIDTH
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

    drawn = RichTable(
        title=Text(table.title, style="bold"),
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for index, (heading, width) in enumerate(zip(table.header, _widths(table, console.width), strict=True)):
        drawn.add_column(
            Text(heading),
            justify="right" if index in table.right else "left",
            no_wrap=index == 0,
            min_width=width,
            max_width=width,
            header_style="dim",
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


def _widths(table: Table, room: int) -> list[int]:
    """The width of each column: the widest give way first, and no word is broken while there is room."""
    from rich.cells import cell_len

    columns = list(zip(table.header, *table.rows, strict=True))
    widths = [max(map(cell_len, column)) for column in columns]
    words = [max(cell_len(word) for cell in column for word in cell.split() or [""]) for column in columns]
    least = [widths[0], *(min(word, room // 3) for word in words[1:])]
    while sum(widths) + 2 * (len(widths) - 1) > room:
        slack = [width - floor for width, floor in zip(widths, least, strict=True)]
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
