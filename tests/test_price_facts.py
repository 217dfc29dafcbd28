"""What is said beside a price: its limits, its hours, who differs, and what is billed beside it."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from asked_prices import DAY, NOON, at, said
from media_files import png

from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.prices.bands import band_of
from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.catalog.prices.genai_prices import first_hand_models
from ipython_llmnumbers.catalog.prices.litellm_table import litellm_row
from ipython_llmnumbers.catalog.prices.price import Rate
from ipython_llmnumbers.catalog.toml_tables import read_table

# -- limits ---------------------------------------------------------------------------------


# OpenAI documents 400,000 for gpt-5, and its API refuses what is longer than 272,000: cline/cline#5474,
# langchain-ai/langchain#34419, QwenLM/qwen-code#2345 (400,000 - 128,000). litellm 1.110.2, max_input_tokens.
@pytest.mark.parametrize(
    ("model", "window", "most_input", "most_output"),
    [
        ("gpt-5", 400_000, 272_000, 128_000),
        ("gpt-5.4-mini", 400_000, 272_000, 128_000),
        ("gpt-6.1-sol", 1_050_000, 922_000, 128_000),
        # Where only the window and the output are known, both together must fit.
        ("gpt-5.4", 1_050_000, None, 128_000),
        ("gpt-4o", 128_000, None, 16_384),
        # The first table rounds to 1,000,000.
        ("gemini-3.6-flash", 1_048_576, None, 65_536),
        # The tables differ (204,800 and 200,000), and no output fits between: one limit, the larger.
        ("MiniMax-M2", 204_800, None, 8_192),
        ("text-embedding-3-small", 8_192, 8_191, None),
        ("glm-4.7", 200_000, None, 128_000),
    ],
)
def test_the_limits_of_a_model(model, window, most_input, most_output):
    price = find_price(model, NOON)
    found = (price.context_window_tokens, price.max_input_tokens, price.max_output_tokens)
    assert found == (window, most_input, most_output)


def test_how_much_of_the_longest_input_is_used_is_shown_beside_the_window():
    estimate = at(NOON, "word" + " word" * 135_999, "gpt-5")
    assert estimate["input_limit_percent"].value == 50
    assert estimate["window_percent"].value == 34
    assert estimate["input_limit_percent"].inputs[1].source.name.startswith("litellm 1.110.2")


# simonw/llm-gemini#75, confident-ai/deepeval#2943: `candidatesTokenCount` 1 beside `thoughtsTokenCount` 98.
@pytest.mark.parametrize(
    "model", ["o3", "gpt-5", "gpt-6-luna", "gemini-3.8-flash", "claude-opus-5-5", "deepseek-v4-pro"]
)
def test_hidden_reasoning_is_said_where_the_output_is_given(model):
    assert any(
        "bills those hidden tokens as output" in text for text in said(at(NOON, "hi", model, output_tokens=9))
    )
    assert not any("hidden" in text for text in said(at(NOON, "hi", model)))


def test_a_comparison_names_the_models_that_reason_in_one_note():
    estimate = at(NOON, "hi", "gpt-6-luna,gpt-4o,o3", output_tokens=9)
    (text,) = (text for text in said(estimate) if "hidden" in text)
    assert text.startswith("gpt-6-luna, o3 can reason before they answer")
    assert any("o3 can reason before it answers" in text for text in said(estimate["o3"]))


def test_a_model_that_does_not_reason_says_nothing_of_it():
    for model in ("gpt-4o", "gpt-4.1", "command-a-03-2025", "mistral-large-latest"):
        assert not any("hidden" in text for text in said(at(NOON, "hi", model, output_tokens=9))), model


# -- hours and weekdays ---------------------------------------------------------------------


# DeepSeek, Models & Pricing: "Peak hours are 01:00 - 04:00 and 06:00 - 10:00 UTC, Monday through Friday"
# (nesquikm/mcp-rubber-duck#148, diegosouzapw/OmniRoute#11210, patlux/pi-commandcode-provider#89); from
# 2026-08-16 16:00 UTC (NousResearch/hermes-agent#90308), the weekends
# since 2026-08-23 (pydantic/genai-prices#582).
@pytest.mark.parametrize(
    ("model", "moment", "input_usd", "output_usd"),
    [
        ("deepseek-v4-pro", (2026, 11, 29, 7), "0.66", "1.98"),  # Sunday
        ("deepseek-v4-pro", (2026, 11, 28, 2), "0.66", "1.98"),  # Saturday
        ("deepseek-v4-pro", (2026, 11, 30, 7), "1.32", "3.96"),  # Monday
        ("deepseek-v4-flash", (2026, 11, 30, 2), "0.3", "1.2"),
        ("deepseek-flash", (2026, 11, 30, 2), "0.3", "1.2"),
        ("deepseek-v4-flash", (2026, 11, 30, 0, 59), "0.15", "0.6"),
        ("deepseek-v4-flash", (2026, 11, 30, 1), "0.3", "1.2"),
        ("deepseek-v4-flash", (2026, 11, 30, 3, 59), "0.3", "1.2"),
        ("deepseek-v4-flash", (2026, 11, 30, 4), "0.15", "0.6"),
        ("deepseek-v4-flash", (2026, 12, 4, 9, 59), "0.3", "1.2"),  # Friday
        ("deepseek-v4-flash", (2026, 12, 4, 10), "0.15", "0.6"),
        ("deepseek-v4-flash", (2026, 8, 24, 2), "0.44", "1.32"),  # Monday, the price of V4
        ("deepseek-v4-flash", (2026, 8, 23, 2), "0.22", "0.66"),  # the first free weekend day
        ("deepseek-v4-flash", (2026, 8, 22, 2), "0.44", "1.32"),  # Saturday, before
        ("deepseek-v4-pro", (2026, 8, 10, 2), "0.435", "0.87"),  # one price at all hours, before
    ],
)
def test_deepseek_s_price_goes_by_the_hour_and_the_weekday(model, moment, input_usd, output_usd):
    price = find_price(model, datetime(*moment, tzinfo=UTC))
    rates = (price.input.base_usd_per_mtok, price.output.base_usd_per_mtok)
    assert rates == (Decimal(input_usd), Decimal(output_usd))
    assert price.input.peak_times == price.output.peak_times == 1


def test_a_week_has_35_peak_hours():
    start = datetime(2026, 11, 23, tzinfo=UTC)
    prices_of_the_week = [
        find_price("deepseek-v4-pro", start + timedelta(hours=hour)).input.base_usd_per_mtok
        for hour in range(168)
    ]
    assert prices_of_the_week.count(Decimal("1.32")) == 35
    assert prices_of_the_week.count(Decimal("0.66")) == 133


def test_a_day_without_an_hour_is_a_range_and_a_free_day_is_not():
    monday = estimate_cost("hello", "deepseek-v4-pro", output_tokens=100, on=date(2026, 11, 30))
    assert (monday["input_usd_per_mtok"].low, monday["input_usd_per_mtok"].high) == (
        Decimal("0.66"),
        Decimal("1.32"),
    )
    assert monday["output_usd"].low * 2 == monday["output_usd"].high == Decimal("0.000396")
    assert monday["total_usd"].value == monday["total_usd"].low
    assert any("the hour of the call is not known" in text for text in said(monday))
    sunday = estimate_cost("hello", "deepseek-v4-pro", output_tokens=100, on=date(2026, 11, 29))
    assert not sunday["total_usd"].has_range


def test_a_cached_part_has_the_range_too():
    monday = estimate_cost("word " * 1_000, "deepseek-v4-pro", cached="50%", on=date(2026, 11, 30))
    assert monday["cached_usd"].high == monday["cached_usd"].low * 2
    # DeepSeek's cache reads: 0.022, at the peak 0.044.
    assert monday["cached_usd"].low == monday["cached_tokens"].value * Decimal("0.022") / 1_000_000


def test_our_peak_hours_are_those_that_litellm_leaves_out():
    """Two sources: litellm lists the hours off the peak, ours those of it."""
    weekdays, weekend = litellm_row("deepseek", ("deepseek-v4-pro",))["off_peak"]["windows"]
    band = band_of("deepseek", ("deepseek-v4-pro",), DAY)
    assert band.weekdays == tuple(weekdays["weekdays"])
    assert not {*weekend["weekdays"]} & {*band.weekdays}
    off = set()
    for hours in weekdays["hours_utc"]:
        start, end = (int(each.partition(":")[0]) for each in hours.split("-"))
        off |= set(range(start, end or 24))
    assert {*range(24)} - off == {hour for start, end in band.hours for hour in range(start, end)}


# -- two prices for one model ---------------------------------------------------------------


def test_where_the_tables_differ_both_prices_and_both_days_are_shown():
    (text,) = (text for text in said(at(NOON, "hi", "magistral-small-latest"), "warning") if "differ" in text)
    assert text == (
        "the tables differ on magistral-small-latest, in dollars per Mtok of input and output: 0.5/1.5 in"
        " genai-prices 0.2.3 of 2026-11-10, 0.15/0.6 in litellm 1.110.2 of 2026-11-20"
    )


def test_the_disagreements_of_the_two_tables_are_these():
    """A new one is looked up on the vendor's page, and settled by a row in `own_prices.toml` or shown."""
    differing = {model for _, model in first_hand_models() if (p := find_price(model, NOON)) and p.other}
    assert "grok-code-fast-1" in differing
    assert not differing & {"gpt-4o", "gpt-5", "claude-opus-5-5", "gemini-3.8-flash", "deepseek-v4-pro"}
    assert len(differing) <= 8
    agree = [
        model for host, model in first_hand_models() if litellm_row(host, (model,)) and model not in differing
    ]
    assert len(agree) > 150


