"""What people hand over that is not what a parameter expects: read right, or refused in one line."""

from __future__ import annotations

import copy
import gc
import json
import pickle
import weakref
from decimal import Decimal

import numpy as np
import pandas as pd
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
from ipython_llmnumbers.catalog.defaults import DEFAULT_MODEL
from ipython_llmnumbers.errors import LLMNumbersError
from ipython_llmnumbers.messages import option, say

MESSAGES = [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]
HUGE = 10**5000
LLAMA = {
    "model_type": "llama",
    "hidden_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 128,
    "vocab_size": 1000,
}


class Config:
    """A config in memory, as transformers has them."""

    name = "13B"

    def to_dict(self):
        return LLAMA


class Unspeakable:
    """An object whose own text fails."""

    def __str__(self):
        raise RuntimeError("no text")

    __repr__ = __str__


def again(estimate):
    """The same question, out of JSON."""
    return type(estimate.question).from_request(json.loads(json.dumps(estimate.request))).answer()


# -- prompts ----------------------------------------------------------------------------------


@pytest.mark.parametrize("many", [pd.Series(MESSAGES), [MESSAGES[:1], MESSAGES[1:]], pd.Series(["a", "b"])])
def test_a_column_is_many_prompts_whatever_stands_in_it(many):
    estimate = estimate_cost(many)
    assert estimate.details.prompts == 2
    assert again(estimate).to_dict() == estimate.to_dict()
    assert estimate_cost(MESSAGES).details.prompts == 1


def test_an_estimate_does_not_change_with_the_caller_s_list():
    chat = [{"role": "user", "content": "hi"}]
    estimate = estimate_cost(chat)
    chat.append({"role": "assistant", "content": "yo " * 50})
    chat[0]["content"] = "changed"
    assert estimate.request["prompt"] == [{"role": "user", "content": "hi"}]


def test_what_json_cannot_hold_is_written_as_its_text():
    tools = [{"name": "n", "limit": np.int64(3), "since": pd.Timestamp("2026-11-20")}]
    estimate = estimate_cost({"messages": MESSAGES, "tools": tools})
    assert json.loads(json.dumps(estimate.request))["prompt"]["tools"][0]["limit"] == 3


@pytest.mark.parametrize("texts", [MESSAGES, [MESSAGES, MESSAGES], [{"a": 1}]])
def test_messages_are_no_texts(texts):
    with pytest.raises(LLMNumbersError, match=r"text holds a (dict|list), which is no text"):
        count_tokens(texts)


# -- models in memory -------------------------------------------------------------------------


@pytest.mark.parametrize("ask", [gpu_fit, gpu_train, gpu_speed])
def test_a_model_in_memory_is_not_held_and_not_mistaken_for_another(ask):
    model = Config()
    held = weakref.ref(model)
    estimate = ask(model, gpu="H100")
    del model
    gc.collect()
    assert held() is None
    assert estimate.request["model"] == {"in_memory": "model"}
    copy.deepcopy(estimate)
    with pytest.raises(LLMNumbersError, match=r"model was an object in memory: give it again"):
        again(estimate)


def test_an_object_is_called_by_the_variable_s_name(shell):
    shell.user_ns.update(mine=Config(), number=3)
    assert shell.run_line_magic("gpufit", "-v mine --gpu H100").subject == "mine"
    with pytest.raises(LLMNumbersError, match=r"^number is a int; give a torch module"):
        shell.run_line_magic("gpufit", "-v number --gpu H100")
    with pytest.raises(LLMNumbersError, match=r"^model is a int; give a torch module"):
        gpu_fit(3)


