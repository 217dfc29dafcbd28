"""A figure by itself: its value, and what it is made of."""

from __future__ import annotations

from ...figures import Figure
from ...messages import tell
from ..explanation import evidence
from ..figure_text import point_text, range_text
from ..labels import label
from ..layout import Answer, Layout, Table, joined_facts, row
from ..verdict_words import origin_text


def one_figure(figure: Figure) -> Layout:
    """The value first, then its inputs, its formula and its source."""
    inputs = tuple(map(row, figure.inputs))
    table = Table("", ("", tell("Value"), tell("How it is known")), inputs)
    about = joined_facts(range_text(figure), label(figure.name), origin_text(figure))
    answer = Answer(point_text(figure), about)
    return Layout((table,) if inputs else (), tuple(evidence(figure, set())), answer=answer)
