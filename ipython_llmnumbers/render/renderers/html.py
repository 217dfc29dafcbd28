"""An estimate as HTML that a notebook, an untrusted notebook, nbconvert and GitHub all keep.

JupyterLab's sanitiser drops `<style>`, `role` and `data-*`, and GitHub drops every style, so everything
reads without any, and each cell brings its own: no host's table CSS is needed. No colour of text is set,
and every background is translucent: the theme's own shows through, light or dark.
Everything that comes from a user's text passes through `escape`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from ...figures import Note, TokenPiece, Verdict
from ..explanation import tree_html
from ..layout import Answer, Bar, Hidden, Layout, Table
from ..token_text import NEWLINE, SHOWN_TOKENS, more_text, shown, whole_characters
from ..verdict_words import level_mark, marked
from .html_root import root

_SMALL = "font-size:.85em;opacity:.75"
_LEFT = "text-align:left;padding:1px 8px"
_RIGHT = "text-align:right;padding:1px 8px"
_LONG_NAME = 24
_LONG_ANSWER = 72
_METER_PX = 64
# Nearly the size of the text around it, also where that is large (slides); no host's line height or margins.
_FONT = "font-size:.9em;line-height:1.2;margin:2px 0 6px"
_BOLD = "font-weight:600"  # of the answer, and of nothing more: a plain `<b>` has 700
_WHOLE = "white-space:nowrap"  # a number or a name; the head of a column may take two lines
# Of a wide screen's blue, amber, grey and so on: no two neighbours are alike to those who see few colours.
_PARTS = (
    *("rgba(66,133,244,.75)", "rgba(244,160,0,.8)", "rgba(128,128,128,.55)"),
    *("rgba(15,157,88,.7)", "rgba(171,71,188,.6)", "rgba(0,172,193,.6)", "rgba(121,85,72,.6)"),
)
_FREE = "rgba(128,128,128,.25)"
# The theme's text keeps a contrast of 4.5 on these, in light and dark.
_VERDICTS: dict[Verdict, str] = {
    "fits": "rgba(15,157,88,.3)",
    "tight": "rgba(244,160,0,.35)",
    "does not fit": "rgba(219,68,55,.3)",
}
_TINTS = ("rgba(66,133,244,.22)", "rgba(244,160,0,.25)", "rgba(15,157,88,.22)", "rgba(171,71,188,.22)")


def html(layout: Layout) -> str:
    """The layout as one `<div>`."""
    parts = [*_answer(layout.answer), *map(_note, layout.remedies), *map(_bar, layout.bars)]
    parts += [*map(_table, layout.open_tables), *map(_note, layout.remarks), *_token_view(layout.pieces)]
    parts += map(_folded, layout.folded_tables)
    parts += [tree_html(figure) for figure in layout.explained]
    parts += [_hidden(each) for each in layout.hidden]
    parts += [f'<div style="{_SMALL}">{escape(line)}</div>' for line in layout.lines]
    return root("".join(parts))


def _answer(answer: Answer | None) -> Iterator[str]:
    if answer is None:
        return
    value, about = escape(answer.value), escape(answer.about)
    # Behind a short answer; else on a line of its own, since it would widen the first to the height of two.
    tag = "span" if answer.verdict is None and len(answer.line) <= _LONG_ANSWER else "div"
    about = f'<{tag} style="font-size:.62em;font-weight:400;opacity:.75">{about}</{tag}>'
    if answer.verdict is None:
        yield _first(value, about)
        return
    badge = f";background-color:{_VERDICTS[answer.verdict]};padding:0 8px;white-space:nowrap"
    title = f'<span style="font-size:.75em">{value}</span>'
    yield _first(escape(marked(answer.verdict)), f"{title}{about}", badge)


def _first(answer: str, about: str, style: str = "") -> str:
    # `<b>` is what is left of it where styles are dropped.
    head = f'<b style="{_BOLD}{style}">{answer}</b>'
    return f'<div style="font-size:1.45em;{_BOLD};padding:2px 0">{head} {about}</div>'


def _bar(bar: Bar) -> str:
    colours = dict(zip(bar.parts, _PARTS, strict=False))
    shares = ((part.size, colour, f"{part.name} {part.text}") for part, colour in colours.items())
    rows = [_strip(shares, bar.size, "14px")]
    words = [f'<b style="{_BOLD}">{escape(bar.title)}</b>'] if bar.title else []
    words += [f"{_square(colour)}{escape(f'{part.name} {part.text}')}" for part, colour in colours.items()]
    if bar.limit:
        rows.append(_strip([(bar.limit, _FREE, bar.free())], bar.size, "5px"))
        words.append(f"{_square(_FREE)}{escape(bar.free())}")
    legend = " ".join(f'<span style="white-space:nowrap;padding:0 12px 0 0">{each}</span>' for each in words)
    return f'<div style="padding:2px 0">{"".join(rows)}</div><div style="{_SMALL}">{legend}</div>'


def _square(colour: str) -> str:
    return f'<span style="background-color:{colour}">&nbsp;&nbsp;</span> '


def _strip(shares: Iterable[tuple[float, str, str]], whole: float, height: str) -> str:
    """Coloured parts of a whole side by side: their sizes, colours, and what they say on hover."""
    cells = []
    for size, colour, title in shares:
        style = f"width:{100 * size / whole:.1f}%;height:{height};background-color:{colour}"
        cells.append(f'<div title="{escape(title)}" style="{style}"></div>')
    return f'<div style="display:flex;width:100%">{"".join(cells)}</div>'


def _table(table: Table) -> str:
    caption = f'<caption style="text-align:left;{_BOLD};padding:4px">{escape(table.title)}</caption>'
    return f'<table style="{_FONT}">{caption if table.title else ""}{_inside(table)}</table>'


def _folded(table: Table) -> str:
    summary = f'<summary style="{_SMALL}">{escape(table.title)}</summary>'
    return f'<details>{summary}<table style="{_FONT}">{_inside(table)}</table></details>'


def _inside(table: Table) -> str:
    heads = [_head(text, index, table) for index, text in enumerate(table.header)]
    rows = [_row(row, table) for row in table.rows]
    if table.meters:
        heads.append(_head(table.meters.heading(table.header[-1]), 0, table))
        rows = [f"{row}{_meter(share)}" for row, share in zip(rows, table.meters.shares, strict=True)]
    body = "".join(f"<tr>{row}</tr>" for row in rows)
    return f"<thead><tr>{''.join(heads)}</tr></thead><tbody>{body}</tbody>"


def _head(text: str, index: int, table: Table) -> str:
    return _cell("th", text, index, table, ' scope="col"', "opacity:.75")


def _row(row: tuple[str, ...], table: Table) -> str:
    is_whole = " " not in row[0] or len(row[0]) <= _LONG_NAME
    first = _cell("th", row[0], 0, table, ' scope="row"', _WHOLE if is_whole else "")
    return first + "".join(
        _number(text, index, table) if index in table.right else _cell("td", text, index, table)
        for index, text in enumerate(row[1:], start=1)
    )


def _number(text: str, index: int, table: Table) -> str:
    """A cell that is never broken but before a range, where it is narrow."""
    cell = _cell("td", text, index, table, style=_WHOLE)
    return cell.replace(", ", ',<wbr style="white-space:normal"> ', 1)


def _cell(tag: str, text: str, index: int, table: Table, attributes: str = "", style: str = "") -> str:
    # A `td` where nothing is said: an empty head of a column is one that a screen reader announces.
    if tag == "th" and not text:
        tag, attributes = "td", ""
    weight = ";font-weight:500" if tag == "th" else ""
    whole = f"{_RIGHT if index in table.right else _LEFT}{weight}{';' if style else ''}{style}"
    return f'<{tag}{attributes} style="{whole}">{escape(text)}</{tag}>'


def _meter(share: float) -> str:
    # JupyterLab lays the columns of a table of a given width out alike, whatever they hold. So the bar is as
    # wide as the padding of a space, and the table as wide as it must be.
    style = f"background-color:{_PARTS[1]};font-size:9px;padding:0 {round(_METER_PX / 2 * share)}px"
    bar = f'<span style="{style}">&nbsp;</span>' if share else ""
    return f'<td style="text-align:left;padding:1px 8px;white-space:nowrap">{bar}</td>'


def _note(note: Note) -> str:
    return f'<div style="font-size:.92em;padding:1px 0">{level_mark(note)}{escape(note.text)}</div>'


def _hidden(hidden: Hidden) -> str:
    inside = "".join(tree_html(figure) for figure in hidden.figures)
    summary = f"<summary>{escape(hidden.summary)}</summary>"
    return f"<details>{summary}<div>{escape(hidden.title)}</div>{inside}</details>"


def _token_view(pieces: tuple[TokenPiece, ...]) -> Iterator[str]:
    if not pieces:
        return
    spans = []
    for index, group in enumerate(whole_characters(pieces[:SHOWN_TOKENS])):
        text = escape(shown(group)).replace(NEWLINE, f"{NEWLINE}<br>")
        ids, colour = " ".join(str(piece.id) for piece in group), _TINTS[index % len(_TINTS)]
        spans.append(f'<span title="{ids}" style="background-color:{colour}">{text}</span>')
    yield f'<div style="font-family:monospace;line-height:1.7;padding:4px 0">{"<wbr>".join(spans)}</div>'
    hidden = len(pieces) - SHOWN_TOKENS
    if hidden > 0:
        yield f'<div style="{_SMALL}">{escape(more_text(hidden))}</div>'
