"""Estimates and figures as text, HTML and Markdown, in the language that the estimate was made in."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

from ..figures import Estimate, Figure
from ..messages import speaking, voice
from .explanation import Explanation, explanation
from .layout import Layout
from .layouts import lay_out
from .renderers.html import html
from .renderers.markdown import markdown
from .renderers.text import in_terminal
from .renderers.text import text as draw_text

_T = TypeVar("_T")

_KINDS = ("text/plain", "text/html", "text/markdown")
# A notebook grows by at most 60 lines with an estimate; what holds these takes the rest.
MOST_STORED_LINES = 44


def mimebundle(
    shown: Estimate | Figure, include: Collection[str] | None = None, exclude: Collection[str] = ()
) -> dict[str, str]:
    """The estimate, or the figure, in every type that a front end may ask for, or in those it asks for.

    Each display is stored in the notebook. So there is no JSON (`to_dict()` is there for programs), and no
    Markdown of what is long: what can show neither HTML nor that shows the text.
    """
    kinds = [kind for kind in _KINDS if (include is None or kind in include) and kind not in exclude]
    return _drawn(shown, lambda layout: _bundle(layout, kinds))


def text(shown: Estimate | Figure) -> str:
    """The same as text, as the terminal at hand can show it."""
    return _drawn(shown, draw_text)


def html_of(shown: Estimate | Figure) -> str:
    """The same as HTML alone, for a host that shows nothing else."""
    return _drawn(shown, html)


def markdown_of(shown: Estimate | Figure) -> str:
    """The same as Markdown, however long, for a cell that holds nothing else."""
    return _drawn(shown, markdown)


def answer(estimate: Estimate) -> str:
    """The one line that an estimate begins with."""
    return _drawn(estimate, lambda layout: layout.first_line)


def plot(estimate: Estimate, library: str | None) -> Any:
    """The estimate's bars, drawn by matplotlib or altair."""
    from .renderers.plots import plot as draw

    return _drawn(estimate, lambda layout: draw(layout, library))


def _bundle(layout: Layout, kinds: Collection[str]) -> dict[str, str]:
    """Each of these types once; how long the text is says whether there is Markdown."""
    is_text = not {"text/plain", "text/markdown"}.isdisjoint(kinds)
    plain = draw_text(layout, None if in_terminal() else 0) if is_text else ""
    bundle = {"text/plain": plain} if "text/plain" in kinds else {}
    if "text/html" in kinds:
        bundle["text/html"] = html(layout)
    room = MOST_STORED_LINES - plain.count("\n")
    if "text/markdown" in kinds and room > 0 and (written := markdown(layout)).count("\n") <= room:
        bundle["text/markdown"] = written
    return bundle


def _drawn(shown: Estimate | Figure, draw: Callable[[Layout], _T]) -> _T:
    """In an estimate's own voice; a figure by itself is shown in that of now."""
    with speaking(*(shown.voice if isinstance(shown, Estimate) else voice())):
        return draw(lay_out(shown))


def explain(estimate: Estimate, name: str | None) -> Explanation:
    """Each figure of the estimate, or the one named, down to its sources.

    Raises:
        KeyError: the estimate holds no figure or part of that name.
    """
    with speaking(*estimate.voice):
        return explanation(estimate, name)
