"""Whatever the public functions are given, what they cannot use is refused in one line."""

from __future__ import annotations

from decimal import Decimal

import pytest

from ipython_llmnumbers import (
    LLMNumbersError,
    count_tokens,
    estimate_cost,
    gpu_fit,
    gpu_speed,
    gpu_train,
    numbers,
)

WRONG = [None, 5, 2.5, b"gpt-4o", ["gpt-4o"], object()]


@pytest.mark.parametrize("value", WRONG, ids=lambda value: type(value).__name__)
def test_what_is_no_name_is_refused_in_one_line(value):
    asks = [lambda: gpu_train("13B", gpu="T4", optimizer=value)]
    if not isinstance(value, list):  # of names, it is a comparison
        asks += [lambda: count_tokens("hi", model=value), lambda: estimate_cost("hi", model=value)]
    if value is not None:
        asks += [
            lambda: gpu_fit("13B", gpu=value),
            lambda: gpu_fit("13B", gpu="T4", quant=value),
            lambda: gpu_fit("13B", gpu="T4", kv=value),
            lambda: gpu_fit("13B", gpu="T4", engine=value),
            lambda: gpu_train("13B", gpu="T4", precision=value),
            lambda: numbers(value),
        ]
    for ask in asks:
        with pytest.raises(LLMNumbersError, match=r"neither a name nor a list of names|not text; give a str"):
            ask()


@pytest.mark.parametrize(
    "ask",
    [
        lambda: numbers("tokens_per_word", words=10**400),
        lambda: numbers("tokens_per_word", words=Decimal("sNaN")),
        lambda: gpu_fit("13B", gpu="T4", batch_size=10**5000),
        lambda: estimate_cost("hi", calls=10**5000),
        lambda: estimate_cost("hi", calls=None),
        lambda: gpu_train("13B", gpu="H100", train_tokens=10**12, usd_per_gpu_hour=-1),
        lambda: gpu_train("13B", gpu="H100", train_tokens=10**12, usd_per_gpu_hour=True),
        lambda: gpu_train("13B", gpu="H100", train_tokens=10**12, usd_per_gpu_hour=10**5000),
        lambda: gpu_train("13B", gpu="H100", train_tokens=10**12, usd_per_gpu_hour=Decimal("sNaN")),
        lambda: gpu_train("13B", gpu="H100", checkpointing=""),
        lambda: gpu_speed("13B", gpu="H100", quant=""),
        lambda: gpu_speed("llama-3.1-8b", gpu="H100", tp=3),
    ],
)
def test_a_value_that_none_takes_is_refused_in_one_line(ask):
    with pytest.raises(LLMNumbersError) as caught:
        ask()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


def test_a_rent_may_be_any_number():
    for rent in (2.5, Decimal("2.5"), 2):
        estimate = gpu_train("13B", gpu="H100", train_tokens=10**12, usd_per_gpu_hour=rent)
        assert estimate["training_usd"].value > 0


def test_a_word_counts_the_same_in_any_case():
    for options in ({"method": "full"}, {"checkpointing": "selective", "attention": "eager"}):
        plain = gpu_train("llama-3.1-8b", gpu="H100", seq_tokens=8192, **options)
        upper = {name: word.upper() for name, word in options.items()}
        assert gpu_train("llama-3.1-8b", gpu="H100", seq_tokens=8192, **upper).to_dict() == plain.to_dict()
