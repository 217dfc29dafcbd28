"""A text's tokens as a table, with the tokens themselves below it."""

from __future__ import annotations

from ...figures import Estimate
from ..cells import value_text
from ..layout import Layout, Table, row


def tokens(estimate: Estimate) -> Layout:
    rows = tuple(
        row(estimate[name]) for name in ("tokens", "words", "chars", "tokens_per_word", "tokens_per_char")
    )
    title = f"{estimate.subject}: {value_text(estimate['tokens'])} tokens"
    table = Table(title, ("", "Value", "How it is known"), rows)
    return Layout((table,), (f"Tokenizer: {estimate.details['tokenizer']}",), estimate.notes, estimate.pieces)
