"""Token arithmetic: ratios between a count of tokens and the text it came from."""

from __future__ import annotations

from collections.abc import Sequence


def tokens_by_ratio(reference_tokens: int, ratio: float) -> int:
    """Tokens of a closed tokenizer, from the count of an open one and their measured ratio.

    >>> tokens_by_ratio(1000, 1.488)
    1488
    """
    return round(reference_tokens * ratio)


def mixed_ratio(ratios: Sequence[float], shares: Sequence[float], margin: float) -> float:
    """The ratio of a text of several kinds, each by its share, moved by a margin.

    >>> mixed_ratio([1.5, 2.1], [0.75, 0.25], margin=0)
    1.65
    """
    return sum(ratio * share for ratio, share in zip(ratios, shares, strict=True)) * (1 + margin)


def tokens_per_word(tokens: int, words: int) -> float:
    """Tokens to a word between spaces; 1.3 in the 2023 document.

    >>> tokens_per_word(1000, 750)
    1.3333333333333333
    """
    return tokens / words


def tokens_per_char(tokens: int, chars: int) -> float:
    """Tokens to a Unicode code point.

    >>> tokens_per_char(25, 100)
    0.25
    """
    return tokens / chars


def tokens_ratio(tokens: int, first_tokens: int) -> float:
    """One tokenizer's count of a text, relative to another's.

    >>> tokens_ratio(120, 100)
    1.2
    """
    return tokens / first_tokens


def mean_tokens(tokens: int, documents: int) -> float:
    """Tokens of a document, on average.

    >>> mean_tokens(1000, 8)
    125.0
    """
    return tokens / documents