@pytest.mark.parametrize("options", [{"on": date(2026, 1, 1)}, {"processing": "batch"}])
def test_a_price_of_history_or_of_a_batch_is_not_compared_with_today_s(options):
    assert not any("differ" in text for text in said(at(NOON, "hi", "magistral-small-latest", **options)))


def test_an_own_row_settles(user_table):
    user_table.write_text(
        '[[prices]]\nmodel = "magistral-small-latest"\ninput_usd_per_mtok = 0.15\nchecked = 2026-11-20\n'
    )
    assert not any("differ" in text for text in said(at(NOON, "hi", "magistral-small-latest")))


def test_a_row_that_its_own_table_doubts_is_no_price_of_the_maker_s():
    """genai-prices 0.2.3, price_comments: "Imported from OpenRouter pricing; verify against …"."""
    for model in ("gemma-2-27b-it", "gpt-oss-120b", "minimax-m1"):
        assert find_price(model, NOON) is None
    # "Verified against OpenAI on 2026-10-15" stands behind the same words.
    assert find_price("gpt-chat-latest", NOON).input is not None


# -- what is billed beside tokens -----------------------------------------------------------


def test_a_fee_for_each_request_is_in_the_total():
    """vercel/ai#13705: without it a Perplexity request was billed at 3 % of its cost. $6 to $14 per 1,000."""
    estimate = estimate_cost(["hello"] * 3, "sonar-pro", output_tokens=100, calls=10, on=date(2026, 9, 1))
    fee = estimate["requests_usd"]
    assert (fee.low, fee.value, fee.high) == (Decimal("0.018"), Decimal("0.042"), Decimal("0.042"))
    tokens_usd = estimate["input_usd"].value + estimate["output_usd"].value
    assert estimate["total_usd"].value == tokens_usd + Decimal("0.042")
    assert estimate["all_calls_usd"].value == 10 * estimate["total_usd"].value
    assert "Fee for each request" in str(estimate)
    assert "requests_usd" not in estimate_cost("hello", "gpt-4o")


