"""What tokens cost. Dollars are `Decimal`, prices are per million tokens, as providers print them."""

from __future__ import annotations

from decimal import Decimal
from math import floor


def tokens_usd(tokens: int, usd_per_mtok: Decimal) -> Decimal:
    """Dollars for `tokens` at one rate.

    >>> tokens_usd(1_234, Decimal("2.50"))
    Decimal('0.003085')
    """
    return tokens * usd_per_mtok / 1_000_000


def usd_per_1k_chars(input_usd: Decimal, chars: int) -> Decimal:
    """Dollars for 1,000 characters of a text that costs so much as a prompt.

    >>> usd_per_1k_chars(Decimal("0.003"), 1_500)
    Decimal('0.002000')
    """
    return input_usd / chars * 1000


def share_tokens(tokens: int, percent: Decimal) -> int:
    """Tokens that are a given share of others.

    >>> share_tokens(1_234, Decimal(80))
    987
    """
    return round(tokens * percent / 100)


def tokens_of_calls(tokens_per_call: int, requests: int) -> int:
    """Tokens that each of several calls has in common.

    >>> tokens_of_calls(1_000, 200)
    200000
    """
    return tokens_per_call * requests


def fresh_tokens(input_tokens: int, cached_tokens: int, cache_write_tokens: int) -> int:
    """Input tokens that are neither read from the cache nor written to it: no token is billed twice.

    >>> fresh_tokens(1_000, 800, 0)
    200
    """
    return max(0, input_tokens - cached_tokens - cache_write_tokens)


def rest_tokens(input_tokens: int, parts_tokens: int) -> int:
    """Input tokens that have no rate of their own: those that no cache had and that are no sound.

    >>> rest_tokens(1_000, 800)
    200
    """
    return max(0, input_tokens - parts_tokens)


def input_usd(fresh_usd: Decimal, cached_usd: Decimal, cache_write_usd: Decimal) -> Decimal:
    """Dollars for an input of which a part is cached.

    >>> input_usd(Decimal("0.0005"), Decimal("0.0001"), Decimal(0))
    Decimal('0.0006')
    """
    return fresh_usd + cached_usd + cache_write_usd


def concise_usd(output_usd: Decimal, saved_percent: Decimal) -> Decimal:
    """Dollars for an answer that is shorter by a share.

    >>> concise_usd(Decimal("0.0030"), Decimal(40))
    Decimal('0.0018')
    """
    return output_usd * (100 - saved_percent) / 100


def total_usd(input_usd: Decimal, output_usd: Decimal) -> Decimal:
    """Dollars for one call, question and answer.

    >>> total_usd(Decimal("0.003085"), Decimal("0.003"))
    Decimal('0.006085')
    """
    return input_usd + output_usd


def requests_usd(requests: int, usd_per_request: Decimal) -> Decimal:
    """Dollars that each call costs beside its tokens.

    >>> requests_usd(200, Decimal("0.014"))
    Decimal('2.800')
    """
    return requests * usd_per_request


def tool_usd(times: int, usd_per_thousand: Decimal) -> Decimal:
    """Dollars for what a provider's own tool did, such as its searches.

    >>> tool_usd(5, Decimal(10))
    Decimal('0.05')
    """
    return times * usd_per_thousand / 1000


def hours_usd(duration_s: int, usd_per_hour: Decimal) -> Decimal:
    """Dollars for sound that is billed by its length in seconds.

    >>> hours_usd(60, Decimal("0.36"))
    Decimal('0.006')
    """
    return duration_s * usd_per_hour / 3600


def with_requests_usd(tokens_usd: Decimal, requests_usd: Decimal) -> Decimal:
    """Dollars for one call whose provider bills the request too.

    >>> with_requests_usd(Decimal("0.003"), Decimal("0.014"))
    Decimal('0.017')
    """
    return tokens_usd + requests_usd


def cache_pays_from_call(
    input_usd_per_mtok: Decimal, write_usd_per_mtok: Decimal, read_usd_per_mtok: Decimal
) -> int:
    """The number of calls from which writing a prompt once and reading it since is cheaper than neither.

    >>> cache_pays_from_call(Decimal(3), Decimal("3.75"), Decimal("0.3"))
    2
    >>> cache_pays_from_call(Decimal(3), Decimal(6), Decimal("0.3"))
    3
    """
    # w + (n - 1) r < n i, so n > (w - r) / (i - r)
    saved = input_usd_per_mtok - read_usd_per_mtok
    return floor((write_usd_per_mtok - read_usd_per_mtok) / saved) + 1


def repaying_reads(
    input_usd_per_mtok: Decimal, write_usd_per_mtok: Decimal, read_usd_per_mtok: Decimal
) -> int:
    """The least number of later reads after which writing to the cache was cheaper than sending again.

    >>> repaying_reads(Decimal(2), Decimal("2.5"), Decimal("0.1"))
    1

    Raises:
        ValueError: a read costs as much as plain input, so that no number of them repays it.
    """
    if read_usd_per_mtok >= input_usd_per_mtok:
        raise ValueError("a read that saves nothing never repays the write")
    return cache_pays_from_call(input_usd_per_mtok, write_usd_per_mtok, read_usd_per_mtok) - 1


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


def cost_ratio_to(total_usd: Decimal, other_total_usd: Decimal) -> Decimal:
    """How many times as dear one model is as another.

    >>> cost_ratio_to(Decimal("0.30"), Decimal("0.02"))
    Decimal('15')
    """
    return total_usd / other_total_usd


def converted(usd: Decimal, rate: Decimal) -> Decimal:
    """An amount of dollars in another currency, at the user's rate for one dollar.

    >>> converted(Decimal("0.02"), Decimal(150))
    Decimal('3.00')
    """
    return usd * rate


def percent_of(tokens: int, window_tokens: int) -> float:
    """How much of a context window is filled.

    >>> percent_of(80_000, 128_000)
    62.5
    """
    return 100 * tokens / window_tokens


def difference_percent(input_tokens: int, saved_input_tokens: int) -> float:
    """How much more was counted than an answer says of itself.

    >>> difference_percent(20, 16)
    25.0
    """
    return 100 * (input_tokens - saved_input_tokens) / saved_input_tokens


def output_tokens_per_s(output_tokens: int, duration_s: float) -> float:
    """Output tokens for each second from the sending to the end of the answer.

    >>> output_tokens_per_s(300, 4.0)
    75.0
    """
    return output_tokens / duration_s


def usd_difference_percent(estimated_usd: Decimal, spent_usd: Decimal) -> Decimal:
    """How much more was estimated than calls cost.

    >>> usd_difference_percent(Decimal("0.012"), Decimal("0.010"))
    Decimal('20')
    """
    return 100 * (estimated_usd - spent_usd) / spent_usd


def rest_usd(billed_usd: Decimal, recorded_usd: Decimal) -> Decimal:
    """Dollars of a bill that recorded calls do not explain; below zero where they come to more.

    >>> rest_usd(Decimal("1.28"), Decimal("1.25"))
    Decimal('0.03')
    """
    return billed_usd - recorded_usd


def sum_usd(**usd: Decimal) -> Decimal:
    """Dollars of many estimates, or of calls that pay several rates.

    >>> sum_usd(estimate_1=Decimal("0.02"), estimate_2=Decimal("0.03"))
    Decimal('0.05')
    """
    return sum(usd.values(), Decimal(0))


def sum_tokens(**tokens: int) -> int:
    """Tokens of several prompts.

    >>> sum_tokens(first=2, second=3)
    5
    """
    return sum(tokens.values())
