"""How many times: price against price, and a batch against one query; and what the prices came from.

The formulas of the 2023 document's ratios (https://github.com/ray-project/llm-numbers), and of those
that came after it: discounts, hidden tokens, the fall of prices, the speed that memory allows. Prices
are per million tokens, as in `cost`.
"""

from __future__ import annotations

import math
from decimal import Decimal


def cost_ratio(cost_usd: Decimal, base_cost_usd: Decimal) -> Decimal:
    """How many times the base one costs; both for the same amount.

    >>> cost_ratio(Decimal("2"), Decimal("0.40"))
    Decimal('5')
    """
    return cost_usd / base_cost_usd


def blended_usd_per_mtok(
    prompt_usd_per_mtok: Decimal, output_usd_per_mtok: Decimal, output_percent: int | Decimal
) -> Decimal:
    """The price of a million tokens, of which `output_percent` in a hundred are output.

    >>> blended_usd_per_mtok(Decimal("60"), Decimal("120"), 50)
    Decimal('90')
    """
    return (prompt_usd_per_mtok * (100 - output_percent) + output_usd_per_mtok * output_percent) / 100


def blended_cost_ratio(
    input_usd_per_mtok: Decimal,
    output_usd_per_mtok: Decimal,
    base_input_usd_per_mtok: Decimal,
    base_output_usd_per_mtok: Decimal,
    output_percent: int | Decimal,
) -> Decimal:
    """How many times its base a model costs for the same mix of input and output.

    >>> int(blended_cost_ratio(Decimal("2"), Decimal("10"), Decimal("0.1"), Decimal("0.5"), 50))
    20
    """
    return (input_usd_per_mtok * (100 - output_percent) + output_usd_per_mtok * output_percent) / (
        base_input_usd_per_mtok * (100 - output_percent) + base_output_usd_per_mtok * output_percent
    )


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


def self_hosted_usd_per_mtok(usd_per_hour: Decimal, tokens_per_s: int | Decimal) -> Decimal:
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


def discount_percent(full_usd: Decimal, reduced_usd: Decimal) -> Decimal:
    """How much less the reduced price is, in a hundred of the full one.

    >>> discount_percent(Decimal("2"), Decimal("1"))
    Decimal('50.0')
    """
    return 100 - reduced_usd / full_usd * 100


def billed_to_visible(reasoning_tokens: int, visible_tokens: int) -> float:
    """How many output tokens are paid for each one that is shown: the reasoning is billed, not returned.

    >>> round(billed_to_visible(1024, 162), 1)
    7.3
    """
    return (reasoning_tokens + visible_tokens) / visible_tokens


def price_fall_per_year(
    then_prompt_usd_per_mtok: Decimal,
    then_output_usd_per_mtok: Decimal,
    now_prompt_usd_per_mtok: Decimal,
    now_output_usd_per_mtok: Decimal,
    days_between: int,
) -> float:
    """By what factor the price fell in each year, had it fallen evenly; prompt and answer of one length.

    >>> round(price_fall_per_year(Decimal(30), Decimal(60), Decimal(3), Decimal(6), 365), 2)
    10.02
    """
    return math.pow(
        (then_prompt_usd_per_mtok + then_output_usd_per_mtok)
        / (now_prompt_usd_per_mtok + now_output_usd_per_mtok),
        365.25 / days_between,
    )


def weights_shrink(full_bits_per_param: float, bits_per_param: float) -> float:
    """How many times smaller the quantised weights are.

    >>> weights_shrink(16, 4)
    4.0
    """
    return full_bits_per_param / bits_per_param


def roofline_tokens_per_s(bandwidth_bytes_per_s: int, weights_bytes: int) -> float:
    """The most tokens a second for one sequence: each token reads every weight once.

    Source: "Efficiently Scaling Transformer Inference", https://arxiv.org/abs/2211.05102, section 2.

    >>> roofline_tokens_per_s(2_039_000_000_000, 26_000_000_000)  # 13B in 16 bits on an A100
    78.42307692307692
    """
    return bandwidth_bytes_per_s / weights_bytes


