"""An estimate as Markdown: what nbconvert writes to .md, and what a copy into a README keeps."""

from __future__ import annotations

import re

from ...figures import Note
from ...patterns import pattern
from ..explanation import tree_text
from ..layout import Answer, Layout, Table, meter
from ..token_text import SHOWN_TOKENS, more_text, shown, whole_characters
from ..verdict_words import level_text, marked

# Characters that would begin markup in a cell or a line, and `<` that would begin HTML.
_MARKUP = pattern(r"[\\`*_{}\[\]<>|~$&]|^(?:#|[+-](?= ))")


def markdown(layout: Layout) -> str:
    """The layout as GitHub-flavoured Markdown."""
    blocks = [] if layout.answer is None else [_answer(layout.answer)]
    blocks += map(_note, layout.remedies)
    blocks += [f"`{bar.drawn()}`  \n{escape(bar.legend())}" for bar in layout.bars]
    blocks += [_table(table) for table in layout.open_tables]
    blocks += map(_note, layout.remarks)
    blocks += [_table(table) for table in layout.unfolded_tables]
    blocks += [escape(line) for line in layout.lines]
    if layout.explained:
        # Markdown cannot fold: each figure with its own formula alone.
        blocks.append(_fenced("\n".join(tree_text(layout.explained, levels=0))))
    if layout.pieces:
        pieces = whole_characters(layout.pieces[:SHOWN_TOKENS])
        blocks.append(_fenced("│".join(map(shown, pieces))))
        hidden = len(layout.pieces) - SHOWN_TOKENS
        if hidden > 0:
            blocks.append(more_text(hidden))
    return "\n\n".join(blocks) + "\n"


def _answer(answer: Answer) -> str:
    verdict = f"{marked(answer.verdict)}: " if answer.verdict else ""
    about = f" {escape(answer.about)}" if answer.about else ""
    return f"**{escape(verdict + answer.value)}**{about}"


def _note(note: Note) -> str:
    return f"**{level_text(note)}:** {escape(note.text)}"


def _fenced(text: str) -> str:
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}text\n{text}\n{fence}"


def escape(text: str) -> str:
    r"""Text that Markdown shows as it is.

    >>> escape("a_b | <b>")
    'a\\_b \\| \\<b\\>'
    """
    return _MARKUP.sub(r"\\\g<0>", " ".join(text.splitlines()))


def _table(table: Table) -> str:
    rule = ["---:" if index in table.right else "---" for index in range(len(table.header))]
    rows = [tuple(map(escape, table.header)), tuple(rule), *(tuple(map(escape, row)) for row in table.rows)]
    if table.meters:
        meters = (escape(table.meters.heading(table.header[-1])), "---", *map(meter, table.meters.shares))
        rows = [(*row, cell) for row, cell in zip(rows, meters, strict=True)]
    title = [f"**{escape(table.title)}**", ""] if table.title else []
    return "\n".join([*title, *(f"| {' | '.join(row)} |" for row in rows)])
