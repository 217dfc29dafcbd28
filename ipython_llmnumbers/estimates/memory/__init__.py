"""Whether a model fits: weights, cache and what an engine takes beside them."""
