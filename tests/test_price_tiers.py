"""Each call pays the tier of its own length, for fresh, cached and written tokens alike: by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.catalog.prices.price import Rate

pytestmark = pytest.mark.usefixtures("the_documents_day")


def words(n):
    """A text of n tokens in every vocabulary of these tests."""
    return "word" + " word" * (n - 1)


# genai-prices 0.2.3, by the input tokens of a call: up to 32,000, up to 128,000, above.
QWEN = "openrouter/qwen/qwen3-coder-flash"
LENGTHS = (10_000, 50_000, 150_000)
RATES = {
    "input": ("0.195", "0.325", "0.52"),
    "output": ("0.975", "1.625", "2.6"),
    "cached": ("0.039", "0.065", "0.104"),
    "written": ("0.24375", "0.40625", "0.65"),
}


def test_the_rates_by_hand_are_those_of_the_table():
    price = find_price(QWEN, datetime(2026, 11, 24, 12, tzinfo=UTC))
    of = {
        "input": price.input,
        "output": price.output,
        "cached": price.cached_input,
        "written": price.cache_write,
    }
    for name, rate in of.items():
        assert tuple(map(rate.usd_per_mtok, LENGTHS)) == tuple(map(Decimal, RATES[name]))


def test_three_prompts_in_three_tiers_with_half_of_each_cached():
    cost = estimate_cost([words(n) for n in LENGTHS], QWEN, output_tokens=100, cached="50%")
    # 5,000 × (0.195 + 0.039) + 25,000 × (0.325 + 0.065) + 75,000 × (0.52 + 0.104) = 57,720
    assert cost["input_usd"].value == Decimal("0.05772")
    assert cost["fresh_tokens"].value == cost["cached_tokens"].value == 105_000
    # 5,000 × 0.039 + 25,000 × 0.065 + 75,000 × 0.104 = 9,620
    assert cost["cached_usd"].value == Decimal("0.00962")
    # 100 × (0.975 + 1.625 + 2.6) = 520
    assert cost["output_usd"].value == Decimal("0.00052")
    assert cost["total_usd"].value == Decimal("0.05824")
    assert not cost["total_usd"].has_range
    rate = cost["input_usd_per_mtok"]
    assert (rate.low, rate.high) == (Decimal("0.195"), Decimal("0.52"))


def test_what_is_written_pays_its_tier_too():
    # BerriAI/litellm#30207, Helicone/helicone#5779: writes at the base tier, the input at the long one.
    cost = estimate_cost([words(n) for n in LENGTHS], QWEN, cached="20%", cache_write=5_000)
    fresh = (3_000, 35_000, 115_000)
    by_hand = sum(
        n_fresh * Decimal(RATES["input"][tier])
        + LENGTHS[tier] // 5 * Decimal(RATES["cached"][tier])
        + 5_000 * Decimal(RATES["written"][tier])
        for tier, n_fresh in enumerate(fresh)
    )
    assert cost["input_usd"].value == by_hand / 1_000_000
    assert cost["cache_write_tokens"].value == 15_000


@settings(max_examples=25)
@given(
    st.lists(st.sampled_from([1_500, 31_999, 32_000, 32_001, 60_000, 128_001]), min_size=2, max_size=4),
    st.integers(0, 60),
    st.integers(0, 40),
    st.none() | st.integers(0, 500),
)
def test_prompts_together_cost_what_they_cost_alone(lengths, cached, written, output):
    options = {"cached": f"{cached}%", "cache_write": f"{written}%", "output_tokens": output}
    together = estimate_cost([words(n) for n in lengths], QWEN, **options)
    alone = [estimate_cost(words(n), QWEN, **options) for n in lengths]
    for name in ("input_usd", "output_usd", "total_usd", "fresh_tokens", "cached_tokens", "cache_write_usd"):
        values = [each[name].value for each in alone]
        if None in values:
            assert together[name].value is None
            continue
        # A percentage of several calls is rounded once, to a whole token.
        token = 1 if name.endswith("tokens") else Decimal("0.65") / 1_000_000
        slack = 0 if name == "output_usd" else len(lengths) * token
        assert abs(together[name].value - sum(values)) <= slack, name


def test_a_count_whose_range_lies_across_a_tier_is_a_range_of_both_rates():
    # No vocabulary of Qwen 3.7 is at hand: its tokens are a range. Its price rises above 32,000 tokens.
    cost = estimate_cost("The quick brown fox. " * 6_300, "openrouter/qwen/qwen3.7-flash", output_tokens=10)
    tokens, rate = cost["input_tokens"], cost["input_usd_per_mtok"]
    assert tokens.low <= 32_000 < tokens.high
    assert (rate.low, rate.high) == (Decimal("0.03"), Decimal("0.1"))
    assert cost["input_usd"].low == tokens.low * Decimal("0.03") / 1_000_000
    assert cost["input_usd"].high == tokens.high * Decimal("0.1") / 1_000_000
    assert (cost["output_usd"].low, cost["output_usd"].high) == (Decimal("0.0000013"), Decimal("0.000004"))


def test_a_cache_without_a_published_rate_costs_the_full_rate_of_its_tier():
    # theopenco/llmgateway#1188, maximhq/bifrost#1800: the fallback of a tier must be the rate of that tier.
    plain, cached = (
        estimate_cost(words(205_000), "gemini-2.5-pro", **options, on=date(2026, 11, 24))
        for options in ({}, {"cache_write": 4_000})
    )
    assert plain["input_usd_per_mtok"].value == Decimal("2.5")
    assert cached["input_usd"].value == plain["input_usd"].value


def test_an_hour_that_is_not_known_multiplies_every_tier():
    rate = Rate(Decimal(1), ((1_000, Decimal(3)),), peak_times=Decimal(2))
    assert (rate.usd_per_mtok(1_001), rate.highest_usd_per_mtok(1_001)) == (Decimal(3), Decimal(6))
    assert rate.times(Decimal(2)) == Rate(Decimal(2), ((1_000, Decimal(6)),), Decimal(2))
