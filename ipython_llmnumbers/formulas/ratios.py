"""How many times: price against price, and a batch against one query; and what the prices came from.

The formulas of the 2023 document's ratios (https://github.com/ray-project/llm-numbers). Prices are
per million tokens, as in `cost`.
"""

from __future__ import annotations

from decimal import Decimal


def cost_ratio(dearer_usd: Decimal, cheaper_usd: Decimal) -> Decimal:
    """How many times the dearer costs the cheaper; both for the same amount.

    >>> cost_ratio(Decimal("2"), Decimal("0.40"))
    Decimal('5')
    """
    return dearer_usd / cheaper_usd


def blended_usd_per_mtok(
    prompt_usd_per_mtok: Decimal, output_usd_per_mtok: Decimal, output_percent: int
) -> Decimal:
    """The price of a million tokens, of which `output_percent` in a hundred are output.

    >>> blended_usd_per_mtok(Decimal("60"), Decimal("120"), 50)
    Decimal('90')
    """
    return (prompt_usd_per_mtok * (100 - output_percent) + output_usd_per_mtok * output_percent) / 100


def output_percent_at_ratio(
    ratio: int,
    prompt_usd_per_mtok: Decimal,
    output_usd_per_mtok: Decimal,
    cheaper_usd_per_mtok: Decimal,
) -> Decimal:
    """The percentage of output at which the blended price is `ratio` times the cheaper one.

    >>> round(output_percent_at_ratio(50, Decimal("60"), Decimal("120"), Decimal("2")), 1)
    Decimal('66.7')
    """
    return (
        (ratio * cheaper_usd_per_mtok - prompt_usd_per_mtok)
        / (output_usd_per_mtok - prompt_usd_per_mtok)
        * 100
    )


def self_hosted_usd_per_mtok(usd_per_hour: Decimal, tokens_per_s: int) -> Decimal:
    """What a million tokens cost on a machine that is paid by the hour and never idle.

    >>> round(self_hosted_usd_per_mtok(Decimal("1.20"), 9000), 4)
    Decimal('0.0370')
    """
    return usd_per_hour / (tokens_per_s * 3600) * 1_000_000


def tokens_of_words(words: int, tokens_per_word: float) -> int:
    """The tokens of a text of so many words.

    >>> tokens_of_words(1000, 1.3)
    1300
    """
    return round(words * tokens_per_word)


def tokens_by_words_per_token(words: int, words_per_token: float) -> int:
    """The same, where the rate is quoted the other way round.

    >>> tokens_by_words_per_token(750, 0.75)
    1000
    """
    return round(words / words_per_token)


def batching_speedup(batch_size: int, batch_s: float, single_s: float) -> float:
    """Queries per second of a batch, against one query at a time.

    >>> batching_speedup(batch_size=25, batch_s=10, single_s=5)
    12.5
    """
    return batch_size / batch_s * single_s
