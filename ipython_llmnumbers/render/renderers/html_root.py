"""The element around everything that is shown as HTML."""

from __future__ import annotations

from ...messages import spoken


def root(inside: str) -> str:
    """HTML in our own `<div>`, which states its language where the page's may be another.

    A browser draws the same Han character for Japanese and for Chinese unless it is told which.

    >>> root("tokens")
    '<div class="llmnumbers tex2jax_ignore mathjax_ignore" style="line-height:1.5">tokens</div>'
    """
    language = "" if spoken() == "en" else f' lang="{spoken()}"'
    # The line height is ours: VS Code's webview has none for text.
    style = ' style="line-height:1.5"'
    # The last two classes keep MathJax from reading "$2 … $3" as a formula.
    return f'<div class="llmnumbers tex2jax_ignore mathjax_ignore"{language}{style}>{inside}</div>'
