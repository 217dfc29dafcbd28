"""Today's prices against a second source, model by model: model-prices 0.0.5, made from models.dev.

Every model that both know is compared. A disagreement is fixed in `own_prices.toml` or stands in KNOWN with
its reason; one that has gone from both must leave the table.
"""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise

import model_prices
import pytest

from ipython_llmnumbers.catalog.prices.find import find_price
from ipython_llmnumbers.catalog.prices.price import Rate
from ipython_llmnumbers.catalog.sellers import makers
from ipython_llmnumbers.catalog.toml_tables import read_table

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)

# model-prices' provider → the vendor that the project writes before a slash.
VENDORS = {
    "anthropic": "anthropic",
    "cohere": "cohere",
    "deepseek": "deepseek",
    "google": "google",
    "meta": "meta",
    "minimax": "minimax",
    "mistral": "mistral",
    "moonshotai": "moonshotai",
    "openai": "openai",
    "perplexity": "perplexity",
    "xai": "xai",
    "zai": "zai",
}

IMAGES = "the other source gives the price of image or video tokens as the output; ours is text's"
RETIRED = "the provider took the model down, and each source keeps another of its last prices"
LOWERED = "the price fell on 2026-10-29 (docs.mistral.ai, pricing), after the other source's last day, 10-26"
KNOWN = {
    "google/gemini-1.5-flash-8b": "genai-prices takes it for gemini-1.5-flash, twice the price; retired",
    "google/gemini-2.5-flash-image": IMAGES,
    "google/gemini-2.5-flash-image-preview": IMAGES,
    "google/gemini-3-pro-image": IMAGES,
    "google/gemini-3-pro-image-preview": IMAGES,
    "google/gemini-3.1-flash-image": IMAGES,
    "google/gemini-3.1-flash-image-preview": IMAGES,
    "google/gemini-3.1-flash-lite-image": IMAGES,
    "google/gemini-nano-banana-2.1": IMAGES,
    "google/gemini-omni-1.1-flash": IMAGES,
    "google/gemini-omni-flash-preview": IMAGES,
    "mistral/labs-devstral-small-2512": "free while a labs model; genai-prices has the released one's price",
    "mistral/mistral-embed": "an embedding has no output: genai-prices repeats the input's price there",
    "mistral/mistral-large-4": LOWERED,
    "mistral/mistral-large-4-0": LOWERED,
    "moonshotai/kimi-k2-turbo-preview": RETIRED,
    "perplexity/sonar": "its own API ended on 2026-09-27; the other source prices its successor's",
    "xai/grok-4.20-multi-agent-beta-latest": RETIRED,
    "zai/glm-5-turbo": "genai-prices has the mainland platform's price only",
}


@cache
def both_know():
    """model → ((our input, output), (their input, output)) in USD per Mtok."""
    compared = {}
    snapshot = json.loads(files(model_prices).joinpath("snapshot.json").read_text("utf-8"))
    names = [(provider, name) for provider in VENDORS for name in snapshot["prices"][provider]]
    for provider, name in names:
        theirs = model_prices.rates(name, provider=provider, at=NOW)
        ours = find_price(name, NOW)
        if theirs is None or ours is None or ours.input is None:
            continue
        output = ours.output.base_usd_per_mtok if ours.output else Decimal(0)
        compared[f"{VENDORS[provider]}/{name}"] = (
            (ours.input.base_usd_per_mtok, output),
            (Decimal(str(theirs.input)), Decimal(str(theirs.output))),
        )
    return compared


def test_enough_models_are_compared():
    assert len(both_know()) >= 250
    well_known = [
        *("gpt-4", "gpt-4o", "gpt-4o-mini", "gpt-4.1", "gpt-5", "gpt-5-mini", "gpt-5.6-sol", "gpt-6.1-sol"),
        *("gpt-6-luna", "o1", "o3", "o4-mini", "gpt-3.5-turbo", "text-embedding-3-small"),
    ]
    assert {f"openai/{name}" for name in well_known} <= set(both_know())


