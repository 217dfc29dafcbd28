"""Which of two prices a cache is written at, when that pays, and the least that is cached."""

from __future__ import annotations

from decimal import Decimal

import pytest
from asked_prices import NOON, at, said

from ipython_llmnumbers.catalog.prices.find import find_price

# -- caches ---------------------------------------------------------------------------------


# Claude docs, prompt caching: 5 minutes 1.25 ×, 1 hour 2 ×. Tools that knew one rate showed up to 1.6 times
# too little: earendil-works/pi#5737, can1357/oh-my-pi#6876, Owloops/claude-powerline#104.
def test_a_cache_write_says_which_of_two_rates_it_pays():
    text = "word " * 6_000
    short, long = (
        at(NOON, text, "claude-opus-5-5", cache_write="50%", cache_ttl=ttl, output_tokens=1)
        for ttl in ("5m", "1h")
    )
    tokens = short["cache_write_tokens"].value
    assert short["cache_write_usd"].value == tokens * Decimal("5") / 1_000_000
    assert long["cache_write_usd"].value == tokens * Decimal("8") / 1_000_000
    assert any(
        "kept for 5 minutes, $5/Mtok; for 1 hour they cost $8/Mtok (cache_ttl='1h')" in t for t in said(short)
    )
    assert any("pays from call 2 on" in text for text in said(short))
    assert any("kept for 1 hour, $8/Mtok" in text and "pays from call 3 on" in text for text in said(long))


@pytest.mark.parametrize(
    ("model", "tokens_5m", "tokens_1h", "usd"),
    [
        ("claude-sonnet-4-5", 2_000_000, 0, "7.50"),  # jarrodwatts/claude-hud#758
        ("claude-sonnet-4-5", 0, 2_000_000, "12.00"),
        ("claude-opus-5", 344_139, 0, "2.15086875"),  # can1357/oh-my-pi#6876: what was shown
        ("claude-opus-5", 0, 344_139, "3.44139"),  # and what the turn cost
        ("claude-opus-4-8", 600_000, 400_000, "7.75"),  # earendil-works/pi#5738
    ],
)
def test_the_two_rates_give_what_users_were_billed(model, tokens_5m, tokens_1h, usd):
    price = find_price(model, NOON)
    short, long = price.cache_write.base_usd_per_mtok, price.cache_write_1h.base_usd_per_mtok
    assert tokens_5m * short + tokens_1h * long == Decimal(usd) * 1_000_000


def test_an_hour_that_has_no_price_is_unpriced():
    estimate = at(NOON, "word " * 6_000, "gpt-6-luna", cache_write="50%", cache_ttl="1h")
    assert estimate["total_usd"].value is None
    assert any(
        "no price is published for an hour in the cache of gpt-6-luna" in text for text in said(estimate)
    )


@pytest.mark.parametrize(
    ("model", "least"),
    [
        # Claude docs, prompt caching (bug-ops/zeph#1083: 4,096 on Haiku 4.5 and Opus 4.6).
        ("claude-opus-5-5", 512),
        ("claude-sonnet-4-5", 1_024),
        ("claude-opus-4-7", 2_048),
        ("claude-haiku-4-5", 4_096),
        # litellm docs, Prompt caching: OpenAI 1,024.
        ("gpt-4o", 1_024),
        # ai.google.dev, Context caching (BerriAI/litellm#12212).
        ("gemini-2.5-flash", 2_048),
        ("gemini-3.8-flash", 4_096),
        # Nothing is known of xAI's.
        ("grok-4.7", None),
    ],
)
def test_the_least_that_is_cached(model, least):
    price = find_price(model, NOON)
    assert price.cache_least_tokens == least
    assert (price.cache_source is None) == (least is None)


def test_what_is_too_short_to_be_cached_is_priced_in_full_and_said():
    for options in ({"cached": "100%"}, {"cache_write": "100%"}, {"cached": "40%", "cache_write": "60%"}):
        plain = at(NOON, "word " * 1_000, "gpt-4o", output_tokens=9)
        short = at(NOON, "word " * 1_000, "gpt-4o", output_tokens=9, **options)
        assert short["total_usd"].value == plain["total_usd"].value
        assert any("gpt-4o caches nothing below 1,024 tokens" in text for text in said(short, "warning"))
    enough = at(NOON, "word " * 1_024, "gpt-4o", output_tokens=9, cached=1_024)
    assert not any("caches nothing" in text for text in said(enough))
    assert enough["cached_tokens"].value == 1_024


def test_what_is_written_behind_a_cached_beginning_is_long_enough_with_it():
    both = at(NOON, "word " * 2_000, "gpt-6-luna", cached=1_100, cache_write=100)
    assert (both["cached_tokens"].value, both["cache_write_tokens"].value) == (1_100, 100)
    alone = at(NOON, "word " * 2_000, "gpt-6-luna", cache_write=100)
    assert alone["cache_write_tokens"].value == 0


def test_of_several_calls_the_long_ones_are_cached():
    estimate = at(NOON, ["word " * 600, "word " * 3_000], "gpt-4o", cached="50%")
    assert estimate["cached_tokens"].value == round(3_001 / 2)
    assert any("caches nothing below" in text for text in said(estimate))
