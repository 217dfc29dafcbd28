"""A model's name is taken apart by its seller's grammar; the host decides the price, the model its tokenizer.

The tables hold names as people report them, with the report: each was misread by some tool.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given
from hypothesis import strategies as st
from time_machine import travel

from ipython_llmnumbers import count_tokens, estimate_cost
from ipython_llmnumbers.catalog.aliases import alias_of
from ipython_llmnumbers.catalog.names import ModelName, parse_name
from ipython_llmnumbers.catalog.prices.find import find_price, known_priced_models
from ipython_llmnumbers.catalog.sellers import hosts_by_spelling, makers
from ipython_llmnumbers.catalog.tokenization.vocabularies import find_tokenizer
from ipython_llmnumbers.catalog.toml_tables import read_table
from ipython_llmnumbers.errors import UnknownNameError, UsageError
from ipython_llmnumbers.estimates.hosted_model import resolve_hosted

NOW = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)
MIXED = "Wie heißt die Hauptstadt von Japan? 日本の首都はどこですか?"
SONNET = "claude-sonnet-4-5-20250929"

# -- the grammar ----------------------------------------------------------------------------

PARTS = {
    # The maker, first-hand.
    "gpt-4o": {"base": "gpt-4o"},
    "openai/gpt-4o": {"vendor": "openai", "base": "gpt-4o"},
    "openai:gpt-4o": {"vendor": "openai", "base": "gpt-4o"},
    "models/gemini-2.5-pro": {"base": "gemini-2.5-pro"},
    "anthropic/claude-sonnet-4-5": {"vendor": "anthropic", "base": "claude-sonnet-4-5"},
    "meta-llama/Llama-3.1-8B-Instruct": {
        "vendor": "meta-llama",
        "base": "llama-3.1-8b-instruct",
        "size": "8b",
    },
    # A host, with and without the maker.
    "groq/llama-3.3-70b-versatile": {"host": "groq", "base": "llama-3.3-70b-versatile", "size": "70b"},
    "together_ai/deepseek-ai/DeepSeek-R1": {
        "host": "together",
        "vendor": "deepseek-ai",
        "base": "deepseek-r1",
    },
    "deepinfra/openai/gpt-oss-120b": {"host": "deepinfra", "vendor": "openai", "base": "gpt-oss-120b"},
    "perplexity/anthropic/claude-sonnet-4-5": {"host": "perplexity", "vendor": "anthropic"},
    "huggingface/together/deepseek-ai/DeepSeek-R1": {"host": "huggingface_together", "base": "deepseek-r1"},
    "@cf/meta/llama-3.1-8b-instruct": {
        "host": "cloudflare",
        "vendor": "meta",
        "base": "llama-3.1-8b-instruct",
    },
    "oci/meta.llama-3.3-70b-instruct": {"host": "oci", "vendor": "meta", "base": "llama-3.3-70b-instruct"},
    "databricks-claude-sonnet-4-5": {"host": "databricks", "base": "claude-sonnet-4-5"},
    # OpenRouter's variants (simonw/llm-openrouter#20, oh-my-pi#12300).
    "openrouter/openai/o3-mini-high:online": {"host": "openrouter", "vendor": "openai", "variant": "online"},
    "deepseek/deepseek-r1:free": {"host": "openrouter", "base": "deepseek-r1", "variant": "free"},
    "openai/gpt-oss-120b:nitro": {"host": "openrouter", "base": "gpt-oss-120b", "variant": "nitro"},
    "~anthropic/claude-sonnet-latest": {"host": "openrouter", "vendor": "anthropic"},
    # Fireworks (Portkey-AI/models#662 lists its ids): p is a point.
    "fireworks_ai/accounts/fireworks/models/gpt-oss-120b": {"host": "fireworks", "base": "gpt-oss-120b"},
    "accounts/fireworks/models/llama-v3p1-8b-instruct": {
        "host": "fireworks",
        "base": "llama-3.1-8b-instruct",
    },
    "fireworks_ai/deepseek-v3p2": {"host": "fireworks", "base": "deepseek-v3.2", "is_chosen": False},
    "accounts/fireworks/models/qwen2p5-vl-72b-instruct": {"base": "qwen2.5-vl-72b-instruct", "size": "72b"},
    "accounts/acme/models/llama-v3p1-8b-support": {"base": "llama-3.1-8b-support", "is_chosen": True},
    "accounts/acme/deployments/abc123": {"host": "fireworks", "opaque": "deployments"},
    # Azure (litellm#8538, Model-Router-Auto-Evaluation#2): a deployment is named as its user likes.
    "azure/gpt-4o": {"host": "azure", "base": "gpt-4o", "is_chosen": True},
    "azure/eu/gpt-4o": {"host": "azure", "region": "eu", "base": "gpt-4o"},
    "azure/my-gpt-35-turbo": {"host": "azure", "base": "my-gpt-35-turbo", "is_chosen": True},
    # Bedrock (litellm#42679, litellm#30768, litellm#30331, llmgateway#2729).
    "amazon.nova-pro-v1:0": {"host": "bedrock", "region": "", "vendor": "amazon", "base": "nova-pro-v1"},
    f"us.anthropic.{SONNET}-v1:0": {"host": "bedrock", "region": "us", "vendor": "anthropic", "base": SONNET},
    f"bedrock/au.anthropic.{SONNET}-v1:0": {"host": "bedrock", "region": "au", "base": SONNET},
    f"bedrock:global.anthropic.{SONNET}-v1:0": {"host": "bedrock", "region": "global", "base": SONNET},
    "eu.anthropic.claude-opus-4-6-v1": {"region": "eu", "base": "claude-opus-4-6"},
    "us-gov.anthropic.claude-3-haiku-20240307-v1:0": {"region": "us-gov", "base": "claude-3-haiku-20240307"},
    "bedrock/us-east-1/anthropic.claude-v2:1": {"region": "us-east-1", "base": "claude-v2"},
    "bedrock/us-east-1/1-month-commitment/anthropic.claude-v1": {"variant": "1-month-commitment"},
    "bedrock_converse/anthropic.claude-3-5-sonnet-20240620-v1:0": {"base": "claude-3-5-sonnet-20240620"},
    "anthropic.claude-3-sonnet-20240229-v1:0:200k": {"base": "claude-3-sonnet-20240229"},
    "mistral.mistral-7b-instruct-v0:2": {"vendor": "mistral", "base": "mistral-7b-instruct-v0.2"},
    "deepseek.r1-v1:0": {"vendor": "deepseek", "base": "deepseek-r1"},
    "deepseek.v3.2": {"base": "deepseek-v3.2"},
    "openai.gpt-oss-120b-1:0": {"vendor": "openai", "base": "gpt-oss-120b"},
    "amazon.titan-embed-text-v2:0": {"base": "titan-embed-text-v2"},
    # ARNs (langfuse#13325, litellm#18258, claude-code#27890, RooCode#1937).
    "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0": {
        "host": "bedrock",
        "region": "us-east-1",
        "base": "claude-3-haiku-20240307",
    },
    f"bedrock/converse/arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.{SONNET}-v1:0": {
        "region": "eu",
        "base": SONNET,
    },
    "bedrock/converse/arn:aws:bedrock:us-west-2:123412341234:application-inference-profile/a1babba1b11": {
        "region": "us-west-2",
        "base": "",
        "opaque": "application-inference-profile",
    },
    "arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc": {"opaque": "provisioned-model"},
    "bedrock/llama/arn:aws:bedrock:us-east-1:123456789012:imported-model/r4c4": {"opaque": "imported-model"},
    # Vertex AI (litellm#34393, litellm#21397).
    "claude-3-5-haiku@20241022": {"host": "vertex_ai", "base": "claude-3-5-haiku-20241022"},
    "vertex_ai/claude-sonnet-4-5@20250929": {"host": "vertex_ai", "base": SONNET},
    "vertex_ai/claude-sonnet-4-6@default": {"host": "vertex_ai", "base": "claude-sonnet-4-6"},
    "vertex_ai/meta/llama-3.1-405b-instruct-maas": {"vendor": "meta", "base": "llama-3.1-405b-instruct"},
    "vertex_ai/mistral-large@latest": {"host": "vertex_ai", "base": "mistral-large@latest"},
    "projects/p1/locations/us-east5/publishers/anthropic/models/claude-sonnet-4-5@20250929": {
        "host": "vertex_ai",
        "region": "us-east5",
        "vendor": "anthropic",
        "base": SONNET,
    },
    "publishers/google/models/gemini-2.5-pro": {
        "host": "vertex_ai",
        "vendor": "google",
        "base": "gemini-2.5-pro",
    },
    "projects/p1/locations/us-central1/endpoints/123456": {"host": "vertex_ai", "opaque": "endpoints"},
    # Fine-tuned, in OpenAI's spelling of today and of 2023.
    "ft:gpt-4o-2024-08-06:my-org:suffix:id": {"base": "gpt-4o-2024-08-06", "fine_tuned": True},
    "openai/ft:gpt-4o-mini-2024-07-18:org::id": {"vendor": "openai", "base": "gpt-4o-mini-2024-07-18"},
    "curie:ft-personal-2023-05-01": {"base": "curie", "fine_tuned": True},
    # Ollama (ollama#8954, ollama#9245), and its cloud (modelrelay#9).
    "llama3.1:8b": {"host": "ollama", "base": "llama3.1", "variant": "8b", "size": "8b"},
    "mistral:7b": {"host": "ollama", "vendor": "", "base": "mistral"},
    "ollama/deepseek-r1:671b-q4_K_M": {"host": "ollama", "base": "deepseek-r1", "size": "671b"},
    "ollama_chat/deepseek-r1": {"host": "ollama", "variant": "latest"},
    "huihui_ai/deepseek-r1-abliterated:14b": {"host": "ollama", "vendor": "huihui_ai", "size": "14b"},
    "hf.co/bartowski/Llama-3.2-3B-Instruct-GGUF:Q4_K_M": {
        "host": "ollama",
        "vendor": "bartowski",
        "size": "3b",
    },
    "gpt-oss:120b-cloud": {"host": "ollama-cloud", "base": "gpt-oss", "size": "120b"},
    "glm-5.3:cloud": {"host": "ollama-cloud", "base": "glm-5.3", "sold_as": "glm-5.3"},
    "ollama-cloud/qwen3-coder:480b": {"host": "ollama-cloud", "sold_as": "qwen3-coder:480b"},
}


@pytest.mark.parametrize(("name", "parts"), PARTS.items())
def test_the_parts_of_a_name(name, parts):
    found = parse_name(name)
    assert {part: getattr(found, part) for part in parts} == parts
    assert found.raw == name


@pytest.mark.parametrize(
    "name", ["gpt-4o", "o1", "/home/me/tokenizer.json", "./llama/tokenizer.json", "Qwen/Qwen3-8B"]
)
def test_what_has_no_seller_gets_none(name):
    found = parse_name(name)
    assert (found.host, found.region, found.opaque) == ("", "", "")


PIECES = [
    *"a1/:.@-~# ",
    "v1:0",
    "us.",
    "anthropic.",
    "bedrock/",
    "arn:",
    "ft:",
    "models/",
    "accounts/",
    ":cloud",
    "8b",
]


@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=30).map("".join))
def test_every_text_has_an_answer(text):
    found = parse_name(text)
    assert found.raw == text.strip()
    assert parse_name(found) is found
    assert find_price(found, NOW) is None or not found.opaque


@pytest.mark.parametrize(
    "start", ["", "bedrock/", "ollama/", "accounts/fireworks/models/", "vertex_ai/", "us.meta."]
)
@pytest.mark.parametrize(
    "piece", ["a", "1", "/", ":", "-", "1p", "us-east-1/", "mantle/", "ft:", "@", "-1b", "models/"]
)
def test_a_name_is_read_in_linear_time(start, piece):
    def seconds(count):
        def once():
            begun = time.process_time()  # what other programs do does not count
            parse_name(text)
            return time.process_time() - begun

        text = start + piece * count
        return min(once() for _ in range(5))

    # Sixteen times the length: 256 times as long if each piece looked at all of them.
    assert seconds(80_000) < 100 * max(seconds(5_000), 1e-5)


# -- who asks what --------------------------------------------------------------------------

PRICES = {
    # AWS's list: geographic and in-region 10 % above global (litellm#19308, litellm#42679, models.dev#1917).
    f"us.anthropic.{SONNET}-v1:0": ("AWS Bedrock", "3.3", "16.5"),
    f"eu.anthropic.{SONNET}-v1:0": ("AWS Bedrock", "3.3", "16.5"),
    f"bedrock/converse/jp.anthropic.{SONNET}-v1:0": ("AWS Bedrock", "3.3", "16.5"),
    f"anthropic.{SONNET}-v1:0": ("AWS Bedrock", "3.3", "16.5"),
    f"bedrock/us-west-2/anthropic.{SONNET}-v1:0": ("AWS Bedrock", "3.3", "16.5"),
    f"global.anthropic.{SONNET}-v1:0": ("AWS Bedrock", "3", "15"),
    f"arn:aws:bedrock:us-east-1:1:inference-profile/global.anthropic.{SONNET}-v1:0": (
        "AWS Bedrock",
        "3",
        "15",
    ),
    # llmgateway#2729.
    "us.anthropic.claude-opus-4-8": ("AWS Bedrock", "5.5", "27.5"),
    "global.anthropic.claude-opus-4-8": ("AWS Bedrock", "5", "25"),
    # A geography that genai-prices does not list is billed as the others are.
    "in.anthropic.claude-sonnet-5-5": ("AWS Bedrock", "2.2", "11"),
    "amazon.nova-pro-v1:0": ("AWS Bedrock", "0.8", "3.2"),
    "meta.llama3-1-70b-instruct-v1:0": ("AWS Bedrock", "0.72", "0.72"),
    "openai.gpt-oss-120b-1:0": ("AWS Bedrock", "0.15", "0.6"),
    "bedrock_mantle/openai.gpt-oss-120b": ("AWS Bedrock", "0.15", "0.6"),
    # Portkey-AI/models#662.
    "fireworks_ai/accounts/fireworks/models/gpt-oss-120b": ("Fireworks", "0.15", "0.6"),
    "fireworks_ai/glm-4p7": ("Fireworks", "0.6", "2.2"),
    "accounts/fireworks/models/deepseek-v3p2": ("Fireworks", "0.56", "1.68"),
    "groq/openai/gpt-oss-120b": ("Groq", "0.15", "0.6"),
    "groq/gpt-oss-120b": ("Groq", "0.15", "0.6"),
    "cloudflare/@cf/openai/gpt-oss-120b": ("Cloudflare Workers AI", "0.35", "0.75"),
    "openrouter/anthropic/claude-sonnet-4.5": ("OpenRouter", "3", "15"),
    "openai/gpt-4o:extended": ("OpenRouter", "6", "18"),
    "azure/gpt-4o": ("Microsoft Azure", "2.5", "10"),
    "azure/global/gpt-4o": ("Microsoft Azure", "2.5", "10"),
    "vertex_ai/claude-sonnet-4-5@20250929": ("Google", "3", "15"),
    "claude-3-5-haiku@20241022": ("Google", "0.8", "4"),
    "publishers/google/models/gemini-2.5-pro": ("Google", "1.25", "10"),
    # models.dev#7108: through localhost, but billed.
    "gpt-oss:120b-cloud": ("Ollama", "0.15", "0.6"),
    "ollama-cloud/gpt-oss:20b": ("Ollama", "0.07", "0.3"),
    "kimi-k3:cloud": ("Ollama", "3", "15"),
    "perplexity/glm-5.3": ("Perplexity", "1.4", "4.4"),
}


@pytest.mark.parametrize(("name", "expected"), PRICES.items())
def test_the_host_s_own_price(name, expected):
    price = find_price(name, NOW)
    rates = (price.input.base_usd_per_mtok, price.output.base_usd_per_mtok)
    assert (price.provider, *rates) == (expected[0], *map(Decimal, expected[1:]))


def test_the_cache_s_rates_of_a_geography():
    # AWS's list for Sonnet 4.5: cache read 0.33, write 4.125 (models.dev#1917).
    price = find_price(f"eu.anthropic.{SONNET}-v1:0", NOW)
    rates = (price.cached_input.base_usd_per_mtok, price.cache_write.base_usd_per_mtok)
    assert rates == (Decimal("0.33"), Decimal("4.125"))


HOSTS = sorted({(host.name, host.provider) for host in hosts_by_spelling().values() if host.provider})
# genai-prices' own word for a set of geographies, of which some have no in-region id.
SETS = {"regional.amazon.nova-2-lite-v1:0", "regional.moonshotai.kimi-k3.1", "regional.zai.glm-5.3"}


@pytest.mark.parametrize(("host", "provider_id"), HOSTS)
def test_every_row_of_a_host_is_found_behind_its_name(host, provider_id):
    provider = next(each for each in get_snapshot().providers if each.id == provider_id)
    for model in provider.models:
        if model.id not in SETS:
            price = find_price(f"{host}/{model.id}", NOW)
            assert price is not None
            assert (price.provider, price.model) == (provider.name, model.id)


def test_every_seller_of_the_table_is_one_of_genai_prices():
    known = {provider.id for provider in get_snapshot().providers}
    assert {provider for _, provider in HOSTS} | set(makers().values()) <= known
    table = read_table("sellers.toml")
    assert {row["source"] for row in (*table["hosts"], *table["notes"])} <= table["sources"].keys()
    assert {note["host"] for note in table["notes"]} <= {row["name"] for row in table["hosts"]}


UNPRICED = {
    # A host's price is never its maker's (claude-code#83690 meters a host at the maker's rates).
    "deepinfra/gpt-4o": r"no price of deepinfra is known; OpenAI asks \$2\.5 and \$10",
    "deepinfra/openai/gpt-oss-120b": "no price of deepinfra is known; hosts that price it: .*groq",
    "vertex_ai/openai/gpt-oss-120b-maas": "no price of vertex_ai is known",
    "azure/deepseek-r1": "no price of azure is known",
    # A region of Azure costs 10 to 40 % more (litellm 1.110.2); genai-prices has global deployments alone.
    "azure/eu/gpt-4o": r"no price of azure in eu is known; OpenAI asks \$2\.5 and \$10",
    # Global ids cost less than the regional rows that their patterns fit.
    "global.openai.gpt-5.5": "no price of bedrock in global is known; OpenAI asks",
    "databricks/databricks-claude-sonnet-4-5": "no price of databricks is known; Anthropic asks",
    "google/claude-sonnet-4-5": "no table has its price",
    f"us-gov.anthropic.{SONNET}-v1:0": r"no price of bedrock in us-gov is known; Anthropic asks \$3 and \$15",
    "bedrock/us-gov-west-1/amazon.nova-pro-v1:0": "no price of bedrock in us-gov-west-1 is known",
    "bedrock/us-east-1/1-month-commitment/anthropic.claude-3-haiku-20240307-v1:0": "no price of bedrock",
    "openrouter/openai/gpt-4o:nitro": "no price of openrouter for :nitro is known; OpenAI asks",
    "openai/gpt-oss-120b:cerebras": "no table has its price",
    "accounts/acme/models/gpt-oss-120b": "no price of fireworks is known",
    "accounts/fireworks/models/gpt-oss-120b#accounts/acme/deployments/d": "no price of fireworks is known",
    # OpenAI sells no gpt-oss: genai-prices' row is OpenRouter's, by its own comment.
    "gpt-oss-120b": "no table has its price; hosts that price it",
    "openai/gpt-oss-20b": "no table has its price; hosts that price it",
    # DeepSeek sells no distills, nor R1 by that name.
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B": "no table has its price",
    "deepseek/deepseek-v3.2": "no table has its price",
    # A fine-tuned model has a price of its own or none.
    "curie:ft-personal-2023-05-01": "no table has its price$",
    "openai/ft:gpt-4.1-mini-2025-04-14:org::id": "no table has its price$",
    # What a machine of one's own costs is not in a table, and is not nothing.
    "llama3.1:8b": "runs on a machine of yours: its price is yours to say$",
    "hosted_vllm/meta-llama/Llama-3.1-8B-Instruct": "runs on a machine of yours",
    "deepseek-v3.1:671b-cloud": "no price of ollama-cloud is known",
    # Amazon sells its own models on Bedrock alone, and prints these names (aws.amazon.com/bedrock/pricing).
    "Nova Pro": "hosts that price it: aws",
    "Titan Text Embeddings V2": "hosts that price it: aws",
}


@pytest.mark.parametrize(("name", "said"), UNPRICED.items())
def test_an_unknown_price_says_whose_it_is(name, said):
    with travel(NOW):
        estimate = estimate_cost("hello world", name, output_tokens=300)
    assert estimate["total_usd"].value is None
    assert any(re.search(said, note.text) and note.level == "warning" for note in estimate.notes)


def test_a_model_that_its_maker_does_not_sell_is_not_offered():
    assert not {"gpt-oss-120b", "minimax-m1", "deepseek-v3.2"} & set(known_priced_models())
    assert {"gpt-4o", "gpt-chat-latest", "deepseek-v4-pro"} <= set(known_priced_models())


NOTES = {
    f"anthropic.{SONNET}-v1:0": "litellm 1.110.2 has it at the global price",
    f"us.anthropic.{SONNET}-v1:0": "",
    "anthropic.claude-3-haiku-20240307-v1:0": "",
    "openai.gpt-6-sol": "litellm 1.110.2 has it at the global price",
    "eu.amazon.nova-pro-v1:0": "other regions may ask more",
    "eu.amazon.nova-2-lite-v1:0": "other regions may ask more",
    "us.amazon.nova-pro-v1:0": "",
    # steipete/CodexBar#242, litellm#34393.
    "vertex_ai/claude-sonnet-4-5@20250929": "regional and multi-region endpoints ask 10 % more",
    "vertex_ai/gemini-2.5-pro": "",
    "azure/gpt-4o": "a regional one often slightly more",
    "gpt-oss:120b-cloud": "bills by the token since 2026-08-31",
    "deepseek/deepseek-r1:free": "asks nothing for this variant",
}


@pytest.mark.parametrize(("name", "note"), NOTES.items())
def test_what_is_said_beside_a_host_s_price(name, note):
    said = find_price(name, NOW).note
    assert note in said
    assert bool(note) == bool(said)


# -- DeepSeek's old names -------------------------------------------------------------------


# USD per million tokens, cache missed and hit. Before 2025-09-05 16:00 UTC 0.27/1.10 and 0.55/2.19
# (LibreChat#7211); then 0.56/1.68 (Roo-Code#9962), with V3.2 0.28/0.42 (litellm#18884, catwalk#87), with V4
# 0.14/0.28 (gptel#1381, litellm#28789), until both were shut down on 2026-07-24 (any-llm#1172, Portkey#900).
@pytest.mark.parametrize(
    ("model", "day", "rates"),
    [
        ("deepseek-chat", (2025, 9, 5), ("0.27", "1.1", "0.07")),
        ("deepseek-reasoner", (2025, 9, 5), ("0.55", "2.19", "0.14")),
        ("deepseek-chat", (2025, 9, 6), ("0.56", "1.68", "0.07")),
        ("deepseek/deepseek-reasoner", (2025, 9, 28), ("0.56", "1.68", "0.07")),
        ("deepseek-chat", (2025, 9, 29), ("0.28", "0.42", "0.028")),
        ("deepseek-reasoner", (2026, 4, 23), ("0.28", "0.42", "0.028")),
        ("deepseek-chat", (2026, 4, 24), ("0.14", "0.28", "0.0028")),
        ("deepseek-chat", (2026, 11, 26), ("0.14", "0.28", "0.0028")),
    ],
)
def test_what_deepseek_chat_cost(model, day, rates):
    price = find_price(model, datetime(*day, 12, tzinfo=UTC))
    found = (price.input, price.output, price.cached_input)
    assert tuple(rate.base_usd_per_mtok for rate in found) == tuple(map(Decimal, rates))


def test_a_name_that_was_shut_down_says_so():
    with travel(NOW):
        estimate = estimate_cost("hello world", "deepseek-chat", output_tokens=300)
    assert [note.level for note in estimate.notes if "shut down on 2026-07-24" in note.text] == [
        "warning",
        "error",
    ]


# -- whose tokenizer ------------------------------------------------------------------------

SAME_TOKENS = {
    # claude-code#27890, langfuse#13325: the host's id is the maker's model.
    "claude-3-haiku-20240307": [
        "anthropic.claude-3-haiku-20240307-v1:0",
        "us.anthropic.claude-3-haiku-20240307-v1:0",
        "arn:aws:bedrock:us-east-1::foundation-model/anthropic.claude-3-haiku-20240307-v1:0",
        "vertex_ai/claude-3-haiku@20240307",
        "openrouter/anthropic/claude-3-haiku",
    ],
    "claude-opus-4-8": ["global.anthropic.claude-opus-4-8", "openrouter/anthropic/claude-opus-4.8:thinking"],
    "llama-3.1-8b-instruct": [
        "meta.llama3-1-8b-instruct-v1:0",
        "accounts/fireworks/models/llama-v3p1-8b-instruct",
        "llama3.1:8b-instruct-q4_K_M",
        "@cf/meta/llama-3.1-8b-instruct",
    ],
    "gpt-oss-120b": ["gpt-oss:120b-cloud", "openai.gpt-oss-120b-1:0", "groq/openai/gpt-oss-120b"],
    "deepseek-r1": ["deepseek.r1-v1:0", "deepseek-r1:671b", "together_ai/deepseek-ai/DeepSeek-R1"],
    "gpt-4o-mini": ["ft:gpt-4o-mini-2024-07-18:org::id", "azure/gpt-4o-mini", "openai:gpt-4o-mini"],
}


@pytest.mark.parametrize(("model", "names"), SAME_TOKENS.items())
def test_the_same_tokens_whoever_sells_it(model, names):
    expected = count_tokens(MIXED, model)["tokens"]
    for name in names:
        tokens = count_tokens(MIXED, name)["tokens"]
        assert (tokens.value, tokens.low, tokens.high) == (expected.value, expected.low, expected.high), name


CHOICES = {
    # Only 671b is DeepSeek's own (ollama#9245, ollama#8557, ollama#8913, ollama#8603).
    "deepseek-r1:671b": ("exact", "deepseek_v3"),
    "ollama/deepseek-r1:14b": ("assumed", "qwen3"),
    "ollama/deepseek-r1:1.5b": ("assumed", "qwen3"),
    "deepseek-r1:32b-qwen-distill-q8_0": ("assumed", "qwen3"),
    "deepseek-r1:70b": ("assumed", "llama3"),
    "deepseek-r1:8b-llama-distill-fp16": ("assumed", "llama3"),
    "deepseek-r1:8b": ("ratio", None),
    "ollama/deepseek-r1": ("ratio", None),
    "deepseek-r1:latest": ("ratio", None),
    "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B": ("assumed", "qwen3"),
    "groq/deepseek-r1-distill-llama-70b": ("assumed", "llama3"),
    "deepseek-ai/DeepSeek-R1-0528-Qwen3-8B": ("assumed", "qwen3"),
    # Names that move on.
    "chatgpt-4o-latest": ("assumed", "o200k_base"),
    "gpt-5-chat-latest": ("assumed", "o200k_base"),
    "deepseek-chat": ("assumed", "deepseek_v3"),
    "qwen-turbo": ("assumed", "qwen3"),
    "qwen-max": ("ratio", None),
    "qwen-plus-latest": ("ratio", None),
    "qwen-max-2025-01-25": ("assumed", "qwen3"),
    "gemini-pro-latest": ("mapped", "gemma4"),
    "mistral-large-latest": ("assumed", "mistral_v3"),
    # Ollama's tags are part of others' names.
    "mixtral:8x7b": ("exact", "mistral_v1"),
    "mistral:7b": ("assumed", "mistral_v2"),
    # Text beside speech.
    "gpt-realtime": ("assumed", "o200k_base"),
    "gpt-audio-mini-2025-10-06": ("assumed", "o200k_base"),
    # On Bedrock.
    "anthropic.claude-v2:1": ("ratio", None),
    "amazon.nova-pro-v1:0": ("ratio", None),
    "meta.llama4-scout-17b-instruct-v1:0": ("ratio", None),
    "mistral.mistral-7b-instruct-v0:2": ("exact", "mistral_v1"),
}


@pytest.mark.parametrize(("name", "choice"), CHOICES.items())
def test_which_vocabulary_counts(name, choice):
    found = find_tokenizer(name)
    assert (found.how, found.vocabulary) == choice


def test_exact_is_never_said_of_a_name_that_moves_on():
    for row in read_table("aliases.toml")["aliases"]:
        for name in row["match"]:
            found = find_tokenizer(name.replace("*", "gpt-4o"))
            assert found is None or found.how != "exact", name


def test_a_count_says_which_model_it_is_for():
    said = str(count_tokens("hello", "ollama/deepseek-r1:14b"))
    assert "only 671b is DeepSeek's own" in said
    assert "exact" not in said
    assert "into Llama until May 2025" in count_tokens("hello", "deepseek-r1:8b")["tokens"].note
    assert "gemini-3.1-pro-preview" in count_tokens("hello", "gemini-pro-latest")["tokens"].note


def test_the_range_of_a_size_that_was_two_models_holds_both():
    tokens = count_tokens(MIXED, "deepseek-r1:8b")["tokens"]
    counts = [count_tokens(MIXED, vocabulary)["tokens"].value for vocabulary in ("llama3", "qwen3")]
    assert (tokens.low, tokens.high) == (min(counts), max(counts))
    assert tokens.approximate


# genai-prices' comments of Mistral's rows, by the commits of Mistral's docs.
@pytest.mark.parametrize(
    ("name", "means", "said"),
    [
        ("mistral-medium-latest", "mistral-medium-3.5", "since 2026-06-16"),
        ("mistral/mistral-small-latest", "mistral-small-4", "since 2026-03-16"),
        ("mistral-large-latest", "mistral-large-2512", "since 2025-12-02"),
        ("qwen-turbo", "qwen-turbo-2025-04-28", "on 2026-11-27 it meant"),
        ("deepseek-reasoner", "deepseek-v4-flash", "until it was shut down on 2026-07-24"),
        ("chatgpt-4o-latest", None, "not stated"),
        ("claude-3-7-sonnet-latest", None, "not stated"),
    ],
)
def test_a_name_that_moves_on_says_what_it_means(name, means, said):
    alias = alias_of(parse_name(name))
    assert alias.means == means
    with travel(NOW):
        notes = [note.text for note in estimate_cost("hello", name).notes]
    assert any(said in note for note in notes)


@pytest.mark.parametrize(
    "name", ["gpt-4o-2024-08-06", "claude-opus-4-8", "mistral-small-2506", "llama3.1:latest"]
)
def test_a_name_that_means_one_model_is_no_alias(name):
    assert alias_of(parse_name(name)) is None


# -- what cannot be known -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc",
            "application-inference-profile.*does not tell its model; name that",
        ),
        ("bedrock/arn:aws:bedrock:us-east-1:123456789012:provisioned-model/abc", "provisioned-model"),
        ("arn:aws:bedrock:us-east-1:123456789012:custom-model/amazon.nova-lite-v1:0/abc", "custom-model"),
        ("vertex_ai/projects/p1/locations/us-central1/endpoints/123456", "endpoints"),
        ("azure/prod-chat", "a name that its user chose does not tell its model"),
    ],
)
def test_an_id_that_does_not_tell_its_model_asks_for_it(name, said):
    with pytest.raises(UnknownNameError) as raised:
        estimate_cost("hello", name)
    assert re.search(said, str(raised.value))
    assert "\n" not in str(raised.value)
    with pytest.raises(UnknownNameError, match="does not tell its model"):
        count_tokens("hello", name)


# Model-Router-Auto-Evaluation#2: a deployment `gpt-4o-baseline` was priced at $0.
@pytest.mark.parametrize("name", ["azure/gpt-4o-baseline", "accounts/acme/models/llama-v3p1-8b-support"])
def test_a_name_that_a_user_chose_is_never_exact(name):
    with travel(NOW):
        estimate = estimate_cost("hello world", name, output_tokens=5)
    assert estimate.details.how == "assumed"
    assert estimate["total_usd"].value is None
    assert count_tokens("hello", name).details.how == "assumed"


def test_a_user_s_table_prices_an_id_that_tells_nothing(user_table):
    arn = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc"
    user_table.write_text(
        f'[[prices]]\nmodel = "{arn}"\ninput_usd_per_mtok = 3.3\n'
        'tokenizer = "claude-sonnet-4-5"\nchecked = 2026-11-25\n',
        encoding="utf-8",
    )
    with travel(NOW):
        estimate = estimate_cost("hello world", arn)
    assert estimate["input_usd_per_mtok"].value == Decimal("3.3")


def test_a_prompt_for_a_host_is_not_sent_to_the_maker():
    for name in (f"us.anthropic.{SONNET}-v1:0", "openrouter/anthropic/claude-opus-4.8", "gemini-1.5-pro@001"):
        with pytest.raises(UsageError, match="is not its maker's own name"):
            estimate_cost("hello", name, ask_provider=True)


def test_a_name_taken_apart_is_its_own():
    name = parse_name("groq/gpt-oss-120b")
    assert isinstance(name, ModelName)
    assert name.from_maker().host == ""
    assert name.from_maker().sold_as == "gpt-oss-120b"


# -- other spellings ----------------------------------------------------------------------

# As people and their tools write them; the ids are those of the makers' lists.
SPELLINGS = {
    # platform.openai.com/docs/models prints hyphens that are no ASCII.
    "GPT\u20114o mini": "gpt-4o-mini",
    "GPT\u20115 mini": "gpt-5-mini",
    # docs.claude.com/en/docs/about-claude/models/overview, and the older names of the same models
    "Claude Sonnet 4.5": "claude-sonnet-4-5",
    "Claude Haiku 3.5": "claude-3-5-haiku-latest",
    "Claude 3.5 Sonnet": "claude-3-5-sonnet",
    # ai.google.dev/gemini-api/docs/models, docs.x.ai, docs.cohere.com
    "Gemini 2.5 Flash-Lite": "gemini-2.5-flash-lite",
    "Gemini 3 Pro (Preview)": "gemini-3-pro-preview",
    "Grok 4.1 Fast Reasoning": "grok-4-1-fast-reasoning",
    "Command R+": "command-r-plus",
    # OpenCode and OpenRouter write dots, Vertex AI dashes: ccusage/ccusage#868, candelahq/candela#370
    "claude-opus-4.6": "claude-opus-4-6",
    "anthropic/claude-fable-5.1": "claude-fable-5-1",
    "gemini-2-5-pro": "gemini-2.5-pro",
    "gpt-4-1-mini": "gpt-4.1-mini",
    # Cursor's order of words
    "claude-4.5-sonnet": "claude-sonnet-4-5",
    # CodeBurn shows these (getagentseal/codeburn#58), Claude Code `[1m]` (soulduse/ai-token-monitor#174)
    "Opus 4.7": "claude-opus-4-7",
    "claude-opus-5[1m]": "claude-opus-5",
    "gpt-5.4-high": "gpt-5.4",
    "gpt4o": "gpt-4o",
}


@pytest.mark.parametrize(("name", "model"), SPELLINGS.items())
def test_a_model_is_found_by_other_spellings_of_its_name(name, model):
    found, known = resolve_hosted(name, NOW), resolve_hosted(model, NOW)
    assert found.price == known.price
    assert found.tokenizer == known.tokenizer
    assert str(found) == name


# Another model has the spelling as its id, or has the name too.
PRINTED_BY_OTHERS = {"Claude 2.0 / 2.1", "Gemini 1.5 Flash", "Gemini 1.5 Pro", "gpt 4"}


def test_what_a_maker_prints_is_the_model_that_it_sells():
    """By the names in genai-prices' own table; some of them stand beside several models."""
    sellers = [each for each in get_snapshot().providers if each.id in makers().values()]
    rows = [(seller, model) for seller in sellers for model in seller.models if model.name]
    uses = Counter(model.name.casefold() for _, model in rows)
    n_found = 0
    for seller, model in rows:
        sold = find_price(model.id, NOW)
        is_own = sold is not None and (sold.host, sold.model) == (seller.id, model.id)
        if is_own and uses[model.name.casefold()] == 1 and model.name not in PRINTED_BY_OTHERS:
            found = resolve_hosted(model.name, NOW).price
            assert found is not None, model.name
            assert found.model == model.id
            n_found += 1
    assert n_found > 200


@pytest.mark.parametrize("name", ["gpt-o4-mini", "claude-4.5", "gpt-4.5-5", "sonnet", "Gemini", "mini"])
def test_a_spelling_that_is_no_model_s_is_not_taken_for_one(name):
    with suppress(UnknownNameError):
        assert resolve_hosted(name, NOW).price is None
