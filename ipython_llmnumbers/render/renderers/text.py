"""An estimate as text, drawn by rich: in colour where a terminal shows it, plain elsewhere."""

from __future__ import annotations

import io
import os
import shutil
import sys
from collections.abc import Iterable
from dataclasses import replace
from textwrap import indent
from typing import TYPE_CHECKING

from ...messages import tell
from ..explanation import tree_text
from ..layout import METER_CELLS, Answer, Layout, Table, meter
from ..token_text import SHOWN_TOKENS, more_text, shown, whole_characters
from ..verdict_words import marked
from .wrap import pieces, wrapped

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from ...figures import Note

_PLAIN_WIDTH = 100
# Cells between two columns.
_GAP = 2
_NARROW = 12
_FEWEST_METER_CELLS = 5
_NOTE_STYLES = {"info": "", "warning": "yellow", "error": "bold red"}
_VERDICT_STYLES = {"fits": "green", "tight": "yellow", "does not fit": "red"}
_TOKEN_STYLES = ("", "reverse")
_IN_ASCII = str.maketrans("█▓▒░▚▞▖▏·│✔⚠✖≈–×“”", '#=+-%*:|.|*!X~-x""') | {ord("…"): "..."}


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
            console.print(line)
    for table in layout.open_tables:
        _draw_table(console, table)
    _draw_notes(console, layout.remarks)
    for table in layout.unfolded_tables:  # a terminal cannot fold; the head of its columns says what it is
        _draw_table(console, replace(table, title=""))
    for line in layout.lines:
        console.print(wrapped(line, console.width), style="dim")
    for line in tree_text(layout.explained, levels):
        console.print(line, soft_wrap=True)
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

    mark = f"{marked(answer.verdict)}  " if answer.verdict else ""
    line = Text(wrapped(f"{mark}{answer.value}  {answer.about}".rstrip(), console.width))
    line.stylize("bold", 0, len(mark) + len(answer.value))
    if answer.verdict:
        line.stylize(_VERDICT_STYLES[answer.verdict], 0, len(mark))
    console.print(line, overflow="fold")


def _draw_notes(console: Console, notes: Iterable[Note]) -> None:
    for note in notes:
        line = wrapped(_note(note), console.width)
        console.print(line, style=_NOTE_STYLES[note.level])


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
        # What is printed is text: a model's name may hold `:free:` or `[red]`.
        markup=False,
        emoji=False,
        highlight=False,
        color_system="standard" if coloured else None,
        legacy_windows=False,
        _environ={},
    )
    return console, drawn


def _draw_table(console: Console, table: Table) -> None:
    from rich.table import Table as RichTable
    from rich.text import Text

    table = _with_meters(table, console.width)
    widths = _widths(table, console.width)
    if widths is None:
        _draw_blocks(console, table)
        return
    drawn = RichTable(title=_title(table), title_justify="left", box=None, padding=0)
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


def _title(table: Table) -> Text | None:
    from rich.text import Text

    return Text(table.title, style="bold") if table.title else None


def _with_meters(table: Table, room: int) -> Table:
    """The table with its meters as a last column, where that leaves the others as they are."""
    if not table.meters:
        return table
    cells = min(METER_CELLS, room - sum(_natural_widths(table)) - _GAP * len(table.header))
    if cells < _FEWEST_METER_CELLS:
        return replace(table, meters=None)
    shares = table.meters.shares
    rows = tuple((*row, meter(share, cells)) for row, share in zip(table.rows, shares, strict=True))
    return replace(
        table, header=(*table.header, table.meters.heading(table.header[-1])), rows=rows, meters=None
    )


def _draw_blocks(console: Console, table: Table) -> None:
    """A table that is too wide for the console: for each row its name, and a line for each of its cells."""
    title = _title(table)
    if title:
        console.print(title)
    for row in table.rows:
        console.print(wrapped(row[0], console.width))
        for head, cell in zip(table.header[1:], row[1:], strict=True):
            if cell:
                line = wrapped(f"{head}: {cell}", console.width - _GAP)
                console.print(indent(line, " " * _GAP))


def _natural_widths(table: Table) -> list[int]:
    from rich.cells import cell_len

    return [max(map(cell_len, column)) for column in zip(table.header, *table.rows, strict=True)]


def _widths(table: Table, room: int) -> list[int] | None:
    """The width of each column: the widest give way first, the first one last.

    None where a name, a number or a word would be broken; only a long word of a text column may be.
    """
    from rich.cells import cell_len

    columns = list(zip(table.header, *table.rows, strict=True))
    widths = _natural_widths(table)
    spare = room - _GAP * (len(widths) - 1)
    least = [max(cell_len(word) for cell in column for word in pieces(cell) or [""]) for column in columns]
    for index in range(1, len(widths)):
        if index not in table.right:
            least[index] = min(least[index], room // 2)
    if sum(least) > spare:
        return None
    # Japanese may be broken anywhere, but reads badly in columns of three characters.
    wide = [max(floor, min(width, _NARROW)) for floor, width in zip(least, widths, strict=True)]
    for floors in ([widths[0], *wide[1:]], wide, least):
        while sum(widths) > spare:
            slack = [width - floor for width, floor in zip(widths, floors, strict=True)]
            if not any(slack):
                break
            widest = max(range(len(widths)), key=lambda index: (slack[index] > 0, widths[index], index))
            widths[widest] -= 1
    return widths


def _draw_tokens(console: Console, layout: Layout) -> None:
    from rich.text import Text

    drawn = Text(overflow="fold")
    for index, group in enumerate(whole_characters(layout.pieces[:SHOWN_TOKENS])):
        if index:
            drawn.append("│", style="dim")
        drawn.append(shown(group), style=_TOKEN_STYLES[index % 2])
    console.print(drawn, soft_wrap=False)
    hidden = len(layout.pieces) - SHOWN_TOKENS
    if hidden > 0:
        console.print(more_text(hidden), style="dim")