def test_every_disagreement_is_known_and_none_that_is_known_has_gone():
    disagreeing = {model: prices for model, prices in both_know().items() if prices[0] != prices[1]}
    assert disagreeing.keys() == KNOWN.keys(), {
        model: disagreeing.get(model) for model in disagreeing.keys() ^ KNOWN.keys()
    }


@pytest.mark.parametrize("model", ["glm-5.2", "glm-4.7", "zai-org/GLM-5"])
def test_a_model_is_priced_by_its_maker_before_a_mainland_platform(model):
    assert find_price(model, NOW).provider == "Z.AI"


# Vendors before a slash, as LiteLLM, OpenRouter and Hugging Face write them, each by a model that it sells.
VENDOR_NAMES = {
    **dict.fromkeys(("openai/gpt-4o", "OpenAI/gpt-4o", "text-completion-openai/gpt-4o"), "OpenAI"),
    "anthropic/claude-opus-5-5": "Anthropic",
    **dict.fromkeys((f"{name}/gemini-2.5-pro" for name in ("google", "gemini", "google-gla")), "Google"),
    **dict.fromkeys((f"{name}/mistral-small-latest" for name in ("mistral", "mistralai")), "Mistral"),
    **dict.fromkeys((f"{name}/deepseek-chat" for name in ("deepseek", "deepseek-ai")), "Deepseek"),
    **dict.fromkeys((f"{name}/command-r-plus" for name in ("cohere", "CohereLabs", "cohere_chat")), "Cohere"),
    **dict.fromkeys((f"{name}/grok-4" for name in ("x-ai", "xai")), "X AI"),
    **dict.fromkeys((f"{name}/kimi-k2.5" for name in ("moonshotai", "moonshot")), "MoonshotAi"),
    **dict.fromkeys((f"{name}/MiniMax-M2" for name in ("minimax", "MiniMaxAI")), "MiniMax"),
    **dict.fromkeys((f"{name}/GLM-4.7" for name in ("zai", "z-ai", "zai-org")), "Z.AI"),
    "perplexity/sonar": "Perplexity",
    **dict.fromkeys((f"{name}/voyage-3.5" for name in ("voyage", "voyageai")), "Voyage AI"),
}


@pytest.mark.parametrize(("name", "provider"), VENDOR_NAMES.items())
def test_a_vendor_by_each_of_its_names(name, provider):
    assert find_price(name, NOW).provider == provider


def test_no_vendor_is_left_out():
    tested = {name.partition("/")[0].casefold() for name in VENDOR_NAMES}
    assert makers().keys() - {"meta"} <= tested


# -- own_prices.toml ------------------------------------------------------------------------


# The prices of the 2023 document: openai.com/pricing on 2023-05-08, as it and its readers quote them, in
# dollars per 1K tokens: GPT-4-32k 0.06/0.12, GPT-4-8k 0.03/0.06, GPT-3.5-turbo 0.002, ada-002 0.0004,
# davinci 0.02, fine-tuned davinci 0.12. https://github.com/ray-project/llm-numbers
@pytest.mark.parametrize(
    ("model", "input_usd", "output_usd"),
    [
        ("gpt-4-32k", "60", "120"),
        ("gpt-4", "30", "60"),
        ("gpt-3.5-turbo", "2", "2"),
        ("openai/gpt-3.5-turbo", "2", "2"),
        ("text-embedding-ada-002", "0.4", None),
        ("davinci", "20", "20"),
        ("davinci:ft-personal-2023-05-01", "120", "120"),
    ],
)
def test_the_prices_of_2023_come_out(model, input_usd, output_usd):
    price = find_price(model, datetime(2023, 5, 8, tzinfo=UTC))
    assert price.input == Rate(Decimal(input_usd))
    assert price.output == (Rate(Decimal(output_usd)) if output_usd else None)
    assert "2023-05-08" in price.source.name


