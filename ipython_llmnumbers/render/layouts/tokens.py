"""A text's tokens as a table, with the tokens themselves below it."""

from __future__ import annotations

from ...figures import Estimate
from ..cells import value_text
from ..layout import Layout, Table, row


def tokens(estimate: Estimate) -> Layout:
    """The count, the text's words and characters, and the ratios between them."""
    rows = tuple(
        row(estimate[name]) for name in ("tokens", "words", "chars", "tokens_per_word", "tokens_per_char")
    )
    count = estimate["tokens"]
    title = f"{estimate.subject}: {value_text(count)} {'token' if count.value == 1 else 'tokens'}"
    table = Table(title, ("", "Value", "How it is known"), rows)
    return Layout(
        (table,), (f"Tokenizer: {estimate.details['tokenizer']}",), estimate.notes, pieces=estimate.pieces
    )
