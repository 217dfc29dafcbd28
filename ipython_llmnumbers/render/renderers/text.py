"""An estimate as text: in colour where a terminal shows it, plain elsewhere."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Iterator
from dataclasses import replace
from textwrap import indent
from typing import TYPE_CHECKING

from ...messages import tell
from ..explanation import tree_text
from ..layout import METER_CELLS, Answer, Layout, Table, meter
from ..token_text import SHOWN_TOKENS, more_text, shown, whole_characters
from ..verdict_words import marked
from .cells import BOLD, DIM, GREEN, HEADING, RED, RED_BOLD, REVERSE, YELLOW, Page, Run, cell_len, folded
from .columns import column_widths
from .wrap import wrapped

if TYPE_CHECKING:
    from ...figures import Note

_PLAIN_WIDTH = 100
# Cells between two columns.
_GAP = 2
_FEWEST_METER_CELLS = 5
_NOTE_STYLES = {"info": "", "warning": YELLOW, "error": RED_BOLD}
_VERDICT_STYLES = {"fits": GREEN, "tight": YELLOW, "does not fit": RED}
_TOKEN_STYLES = ("", REVERSE)
_IN_ASCII = str.maketrans("█▓▒░▚▞▖▏·│✔⚠✖≈–×“”", '#=+-%*:|.|*!X~-x""') | {ord("…"): "..."}


def in_terminal() -> bool:
    """Whether what is printed is seen as it is, and stored nowhere."""
    return sys.stdout is not None and sys.stdout.isatty()


def text(layout: Layout, levels: int | None = None) -> str:
    """The layout as lines of text, without a newline at the end.

    Figures are explained down to their sources, or by so many levels of their inputs.
    """
    page = _page()
    if layout.answer is not None:
        _draw_answer(page, layout.answer)
    _draw_notes(page, layout.remedies)
    for bar in layout.bars:
        page.put(bar.drawn(min(60, page.width - 1)))
        page.put(wrapped(bar.legend(), page.width))
    for table in layout.open_tables:
        _draw_table(page, table)
    _draw_notes(page, layout.remarks)
    for table in layout.unfolded_tables:  # a terminal cannot fold; the head of its columns says what it is
        _draw_table(page, replace(table, title=""))
    for line in layout.lines:
        page.put(wrapped(line, page.width), DIM)
    page.lines += tree_text(layout.explained, levels)  # as long as they are: their indents are a tree
    if layout.explained and levels is not None:
        page.put(tell("down to the sources: print it"), DIM)
    if layout.pieces:
        _draw_tokens(page, layout)
    return _printable("\n".join(line.rstrip() for line in page.lines))


def _printable(text: str) -> str:
    """The text in characters that the output can take: a console or file of an old encoding takes few."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = text.translate(_IN_ASCII).encode(encoding, "backslashreplace").decode(encoding)
    return text


def _draw_answer(page: Page, answer: Answer) -> None:
    """The answer in bold, and what it is of behind it."""
    mark = f"{marked(answer.verdict)}  " if answer.verdict else ""
    line = wrapped(f"{mark}{answer.value}  {answer.about}".rstrip(), page.width)
    end = len(mark) + len(answer.value)
    style = f"{BOLD};{_VERDICT_STYLES[answer.verdict]}" if answer.verdict else BOLD
    page.put_runs([(line[: len(mark)], style), (line[len(mark) : end], BOLD), (line[end:], "")])


def _draw_notes(page: Page, notes: Iterable[Note]) -> None:
    for note in notes:
        page.put(wrapped(_note(note), page.width), _NOTE_STYLES[note.level])


def _note(note: Note) -> str:
    match note.level:
        case "warning":
            return tell("warning: {note}", note=note.text)
        case "error":
            return tell("error: {note}", note=note.text)
        case _:
            return note.text


def _page() -> Page:
    if not in_terminal():
        return Page(_PLAIN_WIDTH, coloured=False)
    return Page(shutil.get_terminal_size().columns, coloured="NO_COLOR" not in os.environ)


def _draw_table(page: Page, table: Table) -> None:
    table = _with_meters(table, page.width)
    spare = page.width - _GAP * (len(table.header) - 1)
    # The names of the rows and the numbers stay whole.
    whole = table.right | {0}
    columns = list(zip(table.header, *table.rows, strict=True))
    widths = column_widths(columns, spare, whole=whole, most=page.width // 2)
    if widths is None:
        _draw_blocks(page, table)
        return
    if table.title:
        title = wrapped(table.title, sum(widths) + _GAP * (len(widths) - 1))
        page.put(title, BOLD)
    page.lines += _row(page, table.header, widths, table.right, is_head=True)
    for row in table.rows:
        page.lines += _row(page, row, widths, table.right)


def _row(
    page: Page, cells: tuple[str, ...], widths: list[int], right: frozenset[int], *, is_head: bool = False
) -> Iterator[str]:
    """The lines of a row: cells stand side by side from the first line down, heads on the last."""
    columns = [
        _cell(page, cell, width, HEADING if is_head else "", is_right=index in right)
        for index, (cell, width) in enumerate(zip(cells, widths, strict=True))
    ]
    n_lines = max(map(len, columns))
    for column, width in zip(columns, widths, strict=True):
        blank = [" " * width] * (n_lines - len(column))
        column[:] = [*blank, *column] if is_head else [*column, *blank]
    yield from map((" " * _GAP).join, zip(*columns, strict=True))


def _cell(page: Page, text: str, width: int, style: str, *, is_right: bool) -> list[str]:
    """The lines of a cell, each as wide as its column."""
    lines = []
    for line in _folded(wrapped(text, width), width):
        room = " " * (width - cell_len(line))
        painted = page.painted(line, style)
        lines.append(room + painted if is_right else painted + room)
    return lines


def _folded(text: str, width: int) -> Iterator[str]:
    """The lines of a text that was wrapped; a word that is wider than its column goes on in the next line."""
    if "\n" not in text and cell_len(text) <= width:
        yield text
    else:
        yield from ("".join(run for run, _ in runs) for runs in folded([(text, "")], width))


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


def _draw_blocks(page: Page, table: Table) -> None:
    """A table that is too wide for the page: for each row its name, and a line for each of its cells."""
    if table.title:
        page.put(table.title, BOLD)
    for row in table.rows:
        page.put(wrapped(row[0], page.width))
        for head, cell in zip(table.header[1:], row[1:], strict=True):
            if cell:
                line = wrapped(f"{head}: {cell}", page.width - _GAP)
                page.put(indent(line, " " * _GAP))


def _natural_widths(table: Table) -> list[int]:
    return [max(map(cell_len, column)) for column in zip(table.header, *table.rows, strict=True)]


def _draw_tokens(page: Page, layout: Layout) -> None:
    runs: list[Run] = []
    for index, group in enumerate(whole_characters(layout.pieces[:SHOWN_TOKENS])):
        runs += [("│", DIM)] if index else []
        runs.append((shown(group), _TOKEN_STYLES[index % 2]))
    page.put_runs(runs)
    hidden = len(layout.pieces) - SHOWN_TOKENS
    if hidden > 0:
        page.put(more_text(hidden), DIM)
