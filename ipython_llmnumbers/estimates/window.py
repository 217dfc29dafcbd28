"""What part of a model's context window a count of tokens fills."""

from __future__ import annotations

from ..catalog.prices import Price
from ..figures import Figure, derive, published
from ..formulas.window import window_percent


def window_share(tokens: Figure, price: Price | None) -> Figure | None:
    """The figure `window_percent`; None where no table has the model's window.

    Args:
        tokens: the prompt's tokens; a range carries into the share.
        price: the model's row in the price table, which also states the window.
    """
    if price is None or not price.context_window_tokens:
        return None
    window = published("context_window_tokens", price.context_window_tokens, "tokens", price.source)
    return derive("window_percent", "%", window_percent, tokens=tokens, context_window_tokens=window)
