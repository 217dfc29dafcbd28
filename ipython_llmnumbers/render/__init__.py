"""Estimates as text, HTML, Markdown and JSON, in the language that the estimate was made in."""

from __future__ import annotations

from typing import Any

from ..figures import Estimate
from ..messages import speaking
from .explanation import Explanation, explanation
from .html import html
from .layouts import lay_out
from .markdown import markdown
from .text import text as draw_text

# Not `application/json`: JupyterLab would show its tree instead of the table.
JSON_TYPE = "application/vnd.llmnumbers.v1+json"


def mimebundle(estimate: Estimate) -> dict[str, Any]:
    """The estimate in every type that a front end may ask for."""
    with speaking(*estimate.voice):
        layout = lay_out(estimate)
        return {
            "text/plain": draw_text(layout),
            "text/html": html(layout),
            "text/markdown": markdown(layout),
            # Every display is stored in the notebook; the depths of each figure are not, lest it swell.
            JSON_TYPE: estimate.to_dict(deep=False),
        }


def text(estimate: Estimate) -> str:
    """The estimate as text, as the terminal at hand can show it."""
    with speaking(*estimate.voice):
        return draw_text(lay_out(estimate))


def explain(estimate: Estimate, name: str | None) -> Explanation:
    """Each figure of the estimate, or the one named, down to its sources.

    Raises:
        KeyError: the estimate holds no figure or part of that name.
    """
    with speaking(*estimate.voice):
        return explanation(estimate, name)