def memory_bound_batch(peak_flops_per_s: int, bandwidth_bytes_per_s: int, bytes_per_param: float) -> float:
    """The batch up to which another sequence is nearly free.

    A step reads each weight once and multiplies it, 2 operations, for every sequence; below this
    size the reading takes longer than the arithmetic. The KV cache is left out.
    Source: the same paper, section 2.

    >>> round(memory_bound_batch(312 * 10**12, 1_555 * 10**9, 2))  # A100 40GB
    201
    """
    return peak_flops_per_s * bytes_per_param / (2 * bandwidth_bytes_per_s)


def share_beyond(value: float, against: float) -> float:
    """How much larger one number is than another, as a share of it; below 0 where it is smaller.

    >>> share_beyond(150, 100)
    0.5
    """
    return value / against - 1


def request_usd(
    input_tokens: int, output_tokens: int, input_usd_per_mtok: Decimal, output_usd_per_mtok: Decimal
) -> Decimal:
    """Dollars for one call: what is asked and what is answered, each at its price.

    Ten ideas of 60 tokens each at $2 and $10, then five:

    >>> request_usd(300, 600, Decimal(2), Decimal(10)), request_usd(300, 300, Decimal(2), Decimal(10))
    (Decimal('0.0066'), Decimal('0.0036'))
    """
    return (input_tokens * input_usd_per_mtok + output_tokens * output_usd_per_mtok) / 1_000_000


def requests_usd(
    requests: int,
    input_tokens: int,
    output_tokens: int,
    input_usd_per_mtok: Decimal,
    output_usd_per_mtok: Decimal,
) -> Decimal:
    """Dollars for so many calls.

    >>> int(requests_usd(1000, 500, 300, Decimal(2), Decimal(10)))
    4
    """
    return requests * request_usd(input_tokens, output_tokens, input_usd_per_mtok, output_usd_per_mtok)


def price_ratio(usd_per_mtok: Decimal, base_usd_per_mtok: Decimal) -> Decimal:
    """How many times one price per million tokens is another.

    >>> price_ratio(Decimal("2"), Decimal("0.40"))
    Decimal('5')
    """
    return usd_per_mtok / base_usd_per_mtok


def api_to_own_cost(
    api_usd_per_mtok: Decimal, usd_per_hour: Decimal, tokens_per_s: int | Decimal, busy_percent: int | Decimal
) -> Decimal:
    """How many times its cost on a machine of one's own a token costs at an API.

    The machine is paid for all day, and busy for a share of it. OpenAI's embeddings of 2023, on a
    g4dn.4xlarge that is never idle:

    >>> round(api_to_own_cost(Decimal("0.40"), Decimal("1.20"), 9000, 100), 1)
    Decimal('10.8')
    """
    return api_usd_per_mtok * tokens_per_s * 3600 * busy_percent / 100 / (usd_per_hour * 1_000_000)


def even_busy_percent(
    usd_per_hour: Decimal, tokens_per_s: int | Decimal, api_usd_per_mtok: Decimal
) -> Decimal:
    """The share of the day at which such a machine costs as much as the API.

    >>> round(even_busy_percent(Decimal("1.04"), 60_000, Decimal("0.02")))
    24
    """
    return usd_per_hour * 1_000_000 / (tokens_per_s * 3600 * api_usd_per_mtok) * 100


def first_of_these(**several: float | Decimal) -> float | Decimal:
    """The first of several answers to one question; the others make its range.

    >>> first_of_these(newest=20, largest=100)
    20
    """
    first, *_ = several.values()
    return first


def change_times(now: float | Decimal, then: float | Decimal) -> float:
    """How many times another value, as a former one of its own, something is.

    >>> change_times(20, 50)
    0.4
    """
    return float(now) / float(then)