# -- values -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ask",
    [
        lambda: gpu_train("13B", gpu="H100", checkpointing=None),
        lambda: gpu_train("13B", gpu="H100", offload=None),
        lambda: estimate_cost("a", processing=HUGE),
        lambda: training_cost("13B", train_tokens=1, method=HUGE),
        lambda: estimate_cost("a", currency="JPY", rate=HUGE),
        lambda: estimate_cost("a", calls=Unspeakable()),
        lambda: estimate_cost("a", calls=np.array([[1, 2], [3, 4]])),
        lambda: estimate_cost("a", calls=pd.DataFrame({"a": [1, 2]})),
        lambda: estimate_cost("a", budget_usd=1e-30),
        lambda: numbers("tokens_per_word", words=HUGE),
        lambda: numbers("tokens_per_word", words=Unspeakable()),
        lambda: count_tokens(file="~nosuchuser/x"),
        lambda: gpu_fit("~nosuchuser/x"),
    ],
)
def test_it_is_refused_in_one_short_line(ask):
    with pytest.raises(LLMNumbersError) as caught:
        ask()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250
    copied = pickle.loads(pickle.dumps(caught.value))
    assert str(copied) == str(copy.deepcopy(caught.value)) == str(caught.value)


def test_what_was_given_is_named_as_it_was():
    for ask, said in (
        (lambda: numbers("tokens_per_word", words="abc"), "words='abc': give a number"),
        (lambda: estimate_cost("a", calls="3"), "calls='3' is not a whole number"),
        (lambda: count_tokens(["a"], compare=True), f"model={DEFAULT_MODEL!r}: many texts"),
    ):
        with pytest.raises(LLMNumbersError) as caught:
            ask()
        assert str(caught.value).startswith(said)


def test_numpy_s_whole_numbers_are_whole_numbers():
    assert estimate_cost("a", calls=np.int64(3)).request["calls"] == 3


@pytest.mark.parametrize("zero", [-0.0, Decimal("-0")])
def test_a_negative_zero_is_zero(zero):
    estimate = estimate_cost("a", budget_usd=zero)
    assert estimate.request["budget_usd"] == "0"
    again(estimate)


def test_a_name_with_braces_is_a_name():
    with pytest.raises(LLMNumbersError) as caught:
        estimate_cost("a", model="{option:calls} {option")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
    message = say("{word}", word="{option:x}")
    assert copy.deepcopy(message) == message == "{option:x}"
    assert pickle.loads(pickle.dumps(option("calls", "{option:x"))) == "calls='{option:x'"


# -- lines ------------------------------------------------------------------------------------


@pytest.mark.parametrize("quoted", ['--system="Be brief."', "--system='Be brief.'", '--system "Be brief."'])
def test_quotes_may_stand_behind_the_equals_sign(shell, quoted):
    request = shell.run_line_magic("llmcost", f"{quoted} hello").request
    assert (request["system"], request["prompt"]) == ("Be brief.", "hello")


def test_a_gpu_in_quotes_behind_the_equals_sign(shell):
    assert shell.run_line_magic("gpufit", 'llama-3.1-8b --gpu="RTX 4090"').request["gpu"] == "RTX 4090"


def test_an_option_that_has_no_part_is_refused(shell):
    with pytest.raises(LLMNumbersError, match="--to belongs to --annotate"):
        shell.run_line_magic("llmcost", "--to x.ipynb hello")


def test_the_question_mark_speaks_of_flags(shell):
    documentation = shell.find_magic("llmcost").getdoc()
    assert "with --rate" in documentation
    assert "with rate" not in documentation


def test_a_variable_that_cannot_be_written_is_refused(shell):
    shell.user_ns["big"] = HUGE
    with pytest.raises(LLMNumbersError, match=r"\{big\}"):
        shell.run_line_magic("llmcost", "--out {big} hi")


def test_a_quiz_is_asked_again(shell):
    quiz = shell.run_line_magic("llmnumbers", "--quiz 2 --seed 5")
    assert [part.subject for part in again(quiz).parts] == [part.subject for part in quiz.parts]


def test_a_comparison_may_be_the_default(shell):
    shell.run_cell('%config LLMNumbers.model = "gpt-4o,gpt-4"')
    try:
        assert len(shell.run_line_magic("llmcost", "hello").parts) == 2
        shell.run_cell('%config LLMNumbers.model = "gpt-4o,no-such-model"')
        assert len(shell.run_line_magic("llmcost", "hello").parts) == 2
    finally:
        shell.run_cell('%config LLMNumbers.model = "gpt-4o"')