def test_a_fee_is_paid_without_an_answer_too():
    estimate = estimate_cost("hello", "sonar", on=date(2026, 9, 1))
    assert estimate["total_usd"].value == estimate["input_usd"].value + Decimal("0.012")
    assert estimate["total_usd"].note == "input only"


def test_reasoning_and_citations_with_rates_of_their_own_are_named():
    """bgeneto/open-webui-cost-tracker#6: 73,248 reasoning and 7,299 citation tokens, 3,256 of output."""
    (text,) = (
        t
        for t in said(estimate_cost("hi", "sonar-deep-research", output_tokens=9))
        if "bills" in t and "not in" in t
    )
    assert "reasoning $3/Mtok" in text
    assert "citations $2/Mtok" in text


def picture():
    """A picture of 100 × 100 pixels in OpenAI's and Google's shape of a chat."""
    url = f"data:image/png;base64,{b64encode(png(100, 100)).decode()}"
    return [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": url}}]}]


def test_a_picture_that_is_priced_at_the_rate_of_text_says_its_own():
    """gpt-realtime: $4 for text, $5 for pictures (genai-prices 0.2.3)."""
    shown = said(at(NOON, picture(), "gpt-realtime-2"), "warning")
    assert any("at that of text: images sent $5/Mtok" in text for text in shown)
    assert not any("at that of text" in text for text in said(at(NOON, picture(), "gpt-4o")))


def tools(*kinds):
    return {
        "messages": [{"role": "user", "content": "hi"}],
        "tools": [{"type": kind, "name": kind} for kind in kinds],
    }


@pytest.mark.parametrize(
    ("prompt", "model", "words"),
    [
        (tools("web_search_20250305"), "claude-opus-5-5", "web searches $10 per 1,000"),
        (tools("file_search"), "gpt-6-luna", "searches in files $2.5 per 1,000"),
        (tools("function"), "claude-opus-5-5", None),
        ("hi", "claude-opus-5-5", None),
    ],
)
def test_a_search_is_named_where_the_prompt_has_its_tool(prompt, model, words):
    beside = [text for text in said(at(NOON, prompt, model)) if "not in the total" in text]
    assert bool(beside) == (words is not None)
    assert words is None or words in beside[0]


def test_a_model_that_is_billed_by_pages_or_hours_says_so():
    assert any(
        "not billed by tokens: pages $4 per 1,000" in t for t in said(at(NOON, "hi", "mistral-ocr-latest"))
    )
    assert any("audio $0.36 per hour" in text for text in said(at(NOON, "hi", "whisper-1")))
    assert any("characters $15 per million" in text for text in said(at(NOON, "hi", "tts-1")))


# -- the tables -----------------------------------------------------------------------------


def test_every_row_of_the_tables_is_sourced():
    for name in ("prices/life_cycle.toml", "prices/own_prices.toml"):
        table = read_table(name)
        rows = [row for key in ("ends", "bands", "caches") for row in table.get(key, [])]
        assert rows
        for row in rows:
            assert table["sources"][row["source"]]["url"].startswith("https://"), row


def test_every_dated_end_is_of_a_model_that_is_priced_and_dated_nowhere_else():
    for row in read_table("prices/life_cycle.toml")["ends"]:
        for pattern in row["match"]:
            name = pattern.replace("*", "")
            assert "ends" not in litellm_row(row["host"], (name,)), name


def test_a_rate_at_all_hours_is_itself():
    assert find_price("gpt-4o", DAY).input == Rate(Decimal("2.5"))
