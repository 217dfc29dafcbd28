"""What stands first in each display: the answer to what was asked, of what it is asked, and no more."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ipython_llmnumbers import (
    count_tokens,
    estimate_cost,
    gpu_fit,
    gpu_speed,
    gpu_train,
    numbers,
    training_cost,
)
from ipython_llmnumbers.render.layouts import lay_out

M = [
    {
        "role": "user",
        "content": [
            {"type": "text", "text": "what is it"},
            {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}},
        ],
    }
]


@pytest.mark.parametrize(
    ("estimate", "answer"),
    [
        (
            lambda: estimate_cost("hello world " * 80_000, "gpt-4o-mini,gpt-5.4"),
            "gpt-5.4 $0.40 · the only one of 2",
        ),
        (lambda: estimate_cost(M, "grok-4.7,mistral-nemo"), "none of 2 models can be called the cheapest"),
        (
            lambda: estimate_cost("hello", "llama3.1:8b,gpt-5.4"),
            "gpt-5.4 $0.0000025 · the only one of 2",
        ),
        (lambda: estimate_cost("hello", "llama3.1:8b"), "unpriced · llama3.1:8b · 1 token>"),
    ],
    ids=["too long for the cheapest", "not all counted", "one price", "no price"],
)
def test_only_what_can_be_compared_is_called_the_cheapest(estimate, answer):
    assert answer in repr(estimate())


def test_a_bound_is_rounded_down_and_has_no_ratio():
    comparison = estimate_cost(M, "gpt-5.4,grok-4.7", output_tokens=100, turns=3, calls=5)
    (totals,) = lay_out(comparison).open_tables
    model, bound, _, times, _ = totals.rows[-1]
    assert (model, times) == ("grok-4.7", "–")
    assert Decimal(bound.removeprefix("≥ ")) <= comparison["grok-4.7"]["all_turns_usd"].low


def test_the_tokens_of_an_answer_are_those_of_its_dollars():
    turns = estimate_cost("hello world", "gpt-4o", output_tokens=100, turns=5)
    assert f"{turns['turns_input_tokens'].value:,} tokens in, 500 out>" in repr(turns)
    assert "2 tokens in, 100 out each time>" in repr(
        estimate_cost("hello world", "gpt-4o", output_tokens=100, calls=9)
    )


def test_what_comes_of_one_s_own_inputs_is_in_its_own_unit():
    shown = repr(numbers("tokens_per_word", words=1200))
    assert "≈1,560 tokens · Worked out · words=1200 · formula of “Tokens per word” · By the" in shown


def test_a_speed_that_no_one_gets_is_no_answer():
    speed = gpu_speed("llama-3.1-70b", gpu="RTX 4090")
    assert speed.verdict == "does not fit"
    assert repr(speed).startswith("<speed of 'Llama-3.1-70B': does not fit · ")


def test_training_s_needs_are_of_each_gpu():
    assert " · each needs " in repr(gpu_train("llama-3.1-8b", gpu="H100", method="lora", n_gpus=4))


def test_where_no_rent_is_known_the_days_come_first():
    cost = training_cost("qwen3-0.6b", gpu="RTX 4090", train_tokens=10**9)
    assert repr(cost).startswith("<training_cost of 'Qwen3-0.6B': 0.501–1 days on one GPU")


def test_a_name_with_colons_is_no_emoji():
    comparison = estimate_cost("hello", "openrouter/meta-llama/llama-3.3-70b-instruct:free,gpt-5.4")
    assert "llama-3.3-70b-instruct:free" in str(comparison)


def test_a_table_of_blocks_is_indented(monkeypatch):
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "50")
    lines = str(count_tokens("hello", ["gpt-5.4", "claude-opus-4-5"])).splitlines()
    assert lines[1:3] == ["gpt-5.4", "  Tokens: 1"]


def test_the_answer_of_a_cost_is_in_its_repr():
    estimate = estimate_cost("hello", "gpt-4o", output_tokens=300, calls=1000)
    assert (
        repr(estimate)
        == "<cost of 'gpt-4o': $3.00 · for 1,000 calls · gpt-4o · 1 token in, 300 out each time>"
    )


def test_where_nothing_can_be_judged_what_is_needed_stands_first():
    assert repr(gpu_train("7B", method="lora")).startswith(
        "<training of '7B': needs 14.1–19.6 GiB · Train 7B on "
    )
    unknown = gpu_fit("pixtral-12b", gpu="L40S")
    assert unknown.verdict is None
    assert "weights 23.6 GiB of 45.0 GiB, the cache unknown · pixtral-12b in bf16 on L40S" in repr(unknown)
