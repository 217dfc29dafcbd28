"""When a model is shut down, by host and day; the second table that says so."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import nbformat
import pytest
from asked_prices import DAY, NOON, at, said
from nbformat.v4 import new_code_cell, new_notebook
from time_machine import travel

import ipython_llmnumbers.catalog.prices as prices
from ipython_llmnumbers import estimate_cost
from ipython_llmnumbers.catalog.defaults import DEFAULT_MODEL
from ipython_llmnumbers.catalog.prices.find import find_price, known_priced_models
from ipython_llmnumbers.catalog.prices.genai_prices import first_hand_models
from ipython_llmnumbers.catalog.prices.life_cycle import life_cycle
from ipython_llmnumbers.catalog.prices.litellm_table import litellm_source
from ipython_llmnumbers.catalog.tokenization.vocabularies import compared_models
from ipython_llmnumbers.estimates.hosted_model import resolve_hosted
from ipython_llmnumbers.notebooks.ipython_syntax import annotate

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
            "gpt-5 shuts down on 2026-12-11; OpenAI names gpt-5.6-sol in its place",
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


def test_the_default_model_is_counted_exactly_and_has_no_announced_end():
    model = resolve_hosted(DEFAULT_MODEL)
    assert model.tokenizer.how == "exact"
    assert model.price.input is not None
    assert model.price.life is None


def test_a_model_without_an_announced_end_says_nothing():
    for model in ("gpt-6-luna", "claude-opus-5-5", "deepseek-v4-pro", "text-embedding-3-small"):
        assert not re.search("shut|deprecated", " ".join(said(at(NOON, "hello", model)))), model


def test_the_end_is_measured_from_the_day_that_is_priced():
    ends = date(2026, 12, 11)  # gpt-5
    for days, words in (
        (61, None),
        (60, "gpt-5 shuts down on 2026-12-11"),
        (1, "gpt-5 shuts down on 2026-12-11"),
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


# -- an annotated notebook ------------------------------------------------------------------


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
