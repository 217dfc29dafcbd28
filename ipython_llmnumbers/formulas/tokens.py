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


def tokens_by_example(words: int, example_tokens: int, example_words: int) -> int:
    """The tokens of a text of so many words, at the rate of an example.

    >>> tokens_by_example(750, example_tokens=1000, example_words=750)
    1000
    """
    return round(words * example_tokens / example_words)


def added_tokens(tokens_with: int, tokens_without: int) -> int:
    """What one part of a request adds to its tokens.

    A tool in Claude's documentation of token counting: 403 tokens with it, 14 without.

    >>> added_tokens(403, 14)
    389
    """
    return tokens_with - tokens_without


def reading_tokens_per_s(words_per_minute: float, tokens_per_word: float) -> float:
    """Tokens a second that somebody reads.

    >>> round(reading_tokens_per_s(238, 1.33), 2)
    5.28
    """
    return words_per_minute * tokens_per_word / 60


def units_in_window(window_tokens: int, tokens_per_unit: float) -> int:
    """The words, or the characters, that a context window holds.

    >>> units_in_window(1_050_000, 1.33)
    789474
    """
    return round(window_tokens / tokens_per_unit)


def mean_tokens(tokens: int, documents: int) -> float:
    """Tokens of a document, on average.

    >>> mean_tokens(1000, 8)
    125.0
    """
    return tokens / documents
