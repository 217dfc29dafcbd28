"""Dollars agree with genai-prices' own arithmetic; what is unknown stays unknown."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import genai_prices
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from time_machine import travel

from ipython_llmnumbers import LLMNumbersError, estimate_cost
from ipython_llmnumbers.catalog.prices import genai_prices as snapshot
from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.catalog.prices.genai_prices import snapshot_date
from ipython_llmnumbers.catalog.prices.price import Rate
from ipython_llmnumbers.catalog.toml_tables import read_table

# Every first-hand row, priced by genai-prices itself.
ROWS = [
    (provider, model)
    for provider in genai_prices.data_snapshot.get_snapshot().providers
    if provider.id in ("openai", "anthropic", "google", "mistral", "deepseek", "x-ai", "cohere")
    for model in provider.models
]
NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "model", "provider"),
    [
        ("gpt-4o", "gpt-4o", "OpenAI"),
        ("openai/gpt-4o", "gpt-4o", "OpenAI"),
        ("gpt-4o-2024-08-06", "gpt-4o", "OpenAI"),
        ("azure/gpt-4o", "gpt-4o", "Microsoft Azure"),
        ("text-embedding-ada-002", "text-embedding-ada-002", "OpenAI"),
        ("ft:gpt-4o:org::id", "ft:gpt-4o", "OpenAI"),
        ("ft:gpt-4o-mini-2024-07-18:org::id", "ft:gpt-4o-mini", "OpenAI"),
        ("claude-opus-5.5", "claude-opus-5-5", "Anthropic"),
        ("anthropic/claude-opus-5-5", "claude-opus-5-5", "Anthropic"),
        ("google/gemini-2.5-pro", "gemini-2.5-pro", "Google"),
        ("models/gemini-2.5-pro", "gemini-2.5-pro", "Google"),
        ("groq/llama-3.1-8b-instant", "llama-3.1-8b-instant", "Groq"),
    ],
)
def test_names_as_people_write_them_find_their_price(name, model, provider):
    price = find_price(name)
    assert (price.model, price.provider) == (model, provider)


@pytest.mark.parametrize(
    "name", ["meta-llama/Llama-3.1-8B-Instruct", "Qwen/Qwen3-8B", "o200k_base", "ft:gpt-4.1-mini:org::id"]
)
def test_no_price_is_guessed(name):
    assert find_price(name) is None


@settings(max_examples=300)
@given(st.sampled_from(ROWS), st.integers(0, 2_000_000), st.integers(0, 100_000))
def test_rates_give_what_genai_prices_gives(row, input_tokens, output_tokens):
    provider, model = row
    ours = snapshot.snapshot_price(provider, model, NOW)
    if ours.input is None or ours.output is None or model.get_prices(NOW).requests_kcount:
        return
    usage = genai_prices.Usage(input_tokens=input_tokens, output_tokens=output_tokens)
    theirs = model.calc_price(usage, provider, genai_request_timestamp=NOW)
    mine = (
        input_tokens * ours.input.usd_per_mtok(input_tokens)
        + output_tokens * ours.output.usd_per_mtok(input_tokens)
    ) / 1_000_000
    assert mine == theirs.total_price


def test_a_dated_price_changes_on_its_day():
    # gemini-4-argon: 2/10 until 2026-11-30, 4/20 from 2026-12-01 (genai-prices 0.2.3).
    before = find_price("gemini-4-argon", datetime(2026, 11, 30, 23, 59, tzinfo=UTC))
    after = find_price("gemini-4-argon", datetime(2026, 12, 1, tzinfo=UTC))
    assert (before.input, before.output) == (Rate(Decimal(2)), Rate(Decimal(10)))
    assert (after.input, after.output) == (Rate(Decimal(4)), Rate(Decimal(20)))
    assert "2026-12-01" in before.note


@pytest.mark.parametrize(("day", "usd_per_mtok"), [(30, 2), (1, 4)])
def test_without_a_day_the_price_is_that_of_the_clock(day, usd_per_mtok):
    with travel(datetime(2026, 11 + (day == 1), day, 12, tzinfo=UTC)):
        cost = estimate_cost("hello", "gemini-4-argon")
    assert cost.figure("input_usd_per_mtok").value == usd_per_mtok


def test_the_snapshot_has_a_day_even_where_the_release_is_not_listed():
    assert snapshot_date() == date(2026, 11, 10)
    mentioned = snapshot._newest_day_mentioned(date(2026, 11, 24))
    assert date(2026, 9, 1) < mentioned <= snapshot_date()
    assert snapshot._newest_day_mentioned(date(2026, 8, 1)) <= date(2026, 8, 1)


def test_a_clock_that_is_behind_the_prices_gets_those_prices_and_is_named(monkeypatch):
    """gemini-4-argon: the prices of 2026-11-10 and not those of a year before; see the test of its dates."""
    with travel(datetime(2025, 10, 22, 12, tzinfo=UTC)):
        behind = estimate_cost("hello world", model="gemini-4-argon", output_tokens=1)
        by_hand = estimate_cost("hello world", model="gpt-4o", output_tokens=1)
        # A release that the package does not list yet.
        monkeypatch.setitem(read_table("prices/own_prices.toml"), "released", {"0.0.1": date(2026, 11, 10)})
        assert date(2026, 9, 1) < snapshot_date() <= date(2026, 11, 10)
        monkeypatch.undo()
    with travel(datetime(2026, 11, 11, 12, tzinfo=UTC)):
        right = estimate_cost("hello world", model="gemini-4-argon", output_tokens=1)
    assert behind["total_usd"].value == right["total_usd"].value
    assert not [note for note in right.notes if "clock" in note.text]
    (note,) = by_hand.notes
    assert note.level == "warning"
    assert "of 2026-11-10, but this computer's clock shows 2025-10-22" in note.text


def test_a_day_that_begins_elsewhere_first_is_no_wrong_clock(user_table):
    user_table.write_text(
        '[[prices]]\nmodel = "m"\ninput_usd_per_mtok = 1\ntokenizer = "llama3"\nchecked = 2026-11-25\n',
        encoding="utf-8",
    )
    with travel(datetime(2026, 11, 24, 12, tzinfo=UTC)):
        assert not estimate_cost("hi", model="m", output_tokens=1).notes
    with travel(datetime(2026, 11, 23, 12, tzinfo=UTC)):
        assert estimate_cost("hi", model="m", output_tokens=1).notes


def test_one_call_and_many():
    estimate = estimate_cost("hello world", model="gpt-4o", output_tokens=300, calls=1_000)
    assert estimate["input_tokens"].value == 2
    assert estimate["input_usd"].value == Decimal("0.000005")
    assert estimate["output_usd"].value == Decimal("0.003")
    assert estimate["total_usd"].value == Decimal("0.003005")
    assert estimate["all_calls_usd"].value == Decimal("3.005")
    assert estimate.details.price_date == date(2026, 11, 10)


def test_output_is_not_counted_unless_given():
    estimate = estimate_cost("hello world", model="gpt-4o")
    assert estimate["output_tokens"].value is None
    assert estimate["output_usd"].value is None
    assert "give output_tokens" in estimate["output_tokens"].note
    assert estimate["total_usd"].value == estimate["input_usd"].value
    assert estimate["total_usd"].note == "input only"


def test_an_unpriced_model_costs_unknown_not_nothing():
    estimate = estimate_cost("hello world", model="Qwen/Qwen3-8B", output_tokens=10)
    assert estimate["input_tokens"].value > 0
    for name in ("input_usd", "output_usd", "total_usd", "all_calls_usd"):
        assert estimate[name].value is None
    assert "unpriced" in str(estimate)
    assert "$0" not in str(estimate)
    assert "openrouter" in estimate.notes[0].text


def test_an_embedding_model_has_no_output_price():
    assert estimate_cost("hello", model="text-embedding-3-small", output_tokens=5)["total_usd"].value is None


def test_a_long_prompt_pays_the_long_context_rate():
    # gemini-2.5-pro: $1.25 up to 200k input tokens, $2.50 above.
    short, long = (estimate_cost("a b " * n, model="gemini-2.5-pro") for n in (50_000, 150_000))
    assert short["input_usd_per_mtok"].value == Decimal("1.25")
    assert long["input_usd_per_mtok"].value == Decimal("2.5")
    assert "long-context" in long["input_usd_per_mtok"].note


# Where the higher price begins, in the vendors' words. OpenAI, the pages of gpt-5.4 and later: "Prompts with
# >272K input tokens are priced at 2x input and 1.5x output" (https://developers.openai.com/api/docs/models).
# Google: "prompts <= 200k tokens", "prompts > 200k tokens" (https://ai.google.dev/gemini-api/docs/pricing).
# Anthropic: "for prompts up to 100K tokens", "for prompts over 100K tokens", "requests that exceed 200K input
# tokens" (https://platform.claude.com/docs/en/about-claude/pricing). xAI prices a prompt that reaches 200K
# tokens higher (https://docs.x.ai/docs/models).
@pytest.mark.parametrize(
    ("model", "most_at_the_low_price", "low_usd", "high_usd"),
    [
        ("gpt-5.4", 272_000, ("2.5", "15"), ("5", "22.5")),
        ("gpt-6-sol", 272_000, ("2", "10"), ("4", "15")),
        ("gemini-2.5-pro", 200_000, ("1.25", "10"), ("2.5", "15")),
        ("gemini-3.1-pro-preview", 200_000, ("2", "12"), ("4", "18")),
        ("claude-haiku-5-5", 100_000, ("0.1", "0.5"), ("0.5", "2.5")),
        ("claude-sonnet-4-5", 200_000, ("3", "15"), ("6", "22.5")),
        ("grok-4.7", 199_999, ("2", "6"), ("4", "12")),
    ],
)
def test_the_long_context_rate_begins_where_the_vendor_says(model, most_at_the_low_price, low_usd, high_usd):
    price = find_price(model, NOW)
    for tokens, expected in (
        (most_at_the_low_price - 1, low_usd),
        (most_at_the_low_price, low_usd),
        (most_at_the_low_price + 1, high_usd),
    ):
        rates = (price.input.usd_per_mtok(tokens), price.output.usd_per_mtok(tokens))
        assert rates == tuple(map(Decimal, expected)), tokens


def test_every_long_context_rate_begins_at_the_token_where_genai_prices_begins_it():
    tiered = set()
    for provider, model in ROWS:
        ours = snapshot.snapshot_price(provider, model, NOW)
        for kind, rate in {
            "input_tokens": ours.input,
            "output_tokens": ours.output,
            "cache_read_tokens": ours.cached_input,
            "cache_write_tokens": ours.cache_write,
        }.items():
            for start, _ in rate.tiers if rate else ():
                tiered.add(model.id)
                for length in (start - 1, start, start + 1):
                    counted = {"input_tokens": length, kind: length}
                    both = model.calc_price(
                        genai_prices.Usage(**counted), provider, genai_request_timestamp=NOW
                    )
                    mine = length * rate.usd_per_mtok(length) / 1_000_000
                    theirs = both.output_price if kind == "output_tokens" else both.input_price
                    assert mine == theirs, (model.id, kind, length)
    assert {"gpt-5.4", "gemini-2.5-pro", "claude-haiku-5-5", "grok-4.7"} <= tiered


@pytest.mark.usefixtures("the_documents_day")
def test_a_prompt_of_exactly_the_boundary_pays_the_low_price():
    # gpt-5.4's tokenizer is exact, and a word is a token of it.
    for tokens, input_usd, output_usd in (
        (271_999, "2.5", "15"),
        (272_000, "2.5", "15"),
        (272_001, "5", "22.5"),
    ):
        cost = estimate_cost("word" + " word" * (tokens - 1), model="gpt-5.4", output_tokens=1_000)
        assert cost["input_tokens"].value == tokens
        assert cost["input_usd"].value == tokens * Decimal(input_usd) / 1_000_000
        assert cost["output_usd"].value == 1_000 * Decimal(output_usd) / 1_000_000


def test_a_range_of_tokens_is_a_range_of_dollars():
    total = estimate_cost("The quick brown fox. " * 50, model="grok-4", output_tokens=100)["total_usd"]
    assert total.low < total.value < total.high
    assert total.approximate


def test_several_models_are_compared_cheapest_first_and_the_unpriced_last():
    estimate = estimate_cost("hello world", model="gpt-4, Qwen/Qwen3-8B,gpt-4o-mini,gpt-4", output_tokens=10)
    assert [part.subject for part in estimate.parts] == ["gpt-4o-mini", "gpt-4", "Qwen/Qwen3-8B"]
    assert estimate["gpt-4"]["total_usd"].value == Decimal("0.00066")


@settings(max_examples=50)
@given(
    st.sampled_from(["gpt-4o", "gpt-4o-mini", "o3", "gpt-4"]),
    st.text(max_size=60),
    st.text(max_size=60),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_more_tokens_never_cost_less(model, start, more, few, extra):
    less = estimate_cost(start, model=model, output_tokens=few)
    whole = estimate_cost(start + "\n\n" + more, model=model, output_tokens=few + extra)
    assert less["output_usd"].value <= whole["output_usd"].value
    if less["input_tokens"].value <= whole["input_tokens"].value:
        assert less["total_usd"].value <= whole["total_usd"].value


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"model": "gpt-4p"}, "unknown model 'gpt-4p'; nearest: gpt-4"),
        ({"model": ","}, "no model given"),
        ({"output_tokens": -1}, "output_tokens=-1"),
        ({"output_tokens": 10**16}, "output_tokens=10"),
        ({"calls": 0}, "calls=0"),
        ({"calls": True}, "calls=True"),
    ],
)
def test_bad_input_is_one_line_that_names_it(arguments, message):
    with pytest.raises(LLMNumbersError) as caught:
        estimate_cost("x", **arguments)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


# -- the user's own table ---------------------------------------------------------------


def test_a_user_s_price_comes_first_and_is_read_again(user_table):
    row = (
        '[[prices]]\nmodel = "gpt-4o"\nsource = "our contract"\n'
        "checked = 2026-11-20\ninput_usd_per_mtok = {}\n"
    )
    user_table.write_text(row.format("1.5"))
    estimate = estimate_cost("hello world", model="gpt-4o")
    assert estimate["input_usd_per_mtok"].value == Decimal("1.5")
    assert estimate["input_usd_per_mtok"].source.name == "our contract"
    user_table.write_text(row.format("150"))
    assert estimate_cost("hello world", model="gpt-4o")["input_usd_per_mtok"].value == Decimal(150)


def test_a_user_s_model_may_name_its_vocabulary(user_table):
    user_table.write_text(
        '[[prices]]\nmodel = "house-model"\ninput_usd_per_mtok = 1\n'
        'tokenizer = "llama3"\nchecked = 2026-11-20\n'
    )
    estimate = estimate_cost("hello world", model="house-model")
    assert estimate["input_tokens"].note == "exact (llama3)"


ROW = '[[prices]]\nmodel = "m"\ninput_usd_per_mtok = 1\n'


def test_a_user_s_source_is_shown_whole(user_table):
    user_table.write_text(
        f'{ROW}source = "https://example.org/prices"\nchecked = 2026-11-20\ntokenizer = "llama3"'
    )
    assert "; https://example.org/prices, 2026-11-20" in str(estimate_cost("hi", "m"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[prices]\nmodel=", "not valid TOML"),
        ("prices = 3", "must be written as [[prices]] tables"),
        ('[[prices]]\nmodel = "m"\ninput_usd_per_mtok = 1', "checked must be a date, such as"),
        ('[[prices]]\nmodel = "m"\ninput_usd_per_mtok = -1\nchecked = 2026-01-01', "number of dollars"),
        ('[[prices]]\nmodel = "m"\ninput_usd_per_mtok = "x"\nchecked = 2026-01-01', "number of dollars"),
        ('[[prices]]\nmodel = "m"\ninput_usd_per_mtok = true\nchecked = 2026-01-01', "number of dollars"),
        (f"{ROW}checked = 2026-01-01T00:00:00", "checked must be a date, such as"),
        (f'{ROW}checked = 2026-01-01\ncontext_window_tokens = "128k"', "must be a whole number above 0"),
        (f"{ROW}checked = 2026-01-01\ntokenizer = 5", "tokenizer must be a text"),
        (f"{ROW}checked = 2026-01-01\nurl = 5", "url must be a text"),
        (f"{ROW}checked = 2026-01-01\ntokeniser = 'llama3'", "unknown key 'tokeniser'; nearest: tokenizer"),
        ("[[price]]\nmodel = 'm'", "unknown key 'price'; nearest: [[prices]]"),
        ("[[prices]]\nmodel = 5\nchecked = 2026-01-01", "[[prices]] 1: model must be a text, not '5'"),
        (f"{ROW}checked = 2026-01-01\noutput_usd_per_mtok = '1'", "number of dollars from 0 up, not '1'"),
        (f"{ROW}checked = 2026-01-01\noutput_usd_per_mtok = nan", "number of dollars"),
        (f"{ROW}checked = 2026-01-01\noutput_usd_per_mtok = {'9' * 5000}", "a number of thousands of digits"),
        (f"a = {'[' * 100}", "nested deeper than 64 levels"),
        (b"\xff\xfe\x00", "not valid TOML"),
    ],
)
def test_a_broken_user_table_is_one_line_that_names_the_file(user_table, text, message):
    user_table.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(LLMNumbersError) as caught:
        estimate_cost("x", model="m")
    assert message in str(caught.value)
    assert str(user_table) in str(caught.value)
    assert "\n" not in str(caught.value)
