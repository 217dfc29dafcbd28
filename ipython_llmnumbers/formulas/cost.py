"""What tokens cost. Dollars are `Decimal`, prices are per million tokens, as providers print them."""

from __future__ import annotations

from decimal import Decimal


def tokens_usd(tokens: int, usd_per_mtok: Decimal) -> Decimal:
    """Dollars for `tokens` at one rate.

    >>> tokens_usd(1_234, Decimal("2.50"))
    Decimal('0.003085')
    """
    return tokens * usd_per_mtok / 1_000_000


def total_usd(input_usd: Decimal, output_usd: Decimal) -> Decimal:
    """Dollars for one call, question and answer.

    >>> total_usd(Decimal("0.003085"), Decimal("0.003"))
    Decimal('0.006085')
    """
    return input_usd + output_usd


def input_only_usd(input_usd: Decimal) -> Decimal:
    """Dollars for one call whose answer is not counted.

    >>> input_only_usd(Decimal("0.003085"))
    Decimal('0.003085')
    """
    return input_usd


def all_calls_usd(total_usd: Decimal, calls: int) -> Decimal:
    """Dollars for the same call made `calls` times.

    >>> all_calls_usd(Decimal("0.006085"), 1_000)
    Decimal('6.085000')
    """
    return total_usd * calls


def sum_tokens(**tokens: int) -> int:
    """Tokens of several prompts.

    >>> sum_tokens(first=2, second=3)
    5
    """
    return sum(tokens.values())


def sum_usd(**usd: Decimal) -> Decimal:
    """Dollars of several calls.

    >>> sum_usd(first=Decimal("0.1"), second=Decimal("0.2"))
    Decimal('0.3')
    """
    return sum(usd.values(), Decimal(0))
