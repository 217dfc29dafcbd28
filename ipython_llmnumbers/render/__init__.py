"""Estimates and figures as text, HTML and Markdown, in the language that the estimate was made in."""

from __future__ import annotations

from typing import Any

from ..figures import Estimate, Figure
from ..messages import Voice, speaking, voice
from .explanation import Explanation, explanation
from .layouts import lay_out
from .renderers.html import html
from .renderers.markdown import markdown
from .renderers.text import in_terminal
from .renderers.text import text as draw_text

# A notebook grows by at most 60 lines with an estimate; what holds these takes the rest.
MOST_STORED_LINES = 44


def mimebundle(shown: Estimate | Figure) -> dict[str, str]:
    """The estimate, or the figure, in every type that a front end may ask for.

    Each display is stored in the notebook. So there is no JSON (`to_dict()` is there for programs), and no
    Markdown of what is long: what can show neither HTML nor that shows the text.
    """
    with speaking(*_voice_of(shown)):
        layout = lay_out(shown)
        plain = draw_text(layout, None if in_terminal() else 0)
        bundle = {"text/plain": plain, "text/html": html(layout)}
        written = markdown(layout)
        if plain.count("\n") + written.count("\n") <= MOST_STORED_LINES:
            bundle["text/markdown"] = written
        return bundle


def text(shown: Estimate | Figure) -> str:
    """The same as text, as the terminal at hand can show it."""
    with speaking(*_voice_of(shown)):
        return draw_text(lay_out(shown))


def answer(estimate: Estimate) -> str:
    """The one line that an estimate begins with."""
    with speaking(*estimate.voice):
        return lay_out(estimate).first_line


def plot(estimate: Estimate, library: str | None) -> Any:
    """The estimate's bars, drawn by matplotlib or altair."""
    from .renderers.plots import plot as draw

    with speaking(*estimate.voice):
        return draw(lay_out(estimate), library)


def _voice_of(shown: Estimate | Figure) -> Voice:
    """An estimate's own; a figure by itself is shown in that of now."""
    return shown.voice if isinstance(shown, Estimate) else voice()


def explain(estimate: Estimate, name: str | None) -> Explanation:
    """Each figure of the estimate, or the one named, down to its sources.

    Raises:
        KeyError: the estimate holds no figure or part of that name.
    """
    with speaking(*estimate.voice):
        return explanation(estimate, name)
