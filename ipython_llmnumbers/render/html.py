"""An estimate as HTML that a notebook, an untrusted notebook, nbconvert and GitHub all keep.

JupyterLab's sanitiser drops `<style>`, `role` and `data-*`, and GitHub drops every style,
so the table must read without any: no colour is set, and the theme's own show through.
The token view's two translucent backgrounds keep the theme's text at a contrast of 5:1;
its cuts are also drawn as characters, so that nothing rests on colour.
Everything that comes from a user's text passes through `escape`.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..figures import Note, TokenPiece
from .explanation import tree_html
from .html_root import root
from .layout import Hidden, Layout, Table
from .token_text import NEWLINE, more_text, visible

# 256 tokens with their ids are about 17 kB of HTML; an output of ordinary cells stays under 20 kB.
SHOWN_TOKENS = 256

_LEFT = ' style="text-align:left"'
_RIGHT = ' style="text-align:right"'
_BACKGROUNDS = ("", ' style="background-color:rgba(66,133,244,.22)"')
_MARKS = {"info": "", "warning": "⚠ ", "error": "✖ "}


def html(layout: Layout) -> str:
    """The layout as one `<div>`."""
    parts = [*map(_table, layout.tables), *_lines(layout), *_token_view(layout.pieces)]
    parts += [tree_html(figure) for figure in layout.explained]
    parts += [_hidden(each) for each in layout.hidden]
    return root("".join(parts))


def _table(table: Table) -> str:
    head = "".join(_cell("th", text, index, table, ' scope="col"') for index, text in enumerate(table.header))
    body = "".join(f"<tr>{_row(row, table)}</tr>" for row in table.rows)
    return (
        f"<table><caption{_LEFT}><b>{escape(table.title)}</b></caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _row(row: tuple[str, ...], table: Table) -> str:
    first = _cell("th", row[0], 0, table, ' scope="row"')
    return first + "".join(_cell("td", text, index, table) for index, text in enumerate(row[1:], start=1))


def _cell(tag: str, text: str, index: int, table: Table, attributes: str = "") -> str:
    style = _RIGHT if index in table.right else _LEFT
    return f"<{tag}{attributes}{style}>{escape(text)}</{tag}>"


def _lines(layout: Layout) -> Iterator[str]:
    for bar in layout.bars:
        drawn, legend = escape(bar.drawn()), escape(bar.legend())
        yield f'<div style="font-family:monospace">{drawn}</div><div><small>{legend}</small></div>'
    for line in layout.lines:
        yield f"<div><small>{escape(line)}</small></div>"
    for note in layout.notes:
        yield f"<div>{_note(note)}</div>"


def _hidden(hidden: Hidden) -> str:
    inside = "".join(tree_html(figure) for figure in hidden.figures)
    summary = f"<summary>{escape(hidden.summary)}</summary>"
    return f"<details>{summary}<div>{escape(hidden.title)}</div>{inside}</details>"


def _note(note: Note) -> str:
    return _MARKS[note.level] + escape(note.text)


def _token_view(pieces: tuple[TokenPiece, ...]) -> Iterator[str]:
    if not pieces:
        return
    spans = []
    for index, piece in enumerate(pieces[:SHOWN_TOKENS]):
        text = escape(visible(piece)).replace(NEWLINE, f"{NEWLINE}<br>")
        spans.append(f'<span title="{piece.id}"{_BACKGROUNDS[index % 2]}>{text}</span>')
    yield f'<div style="font-family:monospace;line-height:1.7">{"│<wbr>".join(spans)}</div>'
    hidden = len(pieces) - SHOWN_TOKENS
    if hidden > 0:
        yield f"<div><small>{escape(more_text(hidden))}</small></div>"