# OpenAI, 2023-06-13: ada-002 75 % cheaper, gpt-3.5-turbo's input 25 %; "effective today".
@pytest.mark.parametrize(
    ("model", "day", "rates"),
    [
        ("gpt-3.5-turbo", (2023, 6, 12), ("2", "2")),
        ("gpt-3.5-turbo", (2023, 6, 13), ("1.5", "2")),
        ("gpt-3.5-turbo", (2024, 2, 15), ("1.5", "2")),
        ("gpt-3.5-turbo", (2024, 2, 16), ("0.5", "1.5")),
        ("text-embedding-ada-002", (2023, 6, 13), ("0.1", None)),
    ],
)
def test_a_price_cut_counts_from_its_day(model, day, rates):
    price = find_price(model, datetime(*day, tzinfo=UTC))
    assert (price.input, price.output) == tuple(rate and Rate(Decimal(rate)) for rate in rates)


def test_today_s_price_is_not_history():
    price = find_price("gpt-3.5-turbo", NOW)
    assert (price.input, price.output) == (Rate(Decimal("0.5")), Rate(Decimal("1.5")))
    assert price.source.name.startswith("genai-prices")
    assert find_price("davinci:ft-personal-2023-05-01", NOW) is None


@pytest.mark.parametrize(
    ("model", "note"),
    [
        ("gpt-3.5-turbo", "no price is known before 2023-05-08; this is that day's"),
        ("gpt-4o", "this price has no date; on 2022-01-01 it may have been another"),
    ],
)
def test_a_day_before_every_row_is_said(model, note):
    assert find_price(model, datetime(2022, 1, 1, tzinfo=UTC)).note == note


def test_another_seller_s_model_is_not_priced_by_the_maker_s_row():
    price = find_price("azure/gpt-3.5-turbo", datetime(2023, 5, 8, tzinfo=UTC))
    assert price.provider == "Microsoft Azure"


def test_a_name_that_moved_on_is_priced_as_the_model_it_names():
    price = find_price("mistral-large-latest", NOW)
    assert price.model == "mistral-large-2512"
    assert (price.input, price.output) == (Rate(Decimal("0.5")), Rate(Decimal("1.5")))


def test_every_row_is_sourced_and_the_rows_of_a_model_do_not_overlap():
    table = read_table("prices/own_prices.toml")
    for row in (*table["prices"], *table["windows"], *table["not_sold"]):
        assert isinstance(table["sources"][row["source"]]["checked"], date), row
    for model in {row["model"] for row in table["prices"]}:
        rows = sorted(
            (row for row in table["prices"] if row["model"] == model), key=lambda row: row["valid_from"]
        )
        for earlier, later in pairwise(rows):
            assert earlier["valid_until"] <= later["valid_from"]


@pytest.mark.parametrize(
    ("model", "context", "output"),
    [
        ("gpt-4o", 128_000, 16_384),
        ("gpt-4.1", 1_047_576, 32_768),
        ("claude-opus-5-5", 1_000_000, 128_000),
        ("anthropic/claude-haiku-4.5", 200_000, 64_000),
        ("gemini-2.5-pro", 1_048_576, 65_535),
        ("deepseek-flash", 1_000_000, 393_216),
        ("gpt-4", 8_192, 4_096),
        ("groq/gpt-oss-120b", 131_072, 65_536),
    ],
)
def test_windows_are_known(model, context, output):
    price = find_price(model, NOW)
    assert (price.context_window_tokens, price.max_output_tokens) == (context, output)
    assert (price.window_source is None) == (output is None)


def test_the_windows_of_today_are_not_those_of_2023():
    assert find_price("gpt-3.5-turbo", datetime(2023, 5, 8, tzinfo=UTC)).context_window_tokens is None
