"""What is said beside a price: its end, its limits, its hours, its cache, its fees, and who doubts it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import nbformat
import pytest
from media_files import png
from nbformat.v4 import new_code_cell, new_notebook
from time_machine import travel

import ipython_llmnumbers.catalog.prices as prices
from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.prices.bands import band_of
from ipython_llmnumbers.catalog.prices.find import find_price, known_priced_models
from ipython_llmnumbers.catalog.prices.genai_prices import first_hand_models
from ipython_llmnumbers.catalog.prices.life_cycle import life_cycle
from ipython_llmnumbers.catalog.prices.litellm_table import litellm_row, litellm_source
from ipython_llmnumbers.catalog.prices.price import Rate
from ipython_llmnumbers.catalog.tokenization.vocabularies import compared_models
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.notebooks.ipython_syntax import annotate

DAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def said(estimate, level=None):
    return [note.text for note in estimate.notes if level in (None, note.level)]


def at(moment, *arguments, **options):
    with travel(moment, tick=False):
        return estimate_cost(*arguments, **options)


# -- the second table -----------------------------------------------------------------------


def test_the_second_table_names_its_release_and_carries_its_licence():
    source = litellm_source()
    assert source.name.startswith("litellm 1.110.2")
    assert source.checked == date(2026, 11, 20)
    licence = files(prices).joinpath("litellm_LICENSE.txt").read_text(encoding="utf-8")
    assert "MIT License" in licence
    assert "Copyright (c) 2023 Berri AI" in licence


def test_the_second_table_is_small_and_has_only_what_is_read():
    text = files(prices).joinpath("litellm.json").read_text(encoding="utf-8")
    table = json.loads(text)
    fields = {field for models in table["hosts"].values() for row in models.values() for field in row}
    assert fields == {
        *("input_usd_per_mtok", "output_usd_per_mtok", "cached_input_usd_per_mtok"),
        *("cache_write_usd_per_mtok", "cache_write_1h_usd_per_mtok", "usd_per_request_least", "off_peak"),
        *("max_input_tokens", "max_output_tokens", "cache_least_tokens", "reasons"),
        *("ends", "ends_source", "heir"),
    }
    assert len(text) < 200_000


def test_the_second_table_is_read_when_a_price_is_first_asked_for():
    code = (
        "import ipython_llmnumbers.functions, ipython_llmnumbers.catalog.prices.find as find\n"
        "from ipython_llmnumbers.catalog.toml_tables import read_json_table as table\n"
        "assert table.cache_info().currsize == 0\n"
        "find.find_price('gpt-4o'), find.find_price('gpt-5')\n"
        "assert table.cache_info().misses == 1"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# -- the end of a model ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "level", "words"),
    [
        # OpenAI, deprecations: gpt-4 and gpt-3.5-turbo on 2026-10-23, gpt-5 and o3 on 2026-12-11.
        ("gpt-4", "error", "gpt-4 was shut down on 2026-10-23; OpenAI names gpt-5.6-sol in its place"),
        ("gpt-3.5-turbo", "error", "shut down on 2026-10-23; OpenAI names gpt-5.6-terra"),
        (
            "gpt-5",
            "warning",
            "gpt-5 shuts down on 2026-12-11, in 15 days; OpenAI names gpt-5.6-sol in its place",
        ),
        # api-docs.deepseek.com/updates: both names ended on 2026-07-24, and none is named in their place.
        ("deepseek-reasoner", "error", "deepseek-reasoner was shut down on 2026-07-24"),
        # Retired and no longer in litellm: anomalyco/models.dev#1955.
        ("claude-3-opus-20240229", "error", "was shut down on 2026-01-05"),
        ("claude-3-7-sonnet-latest", "error", "was shut down on 2026-02-19"),
        ("claude-opus-4-1-20250805", "error", "was shut down on 2026-08-05"),
        ("gemini-2.0-flash", "error", "was shut down on 2026-06-01"),
        ("o1-mini", "error", "was shut down on 2025-10-27"),
        ("gpt-4-32k", "error", "was shut down on 2025-06-06; OpenAI names gpt-4o in its place"),
        ("gpt-3.5-turbo-0613", "error", "was shut down on 2024-09-13"),
        ("text-davinci-003", "error", "was shut down on 2024-01-04; OpenAI names gpt-3.5-turbo-instruct"),
        ("gemini-1.5-pro", "error", "was shut down on 2025-09-24"),
        # docs.x.ai, May 15 retirement (BerriAI/litellm#28788).
        ("grok-4", "error", "was shut down on 2026-05-15; X AI names grok-4.3 in its place"),
        # Perplexity ended Sonar Chat Completions on 2026-09-27.
        ("sonar-pro", "error", "was shut down on 2026-09-27"),
        # Marked by genai-prices alone, without a day.
        ("magistral-small-latest", "warning", "genai-prices 0.2.3 marks magistral-small as deprecated"),
    ],
)
def test_the_end_of_a_model_is_said(model, level, words):
    estimate = at(NOON, "hello world", model)
    assert any(words in text for text in said(estimate, level)), said(estimate)


def test_a_model_without_an_announced_end_says_nothing():
    for model in ("gpt-6-luna", "claude-opus-5-5", "deepseek-v4-pro", "text-embedding-3-small"):
        assert not re.search("shut|deprecated", " ".join(said(at(NOON, "hello", model)))), model


def test_the_end_is_measured_from_the_day_that_is_priced():
    ends = date(2026, 12, 11)  # gpt-5
    for days, words in (
        (61, None),
        (60, "in 60 days"),
        (2, "in 2 days"),
        (1, "gpt-5 shuts down tomorrow, on 2026-12-11"),
        (0, "gpt-5 was shut down on 2026-12-11"),
        (-1, "gpt-5 was shut down on 2026-12-11"),
    ):
        day = ends - timedelta(days=days)
        estimates = [estimate_cost("hi", "gpt-5", on=day)]
        if day > date(2026, 11, 10):  # a clock that is behind the prices shows the day of the prices
            estimates.append(at(datetime(day.year, day.month, day.day, tzinfo=UTC), "hi", "gpt-5"))
        for estimate in estimates:
            shown = [text for text in said(estimate) if "shut" in text]
            assert (words is None) == (not shown)
            assert words is None or words in shown[0]


def test_a_price_of_history_says_nothing_of_an_end_that_was_far():
    assert not [t for t in said(estimate_cost("hi", "gpt-4", on=date(2025, 5, 1))) if "shut" in t]


def test_the_end_is_that_of_the_host():
    """Hosts set their own days: Sonnet 4.5 ends at AWS on 2027-04-08, at Anthropic on 2026-11-30."""
    assert life_cycle("anthropic", ("claude-sonnet-4-5",)).ends == date(2026, 11, 30)
    aws = life_cycle("aws", ("us.anthropic.claude-sonnet-4-5-20250929-v1:0",))
    assert (aws.ends, aws.source.url.partition("/")[2][1:20]) == (date(2027, 4, 8), "docs.aws.amazon.com")
    # The Gemini API: 2026-12-01 (dev.to, aideprecations: "Vertex AI is different").
    assert find_price("gemini-2.5-pro", NOON).life.ends == date(2026, 12, 1)
    assert find_price("vertex_ai/gemini-2.5-pro", NOON).life.ends == date(2026, 10, 20)


@pytest.mark.parametrize(
    ("name", "heir"),
    [
        ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "us.anthropic.claude-sonnet-5-5"),
        ("bedrock/anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic.claude-sonnet-5-5"),
        (
            "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-sonnet-4-5-20250929-v1:0",
            "anthropic.claude-sonnet-5-5",
        ),
    ],
)
def test_a_bedrock_id_has_the_facts_of_bedrock_by_any_spelling(name, heir):
    price = find_price(name, NOON)
    assert (price.life.ends, price.life.heir) == (date(2027, 4, 8), heir)
    assert (price.max_output_tokens, price.cache_least_tokens) == (64_000, 1_024)
    assert price.is_reasoning
    assert not any("shut" in text for text in said(at(NOON, "hi", name)))


def test_a_dated_name_has_its_own_end():
    assert find_price("gpt-4o", NOON).life.ends == date(2027, 1, 14)
    assert find_price("gpt-4o-2024-05-13", NOON).life.ends == date(2026, 10, 23)


def test_the_day_and_the_heir_are_for_programs_too():
    details = at(NOON, "hi", "gpt-4").details
    assert (details.shut_down_on, details.successor) == (date(2026, 10, 23), "gpt-5.6-sol")
    details = at(NOON, "hi", "gpt-6-luna").details
    assert (details.shut_down_on, details.successor) == (None, None)


def test_what_can_no_longer_be_called_stands_behind_what_can():
    estimate = at(NOON, "hello", "gpt-3.5-turbo,gpt-6-astra,Qwen/Qwen3-8B", output_tokens=10)
    assert [part.subject for part in estimate.parts] == ["gpt-6-astra", "gpt-3.5-turbo", "Qwen/Qwen3-8B"]
    with travel(NOON):
        names = known_priced_models()
    first_ended = names.index("gpt-4")
    assert {"gpt-4o", "gpt-5", "claude-opus-5-5", "deepseek-v4-pro"} <= set(names[:first_ended])
    hosts = {model: host for host, model in reversed(first_hand_models())}
    lives = [life_cycle(hosts[name], (name,)) for name in names]
    over = [life is not None and life.is_over(DAY) for life in lives]
    assert over == sorted(over)
    assert sum(over) > 40


def test_no_model_of_the_comparison_has_an_announced_end():
    for model in compared_models():
        price = find_price(model, NOON)
        assert price is None or price.life is None, model


def test_a_new_model_is_priced_offline_or_unpriced_but_never_free():
    """ccusage/ccusage#948: $0.00 for every session on claude-opus-4-7, which the bundled table lacked."""
    assert at(NOON, "hello", "claude-opus-4-7")["total_usd"].value > 0
    assert at(NOON, "hello", "openrouter/nobody/claude-opus-9")["total_usd"].value is None


# -- limits -----------------------------------------------------------------------------------


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


# -- hours and weekdays -----------------------------------------------------------------------


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


# -- two prices for one model -----------------------------------------------------------------


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


# -- what is billed beside tokens -------------------------------------------------------------


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


# -- caches -----------------------------------------------------------------------------------


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


# -- the tables -------------------------------------------------------------------------------


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


# -- an annotated notebook --------------------------------------------------------------------


def test_an_annotated_notebook_says_once_which_of_its_models_are_gone(tmp_path):
    """jupyterlab/jupyter-ai#836, janhq/jan#6595: models that answer no more stay in code for years."""
    call = 'client.chat.completions.create(model="{}", messages=[{{"role": "user", "content": "Hello"}}])'
    models = ("gpt-4", "gpt-6-luna", "gpt-4")
    source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(call.format(model)) for model in models]), source)
    with travel(NOON, tick=False):
        estimate = annotate(str(source), str(target), "gpt-6-luna")
    assert said(estimate, "error") == [
        "gpt-4 was shut down on 2026-10-23; OpenAI names gpt-5.6-sol in its place"
    ]
    assert "gpt-4 was shut down" in nbformat.read(target, 4).cells[-1].source
