"""What public courses and workshops have their pupils work out, asked of the numbers, and their slips."""

from __future__ import annotations

import pytest

from ipython_llmnumbers import count_tokens, numbers
from ipython_llmnumbers.estimates.classroom.exercises import check_exercise

# Of 2024-08 and 2024-07, as the courses print them: dollars for a million tokens of input and output.
GPT_4O = {"input_usd_per_mtok": 2.5, "output_usd_per_mtok": 10}
GPT_4O_MINI = {"input_usd_per_mtok": 0.15, "output_usd_per_mtok": 0.6}


def worked(key, **inputs):
    return float(numbers(key, **inputs)["worked"].value)


# SamSnead85/zerog-training, lesson 3.1 "Understanding Token-Based Pricing": its examples and its questions.
@pytest.mark.parametrize(
    ("price", "requests", "input_tokens", "output_tokens", "usd"),
    [
        (GPT_4O, 1, 7, 7, 0.0000875),
        (GPT_4O, 1_000, 7, 7, 0.0875),
        (GPT_4O, 1, 4_050, 500, 0.015125),
        (GPT_4O, 1, 1_000, 500, 0.0075),
        (GPT_4O, 10_000, 1_000, 0, 25),  # "system prompts count as input", a day
        (GPT_4O, 10_000 * 5, 500, 200, 162.5),  # the support bot, a day
        (GPT_4O_MINI, 10_000 * 5, 500, 200, 9.75),
        # hanawa-office.jp, ChatGPTトークン最適化マニュアル 1: 入力 800, 出力 1200, $0.005, $0.015.
        ({"input_usd_per_mtok": 5, "output_usd_per_mtok": 15}, 1, 800, 1_200, 0.022),
        # leyaa.ai, "Token counting and cost estimation": 500 tokens at $0.02 for a thousand.
        ({"input_usd_per_mtok": 20, "output_usd_per_mtok": 20}, 1, 500, 0, 0.01),
    ],
)
def test_what_requests_cost(price, requests, input_tokens, output_tokens, usd):
    asked = {"requests": requests, "input_tokens": input_tokens, "output_tokens": output_tokens}
    assert worked("thousand_questions_usd", **asked, **price) == pytest.approx(usd)


def test_in_yen():
    """gameworkslab.jp: 4o-mini, 1,000 tokens of input are $0.00015, 「約0.024円（1$ = 160円で計算）」."""
    asked = {"requests": 1, "input_tokens": 1_000, "output_tokens": 0}
    number = numbers("thousand_questions_usd", **asked, **GPT_4O_MINI, currency="JPY", rate="160@2025-01-31")
    assert float(number["worked_local"].value) == pytest.approx(0.024)


def test_a_conversation_is_sent_again_at_each_turn():
    """zerog-training 3.1: 100 tokens at turn 1, 200 at turn 2, … "Turn 10: 1,000+ input tokens"."""
    turns = range(1, 11)
    assert worked("agent_loop_tokens", steps=10, first_tokens=100, added_tokens=100) == sum(
        100 * turn for turn in turns
    )


def test_the_rule_of_a_course_for_teachers():
    """deconstructing-dialogue-dollars, "Teaching with Generative AI": "Tokens ≈ Word Count × 1.33"."""
    assert worked("tokens_per_word", words=750, tokens_per_word=1.33) == 998  # 997.5, and tokens are whole


@pytest.mark.parametrize(
    ("shape", "tokens", "batch", "gb"),
    [
        # deepml.app, Math for LLMs 15-09, exercise 1: B, L, T, H_kv, d_h, b = 4, 24, 2048, 8, 128, 2.
        ((24, 8, 128), 2048, 4, 0.805306368),
        # imokuri.com, LLM KV Cache Size と同時処理数: Qwen 2.5 32B, 64 layers and 8 heads of 128, a token.
        ((64, 8, 128), 1, 1, 262_144 / 1e9),
    ],
)
def test_the_cache_of_a_course(shape, tokens, batch, gb):
    n_layers, n_kv_heads, head_dim = shape
    n_bytes = worked(
        "kv_memory_per_token_gqa",
        n_layers=n_layers,
        n_kv_heads=n_kv_heads,
        head_dim=head_dim,
        context_tokens=tokens,
        batch_size=batch,
    )
    assert n_bytes / 1e9 == pytest.approx(gb)


