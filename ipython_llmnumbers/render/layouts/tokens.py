"""Tokens as a table: of one text with the tokens below it, of many texts, under many tokenizers."""

from __future__ import annotations

from ...estimates.tokens.details import ManyTextsEstimate, OneTextEstimate, TokensComparison, TokensDetails
from ...figures import Figure
from ...messages import said, tell
from .. import formats
from ..figure_text import beginning, in_tokens, point_text, range_text, value_text
from ..labels import label
from ..layout import Answer, Layout, Meters, Table, joined_facts, row

# Longer lists of ids are for `--json`; these fill about ten lines.
_SHOWN_IDS = 200


def tokens(estimate: OneTextEstimate) -> Layout:
    """The count, the text's words and characters, and the ratios between them."""
    names = ("tokens", "words", "chars", "tokens_per_word", "rule_tokens_per_word", "tokens_per_char")
    rows = tuple(row(estimate[name]) for name in names if name in estimate)
    table = Table(tell("How it is made"), _header(), rows, is_folded=True)
    ids = () if estimate.details.ids is None else (_ids(estimate.details.ids),)
    lines = (_tokenizer(estimate.details), *ids)
    answer, pieces = _answer(estimate), estimate.pieces
    return Layout((table,), lines, estimate.notes, pieces=pieces, answer=answer, asked=ids)


def _answer(estimate: OneTextEstimate) -> Answer:
    """The count; that it is exact, or its range; and the text's length."""
    count = estimate["tokens"]
    facts = [range_text(count), said(estimate.subject), beginning(count.note)]
    if "chars" in estimate:
        facts.append(tell("{n} characters", n=value_text(estimate["chars"])))
    if "tokens_per_word" in estimate and estimate["tokens_per_word"].value:
        facts.append(tell("tokens per word: {n}", n=point_text(estimate["tokens_per_word"])))
    return Answer(_tokens(count), joined_facts(*facts))


def _tokens(count: Figure) -> str:
    """A count with its unit, and its range elsewhere."""
    return in_tokens(point_text(count), is_one=count.value == 1)


def token_stats(estimate: ManyTextsEstimate) -> Layout:
    """The total of many texts or of a file, how long the texts are, and their histogram."""
    count = estimate["tokens"]
    facts = (range_text(count), said(estimate.subject), estimate.details.model)
    answer = Answer(_tokens(count), joined_facts(*facts))
    rows = tuple(map(row, estimate.figures))
    tables = [Table(tell("How it is made"), _header(), rows, is_folded=True)]
    bins = estimate.details.histogram
    if len(bins) > 1:
        rows_of_bins = tuple((_counts(low, high - 1), formats.count(n)) for low, high, n in bins)
        header, counts = (label("tokens"), label("texts")), tuple(float(n) for _, _, n in bins)
        meters = Meters(label("texts"), counts, tuple((n, n) for n in counts))
        tables.append(Table(tell("How many texts are how long"), header, rows_of_bins, meters=meters))
    return Layout(tuple(tables), (_tokenizer(estimate.details),), estimate.notes, answer=answer)


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
    counts = [part["tokens"] for part in estimate.parts]
    about = tell("one text under {n} tokenizers", n=len(rows))
    answer = Answer(_spread(counts), about)
    meters = Meters.of(label("tokens"), counts)
    table = Table("", header, rows, frozenset({1, 2, 3, 4}), meters)
    return Layout((table,), (), estimate.notes, answer=answer)


def _counts(least: int, most: int) -> str:
    low, high = formats.count(least), formats.count(most)
    return low if low == high else formats.span(low, high)


def _spread(counts: list[Figure]) -> str:
    """From the fewest that one of the counts may be to the most."""
    known = [each for each in counts if each.value is not None]
    low = int(min((each.low or 0 for each in known), default=0))
    high = int(max((each.high or 0 for each in known), default=0))
    return in_tokens(_counts(low, high), is_one=low == high == 1)


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
