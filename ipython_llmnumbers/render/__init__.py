"""Estimates as text, HTML, Markdown and JSON."""

from __future__ import annotations

from typing import Any

from ..figures import Estimate
from .explanation import explain as explain
from .html import html
from .layouts import lay_out
from .markdown import markdown
from .text import text as draw_text

# Not `application/json`: JupyterLab would show its tree instead of the table.
JSON_TYPE = "application/vnd.llmnumbers.v1+json"


def mimebundle(estimate: Estimate) -> dict[str, Any]:
    """The estimate in every type that a front end may ask for."""
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
    return draw_text(lay_out(estimate))