def test_what_sharing_heads_saves():
    """deepml.app, 15-09, exercise 2: "Compare MHA with 32 KV heads to GQA with 8 KV heads": 4 times."""
    mha, gqa = (
        worked("kv_memory_per_token_gqa", n_kv_heads=heads, context_tokens=1, batch_size=1)
        for heads in (32, 8)
    )
    assert mha / gqa == 4


@pytest.mark.parametrize(
    ("n_params", "bits", "unit", "size"),
    [
        # Stanford CS336, assignment 1 (ameerfaour95/spring2024-assignment1-basics): GPT-2 XL, 1.64B.
        (1_637_014_400, 32, 2**30, 6.10),
        (1_637_014_400, 16, 2**30, 3.05),
        # deepml.app, 15-11, exercise 3: bf16 and 4-bit memory for 13B parameters.
        (13e9, 16, 1e9, 26),
        (13e9, 4, 1e9, 6.5),
        # qiita.com/yutasakaguchi2000: gemma-3-27b-it in bfloat16, 27 × 2 = 54.
        (27e9, 16, 1e9, 54),
        # blog.qualiteg.com, LLM推論基盤プロビジョニング講座 第3回: Llama3 8B.
        (8e9, 16, 1e9, 16),
        # jp-alois/Study-by-JP: 7B in float32, in half precision, in 4 bits.
        (7e9, 32, 1e9, 28),
        (7e9, 4, 1e9, 3.5),
    ],
)
def test_the_weights_of_a_course(n_params, bits, unit, size):
    n_bytes = worked("serving_bytes_per_param", n_params=n_params, bits_per_param=bits)
    assert n_bytes / unit == pytest.approx(size, rel=1e-3)


def test_what_training_needs_beside_the_weights():
    """clawdemy.org, "Counting the cost": parameters 4N, gradients 4N and Adam 8N bytes, of weights of 4N."""
    state = {"training_bytes_per_param": 4 + 4 + 8, "serving_bytes_per_param": 4}
    assert worked("training_to_serving_memory", **state) == 4


# Counts that pages teach, beside what the vocabularies of GPT-4o and GPT-4 make of the text (tiktoken).
@pytest.mark.parametrize(
    ("text", "taught", "counted"),
    [
        ("What is the capital of France?", 7, (7, 7)),  # zerog-training 3.1
        ("The capital of France is Paris.", 7, (7, 7)),
        ("Hello, how are you?", 5, (6, 6)),  # the same lesson, and it is one short
        ("This is a pen.", 5, (5, 5)),  # goatman.co.jp
        ("ChatGPT is great.", 5, (5, 6)),  # hanawa-office.jp
        ("これはテストです。", 6, (5, 6)),
        ("ChatGPT is amazing!", 4, (5, 6)),  # nobdata.co.jp cuts at words
    ],
)
@pytest.mark.usefixtures("openai_files")
def test_a_count_that_is_taught(text, taught, counted):
    import tiktoken

    for encoding, model, n_tokens in zip(
        ("o200k_base", "cl100k_base"), ("gpt-4o", "gpt-4"), counted, strict=True
    ):
        assert len(tiktoken.get_encoding(encoding).encode(text)) == n_tokens
        assert count_tokens(text, model=model)["tokens"].value == n_tokens
    assert (taught in counted) is (text not in ("Hello, how are you?", "ChatGPT is amazing!"))


def test_a_gib_is_taken_as_one_and_a_gb_as_one():
    """qiita.com/yutasakaguchi2000 has a billion be 1024^3; a 70B model is 140 GB, which are 130.4 GiB."""
    assert check_exercise("ex7", "140").details.is_right
    assert check_exercise("ex7", "130.4 GiB").details.is_right
    assert not check_exercise("ex7", "130.4").details.is_right
