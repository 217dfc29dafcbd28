"""What the tables give where a model, a price or a rule is silent: the default, its unit and its range."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from ipython_llmnumbers.catalog.hardware.engine_speed import find_speed
from ipython_llmnumbers.catalog.hardware.engines import find_engine, known_engines
from ipython_llmnumbers.catalog.open_models.find import find_model
from ipython_llmnumbers.catalog.open_models.ggml import find_type
from ipython_llmnumbers.catalog.open_models.quants import find_quant, kv_bits_figure
from ipython_llmnumbers.catalog.prices.find import find_price, known_priced_models
from ipython_llmnumbers.catalog.tokenization.attachments import medium_rule
from ipython_llmnumbers.catalog.tokenization.chat_frames import frame_rule, tool_rule
from ipython_llmnumbers.catalog.user_table import user_file
from ipython_llmnumbers.errors import UsageError
from ipython_llmnumbers.estimates.memory.question import Fit


def shape(figure):
    return figure.name, figure.unit, figure.value, figure.low, figure.high


def test_the_frame_of_an_unknown_model_is_a_range_of_tokens():
    rule = frame_rule("nobody's-model")
    assert [shape(each) for each in (rule.reply_tokens, rule.message_tokens, rule.name_tokens)] == [
        ("reply_tokens", "tokens", 3, 0, 100),
        ("message_tokens", "tokens", 4, 2, 8),
        ("name_tokens", "tokens", 1, 0, 2),
    ]
    tools = tool_rule("nobody's-model")
    assert shape(tools.auto_tokens) == ("prompt_tokens", "tokens", 100, 0, 804)
    assert tools.forced_tokens == tools.auto_tokens
    for medium in ("images", "documents", "audio", "video"):
        assert medium_rule(medium, "nobody's-model") is None


def test_openai_s_frame_is_exact():
    # OpenAI cookbook, "How to count tokens with tiktoken": 3 a message, 1 a name, 3 for the reply.
    rule = frame_rule("gpt-4o")
    assert (rule.reply_tokens.value, rule.name_tokens.value) == (3, 1)
    assert not rule.reply_tokens.has_range
    assert rule.reply_tokens.source is not None


def test_bits_carry_their_unit_and_say_what_they_depend_on():
    exact, mixed = find_quant("bf16").bits_figure(), find_quant("q4_k_m").bits_figure()
    assert shape(exact) == ("bits_per_param", "bits/parameter", 16, 16, 16)
    assert exact.note == ""
    assert mixed.low < mixed.value < mixed.high
    assert "depends on the model" in mixed.note
    # llama.cpp, `block_q4_K`: 144 bytes for 256 numbers.
    block = find_type("q4_k").bits_figure()
    assert shape(block) == ("bits_per_param", "bits/parameter", 4.5, 4.5, 4.5)
    assert block.note == "Q4_K: 144 bytes for 256 numbers"


@pytest.mark.parametrize(("weights", "bits"), [("fp32", 32), ("bf16", 16), ("q4_k_m", 16), ("fp8", 16)])
def test_a_cache_has_the_weights_32_bits_or_16(weights, bits):
    assert shape(kv_bits_figure(None, find_quant(weights)))[:3] == ("kv_bits_per_element", "bits", bits)


def test_latencies_are_in_seconds_and_shares_have_no_unit():
    latency = find_speed("transformers").latency("layer_latency")
    assert (latency.name, latency.unit) == ("layer_latency_s", "s")
    assert latency.low <= latency.value <= latency.high < 0.1
    assert latency.note
    assert find_speed("vllm").share("efficiency", "name").name == "name"


def test_a_tuned_model_has_its_own_context():
    # Qwen2.5's config.json: 131,072 for the base, 32,768 for the instruct models.
    base, tuned = find_model("Qwen2.5-7B"), find_model("Qwen2.5-7B-Instruct")
    assert (base.max_context_tokens, tuned.max_context_tokens) == (131_072, 32_768)
    assert find_model("qwen2.5-7b-chat").max_context_tokens == 32_768
    assert find_model("qwen2.5-7b-it").max_context_tokens == 32_768
    assert tuned.architecture is base.architecture


@pytest.mark.parametrize("name", ["", "  ", None, 7])
def test_no_name_is_an_error(name):
    with pytest.raises(UsageError, match="no model given"):
        find_model(name)


def test_a_user_s_price_is_kept_field_by_field(user_table):
    user_table.write_text(
        "[[prices]]\n"
        'model = "house"\n'
        "input_usd_per_mtok = 1.5\n"
        "output_usd_per_mtok = 3\n"
        "cached_input_usd_per_mtok = 0.25\n"
        "cache_write_usd_per_mtok = 2\n"
        "context_window_tokens = 5000\n"
        'tokenizer = "llama3"\n'
        'provider = "us"\n'
        'source = "a page"\n'
        'url = "https://example.org"\n'
        "checked = 2026-11-20\n"
    )
    price = find_price("house")
    assert (price.model, price.provider, price.tokenizer) == ("house", "us", "llama3")
    assert price.context_window_tokens == 5000
    rates = (price.input, price.output, price.cached_input, price.cache_write)
    assert [rate.base_usd_per_mtok for rate in rates] == [Decimal("1.5"), 3, Decimal("0.25"), 2]
    assert (price.source.name, price.source.url, price.source.checked) == (
        "a page",
        "https://example.org",
        date(2026, 11, 20),
    )
    assert known_priced_models()[0] == "house"


def test_a_user_s_price_that_is_silent_is_the_user_s(user_table):
    user_table.write_text('[[prices]]\nmodel = "house"\nchecked = 2026-11-20\n')
    price = find_price("house")
    assert (price.provider, price.input, price.context_window_tokens) == ("your own table", None, None)
    assert (price.source.name, price.source.url) == (str(user_table), None)


def test_the_user_s_table_has_a_place_and_may_be_elsewhere(monkeypatch, tmp_path):
    monkeypatch.setenv("LLMNUMBERS_FILE", "~/mine.toml")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert user_file() == tmp_path / "mine.toml"
    monkeypatch.delenv("LLMNUMBERS_FILE")
    assert user_file().parts[-2:] == ("ipython-llmnumbers", "llmnumbers.toml")
    assert isinstance(user_file(), Path)


def test_a_day_before_a_price_s_history_is_priced_by_its_first_row():
    # OpenAI's page of 2023-05-08, the first that is known: 2 dollars for gpt-3.5-turbo, 1.50 from June 13.
    early, first, june = (
        find_price("gpt-3.5-turbo", datetime(2023, month, day, tzinfo=UTC))
        for month, day in ((3, 1), (6, 12), (6, 13))
    )
    assert (early.input.base_usd_per_mtok, first.input.base_usd_per_mtok, june.input.base_usd_per_mtok) == (
        2,
        2,
        Decimal("1.5"),
    )
    assert "2023-05-08" in early.note
    assert "2023-05-08" not in first.note


def test_what_an_engine_takes_is_asked_by_a_fit():
    taken = {name for engine in known_engines() for name in find_engine(engine).takes}
    assert "utilization" in taken
    assert taken <= set(Fit.parameters())
