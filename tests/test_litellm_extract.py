"""`tools/litellm_extract.py`: what it takes of a wheel of litellm, and what it leaves."""

from __future__ import annotations

import importlib.util
import json
import zipfile
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent.parent / "tools" / "litellm_extract.py"
pytestmark = pytest.mark.skipif(not SCRIPT.exists(), reason="the sdist has no tools")

# In litellm's shape; rates as its JSON writes them.
TABLE = """{
 "gpt-5": {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1.25e-06,
           "output_cost_per_token": 1e-05, "cache_read_input_token_cost": 1.25e-07,
           "max_input_tokens": 272000, "max_output_tokens": 128000.0, "deprecation_date": "2026-12-11",
           "successor_model": "openai/gpt-5.6-sol", "deprecation_source": "https://vendor.example/ends",
           "supports_reasoning": true, "supports_vision": true},
 "dall-e-3": {"mode": "image_generation", "litellm_provider": "openai", "input_cost_per_pixel": 0.0},
 "nobody-sells-this": {"mode": "chat", "litellm_provider": "openai", "input_cost_per_token": 1e-06},
 "deepinfra/gpt-5": {"mode": "chat", "litellm_provider": "deepinfra", "input_cost_per_token": 1e-06},
 "us.anthropic.claude-sonnet-4-5-20250929-v1:0": {"mode": "chat", "litellm_provider": "bedrock_converse",
           "input_cost_per_token": 3.3e-06, "prompt_cache_min_tokens": 1024},
 "bedrock/us-gov-west-1/anthropic.claude-sonnet-4-5-20250929-v1:0": {"mode": "chat",
           "litellm_provider": "bedrock", "input_cost_per_token": 9e-06},
 "perplexity/sonar": {"mode": "chat", "litellm_provider": "perplexity", "input_cost_per_token": 1e-06,
           "search_context_cost_per_query": {"search_context_size_low": 0.005,
                                             "search_context_size_high": 0.012}},
 "perplexity/perplexity/sonar": {"mode": "chat", "litellm_provider": "perplexity",
           "input_cost_per_token": 2.5e-07},
 "deepseek/deepseek-v4-pro": {"mode": "chat", "litellm_provider": "deepseek",
           "input_cost_per_token": 1.32e-06, "output_cost_per_token": 3.9600000000000004e-06,
           "off_peak_pricing": {"input_cost_per_token": 6.6e-07, "windows": [{"hours_utc": "00:00-00:00"}]}}
}"""


@pytest.fixture
def extract(tmp_path, monkeypatch):
    """The extract of a wheel with this table."""
    spec = importlib.util.spec_from_file_location("litellm_extract", SCRIPT)
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    monkeypatch.setattr(tool, "TABLE", tmp_path / "litellm.json")
    monkeypatch.setattr(tool, "LICENCE", tmp_path / "LICENSE.txt")
    wheel = tmp_path / "litellm-9.8.7-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("litellm/model_prices_and_context_window_backup.json", TABLE)
        archive.writestr("litellm-9.8.7.dist-info/licenses/LICENSE", "MIT License")
    tool.main(wheel, "2026-11-20")
    assert (tmp_path / "LICENSE.txt").read_text() == "MIT License"
    return json.loads((tmp_path / "litellm.json").read_text("utf-8"))


def test_the_release_and_its_day_are_named(extract):
    source = extract["source"]
    assert source["name"].startswith("litellm 9.8.7")
    assert source["day"] == "2026-11-20"
    assert source["licence"].startswith("MIT, Copyright (c) 2023 Berri AI")


def test_a_model_has_what_is_read_of_it_and_no_more(extract):
    assert extract["hosts"]["openai"] == {
        "gpt-5": {
            "input_usd_per_mtok": "1.25",
            "output_usd_per_mtok": "10",
            "cached_input_usd_per_mtok": "0.125",
            "max_input_tokens": 272_000,
            "max_output_tokens": 128_000,
            "ends": "2026-12-11",
            "ends_source": "https://vendor.example/ends",
            "heir": "gpt-5.6-sol",
            "reasons": True,
        }
    }


def test_a_host_keeps_its_own_rows_and_none_of_one_region(extract):
    rows = extract["hosts"]["aws"]
    assert rows == {
        "us.anthropic.claude-sonnet-4-5-20250929-v1:0": {
            "input_usd_per_mtok": "3.3",
            "cache_least_tokens": 1_024,
        }
    }
    assert "deepinfra" not in extract["hosts"]


def test_the_fee_of_a_request_and_the_hours_off_the_peak_are_kept(extract):
    assert extract["hosts"]["perplexity"]["sonar"]["usd_per_request_least"] == "0.005"
    assert extract["hosts"]["perplexity"]["sonar"]["input_usd_per_mtok"] == "1"
    row = extract["hosts"]["deepseek"]["deepseek-v4-pro"]
    assert row["output_usd_per_mtok"] == "3.96"
    assert row["off_peak"] == {"input_usd_per_mtok": "0.66", "windows": [{"hours_utc": "00:00-00:00"}]}
