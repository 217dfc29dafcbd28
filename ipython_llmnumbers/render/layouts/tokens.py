"""Tokens as a table: of one text with the tokens below it, of many texts, under many tokenizers."""

from __future__ import annotations

from ...figures import Estimate
from .. import formats
from ..cells import value_text
from ..layout import Layout, Table, row

_BAR_CELLS = 30
# Longer lists of ids are for `--json`; these fill about ten lines.
_SHOWN_IDS = 200


def tokens(estimate: Estimate) -> Layout:
    """The count, the text's words and characters, and the ratios between them."""
    if estimate.parts:
        return _comparison(estimate)
    names = ("tokens", "words", "chars", "tokens_per_word", "rule_tokens_per_word", "tokens_per_char")
    count = estimate["tokens"]
    title = f"{estimate.subject}: {value_text(count)} {'token' if count.value == 1 else 'tokens'}"
    table = Table(
        title,
        ("", "Value", "How it is known"),
        tuple(row(estimate[name]) for name in names if name in estimate),
    )
    lines = [f"Tokenizer: {estimate.details['tokenizer']}"]
    if "ids" in estimate.details:
        lines.append(_ids(estimate.details["ids"]))
    return Layout((table,), tuple(lines), estimate.notes, pieces=estimate.pieces)


def token_stats(estimate: Estimate) -> Layout:
    """The total of many texts or of a file, how long the texts are, and their histogram."""
    count = estimate["tokens"]
    title = f"{estimate.subject}, {estimate.details['model']}: {value_text(count)} tokens"
    tables = [Table(title, ("", "Value", "How it is known"), tuple(map(row, estimate.figures)))]
    bins = estimate.details["histogram"]
    if len(bins) > 1:
        most = max(n for _, _, n in bins)
        rows = tuple(
            (f"{formats.count(low)}–{formats.count(high - 1)}", formats.count(n), _bar(n, most))
            for low, high, n in bins
        )
        tables.append(Table("How many texts are how long", ("Tokens", "Texts", ""), rows))
    return Layout(tuple(tables), (f"Tokenizer: {estimate.details['tokenizer']}",), estimate.notes)


def _comparison(estimate: Estimate) -> Layout:
    header = ("Model", "Tokens", "To the first", "Per word", "Per character", "Tokenizer")
    rows = tuple(
        (
            part.subject,
            value_text(part["tokens"]),
            value_text(part["tokens_ratio"]) if "tokens_ratio" in part else "–",
            value_text(part["tokens_per_word"]),
            value_text(part["tokens_per_char"]),
            part["tokens"].note.partition(":")[0],
        )
        for part in estimate.parts
    )
    title = f"One text under {len(rows)} tokenizers"
    return Layout((Table(title, header, rows, frozenset({1, 2, 3, 4})),), (), estimate.notes)


def _ids(ids: list[int]) -> str:
    if not ids:
        return "Ids: not known for this tokenizer"
    more = f" … and {len(ids) - _SHOWN_IDS:,} more" if len(ids) > _SHOWN_IDS else ""
    return f"Ids: {' '.join(map(str, ids[:_SHOWN_IDS]))}{more}"


def _bar(n: int, most: int) -> str:
    return "█" * max(1, round(_BAR_CELLS * n / most)) if n else ""
