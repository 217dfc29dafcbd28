"""What readers of the document asked, and what others worked out, put in by `--set`."""

from __future__ import annotations

import pytest
import tiktoken

from ipython_llmnumbers import numbers
from ipython_llmnumbers.messages import said


def worked(key, **inputs):
    return float(numbers(key, **inputs)["worked"].value)


def test_the_cheat_sheet_s_slip_is_words_per_token():
    """ray-project/llm-numbers#5: "The cheat sheet says 0.75 tokens per word"; the README has 1.3."""
    number = numbers("fine_tuning_to_training_cost")
    assert number["shakespeare_recomputed_usd"].value == pytest.approx(40, rel=1e-5)  # 1M / 0.75
    assert worked("tokens_per_word", words=1_000_000, tokens_per_word=0.75) == 750_000  # what it would mean
    assert "words per token" in said(number.notes[0].text)


@pytest.mark.usefixtures("openai_files")
def test_spanish_took_five_tokens_for_ten_characters():
    """ray-project/llm-numbers#8, by OpenAI's help page: ‘Cómo estás’ contains 5 tokens (for 10 chars)."""
    counts = [len(tiktoken.get_encoding(name).encode("Cómo estás")) for name in ("r50k_base", "o200k_base")]
    assert counts == [5, 2]


def test_four_to_three_is_the_rule_that_the_example_gives():
    """ray-project/llm-numbers#16 offers 4:3 in the place of 1.3:1, as more standard."""
    assert float(numbers("tokens_per_word")["recomputed"].value) == pytest.approx(4 / 3)


@pytest.mark.parametrize(
    ("n_layers", "n_kv_heads", "head_dim", "n_bytes"),
    [
        # ray-project/llm-numbers#25, ftdzh1994: 2·1·1·40·40·128·2 bytes = 0.8M ≈ 1M.
        (40, 40, 128, 819_200),
        # jranaraki/vllm-fit#14: 2·layers·kv_heads·head_dim·dtype; a 7B of 32 layers without GQA.
        (32, 32, 128, 524_288),
        # "From 300KB to 69KB per Token" (news.future-shock.ai): GPT-2 XL, 48 layers, 25 heads of 64.
        (48, 25, 64, 300 * 1024),
        # The same: Llama 3 8B, 128 KiB.
        (32, 8, 128, 128 * 1024),
    ],
)
def test_the_memory_of_a_token_by_other_s_arithmetic(n_layers, n_kv_heads, head_dim, n_bytes):
    shape = {"n_layers": n_layers, "n_kv_heads": n_kv_heads, "head_dim": head_dim}
    assert worked("kv_memory_per_token_13b", **shape, context_tokens=1, batch_size=1) == n_bytes


@pytest.mark.parametrize(
    ("n_layers", "tokens", "gib"),
    [
        # huggingface/blog#2345, the table of Llama 3.1 in FP16: 1k and 128k tokens (1,000 each).
        (32, 1_000, 0.125),
        (32, 128_000, 15.62),
        (80, 128_000, 39.06),
    ],
)
def test_the_cache_of_a_long_context(n_layers, tokens, gib):
    n_bytes = worked("kv_cache_128k", n_layers=n_layers, context_tokens=tokens)
    assert n_bytes / 2**30 == pytest.approx(gib, rel=0.03)


def test_the_cache_of_deepseek_v3():
    """provide.ai, "The exact KV cache usage": 1,152 bytes·61 layers, 10.72 GiB at 160k (163,840 tokens)."""
    n_bytes = worked("kv_memory_per_token_mla", context_tokens=163_840, batch_size=1)
    assert n_bytes / 2**30 == pytest.approx(10.72, abs=0.01)


@pytest.mark.parametrize(("busy", "usd_per_mtok"), [(50, 0.0097), (25, 0.019)])
def test_own_embeddings_by_the_hoster_s_own_sum(busy, usd_per_mtok):
    """Spheron, 2026-04-20: "At 50% utilization, that's $0.0097 per 1M tokens. Even at 25% …, $0.019"."""
    ratio = worked("embedding_to_self_hosted_cost", busy_percent=busy, api_usd_per_mtok=0.02)
    assert 0.02 / ratio == pytest.approx(usd_per_mtok, rel=0.02)


def test_sending_again_grows_with_the_square():
    """Each step sends all before it: twice the steps, four times what they add (arithmetic)."""
    once = worked("agent_loop_tokens", steps=100, first_tokens=0, added_tokens=1_000)
    twice = worked("agent_loop_tokens", steps=200, first_tokens=0, added_tokens=1_000)
    assert twice / once == pytest.approx(4, rel=0.01)
