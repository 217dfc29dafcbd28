"""Tokens as a table: of one text with the tokens below it, of many texts, under many tokenizers."""

from __future__ import annotations

from ...estimates.tokens.details import ManyTextsEstimate, OneTextEstimate, TokensComparison, TokensDetails
from ...messages import said, tell
from .. import formats
from ..figure_text import beginning, tokens_text, value_text
from ..labels import label
from ..layout import Layout, Table, row

_BAR_CELLS = 30
# Longer lists of ids are for `--json`; these fill about ten lines.
_SHOWN_IDS = 200


def tokens(estimate: OneTextEstimate) -> Layout:
    """The count, the text's words and characters, and the ratios between them."""
    names = ("tokens", "words", "chars", "tokens_per_word", "rule_tokens_per_word", "tokens_per_char")
    table = Table(
        f"{said(estimate.subject)}: {tokens_text(estimate['tokens'])}",
        _header(),
        tuple(row(estimate[name]) for name in names if name in estimate),
    )
    lines = [_tokenizer(estimate.details)]
    if estimate.details.ids is not None:
        lines.append(_ids(estimate.details.ids))
    return Layout((table,), tuple(lines), estimate.notes, pieces=estimate.pieces)


def token_stats(estimate: ManyTextsEstimate) -> Layout:
    """The total of many texts or of a file, how long the texts are, and their histogram."""
    count = tell("{tokens} tokens", tokens=value_text(estimate["tokens"]))
    title = f"{said(estimate.subject)}, {estimate.details.model}: {count}"
    tables = [Table(title, _header(), tuple(map(row, estimate.figures)))]
    bins = estimate.details.histogram
    if len(bins) > 1:
        most = max(n for _, _, n in bins)
        rows = tuple(
            (f"{formats.count(low)}–{formats.count(high - 1)}", formats.count(n), _bar(n, most))
            for low, high, n in bins
        )
        header = (label("tokens"), label("texts"), "")
        tables.append(Table(tell("How many texts are how long"), header, rows))
    return Layout(tuple(tables), (_tokenizer(estimate.details),), estimate.notes)


def tokens_comparison(estimate: TokensComparison) -> Layout:
    """One line for each tokenizer."""
    ratios = (tell("To the first"), tell("Per word"), tell("Per character"))
    header = (tell("Model"), label("tokens"), *ratios, tell("Tokenizer"))
    rows = tuple(
        (
            said(part.subject),
            value_text(part["tokens"]),
            value_text(part["tokens_ratio"]) if "tokens_ratio" in part else "–",
            value_text(part["tokens_per_word"]),
            value_text(part["tokens_per_char"]),
            beginning(part["tokens"].note),
        )
        for part in estimate.parts
    )
    title = tell("One text under {n} tokenizers", n=len(rows))
    return Layout((Table(title, header, rows, frozenset({1, 2, 3, 4})),), (), estimate.notes)


def _header() -> tuple[str, ...]:
    return "", tell("Value"), tell("How it is known")


def _tokenizer(details: TokensDetails) -> str:
    return tell("Tokenizer: {tokenizer}", tokenizer=details.tokenizer)


def _ids(ids: tuple[int, ...]) -> str:
    if not ids:
        return tell("Ids: not known for this tokenizer")
    shown, n_more = " ".join(map(str, ids[:_SHOWN_IDS])), len(ids) - _SHOWN_IDS
    if n_more > 0:
        return tell("Ids: {ids} … and {n:,} more", ids=shown, n=n_more)
    return tell("Ids: {ids}", ids=shown)


def _bar(n: int, most: int) -> str:
    return "█" * max(1, round(_BAR_CELLS * n / most)) if n else ""
