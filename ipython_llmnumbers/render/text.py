"""An estimate as text, drawn by rich: in colour where a terminal shows it, plain elsewhere."""

from __future__ import annotations

import io
import os
import shutil
import sys
from typing import TYPE_CHECKING

from .layout import Layout, Table
from .pieces import visible

if TYPE_CHECKING:
    from rich.console import Console

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
        prefix = "" if note.level == "info" else f"{note.level}: "
        console.print(prefix + note.text, style=_NOTE_STYLES[note.level], markup=False, highlight=False)
    if layout.pieces:
        _draw_tokens(console, layout)
    return "\n".join(line.rstrip() for line in drawn.getvalue().splitlines())


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
    from rich.cells import cell_len
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(
        title=Text(table.title, style="bold"),
        title_justify="left",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    columns = zip(table.header, *table.rows, strict=True)
    for index, (heading, *cells) in enumerate(columns):
        longest_word = max(cell_len(word) for cell in (heading, *cells) for word in cell.split() or [""])
        drawn.add_column(
            Text(heading),
            justify="right" if index in table.right else "left",
            no_wrap=index == 0,
            # A number or a range is never broken in the middle, if the terminal has the room.
            min_width=min(longest_word, console.width // 3) if index in table.right else None,
            header_style="dim",
            overflow="fold",
        )
    for row in table.rows:
        drawn.add_row(*(Text(cell) for cell in row))
    console.print(drawn)


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
        console.print(f"… and {hidden:,} more tokens, counted but not shown", style="dim")
