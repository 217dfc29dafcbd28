"""Numbers of estimates that the displays round or hide, by hand or from the source named above the test."""

from __future__ import annotations

import pytest

from ipython_llmnumbers import count_tokens, estimate_cost, gpu_train
from ipython_llmnumbers.errors import UsageError


def reached(estimate, name):
    """The first figure of that name among everything that the estimate is made from."""
    return next(each for each in estimate.walk() if each.name == name)


@pytest.mark.parametrize(("seq", "good"), [(1, True), (10**8, True), (10**8 + 1, False), (0, False)])
def test_the_longest_sequence_of_a_training(seq, good):
    if good:
        assert gpu_train("llama-3.1-8b", seq_tokens=seq, gpu="H100").request["seq_tokens"] == seq
    else:
        with pytest.raises(UsageError, match="seq"):
            gpu_train("llama-3.1-8b", seq_tokens=seq, gpu="H100")


def test_norms_of_a_training_are_in_32_bits_or_in_the_weights_16():
    norms = reached(gpu_train("llama-3.1-8b", gpu="H100"), "norm_bytes")
    assert (norms.low, norms.high) == (0, 4)
    assert norms.source is not None


def test_a_gathered_model_is_two_layers_at_least():
    live = reached(gpu_train("llama-3.1-8b", gpu="H100", n_gpus=2, zero_stage=3), "live_params")
    # Llama 3.1 8B: 8,030,261,248 parameters in 32 layers; DeepSpeed's `stage3_max_live_parameters` is 1e9.
    assert (live.low, live.value) == (2 * 8_030_261_248 // 32, 10**9)


def test_a_request_names_what_was_asked():
    cost = estimate_cost("hello", "gpt-4o", output_tokens=200, calls=3)
    assert cost.request["model"] == "gpt-4o"
    assert (cost.request["output_tokens"], cost.request["calls"]) == (200, 3)
    assert count_tokens("hello", "gpt-4o").request["model"] == "gpt-4o"
