"""Tokens and dollars of a conversation, in which each turn sends all that was said before it."""

from __future__ import annotations

from decimal import Decimal


def grown_tokens(output_tokens: int, added_tokens: int, message_tokens: int) -> int:
    """What a turn is longer than the one before: its answer, the next message, and a frame for each.

    >>> grown_tokens(output_tokens=300, added_tokens=50, message_tokens=4)
    358
    """
    return output_tokens + added_tokens + 2 * message_tokens


def turns_tokens(input_tokens: int, grown_tokens: int, first: int, last: int) -> int:
    """Input tokens of the turns from `first` to `last`, which count from 1.

    >>> turns_tokens(1_000, 100, first=1, last=3), turns_tokens(1_000, 100, first=3, last=3)
    (3300, 1200)
    """
    turns = last - first + 1
    return turns * input_tokens + grown_tokens * (first + last - 2) * turns // 2


def turns_output_tokens(output_tokens: int, turns: int) -> int:
    """Output tokens of so many turns.

    >>> turns_output_tokens(300, 10)
    3000
    """
    return output_tokens * turns


def sent_usd(
    sent_tokens: int, usd_per_mtok: Decimal, output_tokens: int, output_usd_per_mtok: Decimal
) -> Decimal:
    """Dollars for turns without a cache: all that is sent, and the answers.

    >>> sent_usd(1_000_000, Decimal(3), 10_000, Decimal(15))
    Decimal('3.15')
    """
    return (sent_tokens * usd_per_mtok + output_tokens * output_usd_per_mtok) / 1_000_000


def cached_usd(
    read_tokens: int,
    read_usd_per_mtok: Decimal,
    new_tokens: int,
    new_usd_per_mtok: Decimal,
    output_tokens: int,
    output_usd_per_mtok: Decimal,
) -> Decimal:
    """Dollars for turns that read from the cache what was sent before, and pay what is new.

    >>> cached_usd(900_000, Decimal("0.3"), 100_000, Decimal("3.75"), 10_000, Decimal(15))
    Decimal('0.795')
    """
    sent = read_tokens * read_usd_per_mtok + new_tokens * new_usd_per_mtok
    return (sent + output_tokens * output_usd_per_mtok) / 1_000_000


def loop_tokens(steps: int, first_tokens: int, added_tokens: int) -> int:
    """Input tokens of an agent's loop, in which each step sends again all that came before it.

    >>> loop_tokens(steps=20, first_tokens=3_000, added_tokens=1_500)
    345000
    """
    return steps * first_tokens + added_tokens * steps * (steps - 1) // 2


def cached_loop_tokens(
    steps: int, first_tokens: int, added_tokens: int, write_ratio: float, read_ratio: float
) -> float:
    """The same with a cache, in tokens at the price of plain input: what is new is written, the rest is read.

    >>> cached_loop_tokens(20, 3_000, 1_500, write_ratio=1.25, read_ratio=0.05)
    55050.0
    """
    written = first_tokens + (steps - 1) * added_tokens
    read = (steps - 1) * first_tokens + added_tokens * (steps - 1) * (steps - 2) // 2
    return float(written * write_ratio + read * read_ratio)
