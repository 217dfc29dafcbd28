"""How much of a model's context window a prompt takes."""

from __future__ import annotations


def window_percent(tokens: int, context_window_tokens: int) -> float:
    """The share of the window that is filled, in percent; past 100 the prompt does not fit.

    >>> window_percent(32_000, 128_000)
    25.0
    """
    return 100 * tokens / context_window_tokens
