"""A question is declared once: its function, its request and its options all come from its fields."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from dataclasses import MISSING
from datetime import date
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest

import ipython_llmnumbers
from ipython_llmnumbers import gpu_fit, numbers
from ipython_llmnumbers.errors import ParameterError, UsageError
from ipython_llmnumbers.estimates.cost.question import Cost
from ipython_llmnumbers.estimates.kinds import (
    Day,
    Dollars,
    Fraction,
    Name,
    Names,
    Numbers,
    OneOf,
    Switch,
    Whole,
    WholeRange,
)
from ipython_llmnumbers.estimates.memory.question import Fit
from ipython_llmnumbers.estimates.questions import questions
from ipython_llmnumbers.estimates.speed.question import Speed
from ipython_llmnumbers.estimates.tokens.question import Tokens
from ipython_llmnumbers.estimates.training.question import Train, TrainingCost
from ipython_llmnumbers.magics import MAGICS

SCHEMA = json.loads((Path(__file__).parent.parent / "docs" / "questions.schema.json").read_text("utf-8"))
ASKED = [question for question in questions() if question.function]
EACH = pytest.mark.parametrize("question", ASKED, ids=lambda question: question.function)
# What a magic does beside its question's parameters.
OF_THE_MAGIC = {
    *(
        "var",
        "output",
        "json",
        "lang",
        "help",
        "template",
        "annotate",
        "to",
        "auto",
        "live",
        "ledger",
        "bill",
        "csv",
        "spans",
        "run",
        "watch",
    ),
    *("update_prices", "overwrite", "speed", "sliders", "answers", "quiz", "seed", "find_gpu", "corrections"),
    *("paper", "hand_in", "class", "check", "hint", "essay"),
}


def signature_of(question):
    return inspect.signature(getattr(ipython_llmnumbers, question.function)).parameters


@EACH
def test_the_function_takes_each_parameter_and_no_other(question):
    taken = signature_of(question)
    assert taken.keys() == question.parameters().keys()
    for name, parameter in question.parameters().items():
        if taken[name].kind is not inspect.Parameter.VAR_KEYWORD:
            default = inspect.Parameter.empty if parameter.default is MISSING else parameter.default
            assert taken[name].default == default, name


@EACH
def test_the_documentation_of_the_function_tells_each_parameter(question):
    documentation = getattr(ipython_llmnumbers, question.function).__doc__
    for name in question.parameters():
        assert f"\n        {name}: " in documentation
    assert "--" not in documentation


def test_functions_page_and_schema_are_what_the_script_would_write():
    pytest.importorskip("ruff", reason="needs ruff (make setup)")
    root = Path(__file__).parent.parent
    script = root / "tools" / "questions.py"
    if not script.exists():
        pytest.skip("the sdist has no tools")
    run = subprocess.run([sys.executable, str(script), "--check"], cwd=root, capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


def test_the_options_of_the_magics_are_the_parameters_that_are_no_subject():
    of_magics = {option.name for magic in MAGICS for option in magic.all_options}
    of_questions = {
        name
        for question in ASKED
        for name, parameter in question.parameters().items()
        if not parameter.is_subject
    }
    assert of_magics - OF_THE_MAGIC == of_questions


def test_a_flag_means_one_parameter():
    """Whatever the magic; what it takes may differ by the question."""
    meant = {}
    for magic in MAGICS:
        for option in magic.all_options:
            for flag in option.flags:
                assert meant.setdefault(flag, option.name) == option.name, flag


# Each with every parameter that JSON can hold set to something.
QUESTIONS_ASKED = [
    Tokens.of(text="hello world", model="gpt-4o", ids=True),
    Tokens.of(text=["hello", None, "two words"], label="greetings"),
    Tokens.of(text="hello", model=["gpt-4o", "qwen3-8b"]),
    Cost.of(
        prompt=[{"role": "user", "content": "hello " * 50}],
        model="gpt-4o,gpt-4o-mini",
        output_tokens=(100, 200),
        calls=3,
        system="Be brief.",
        cached="20%",
        cache_write=5,
        processing="batch",
        concise=True,
        on=date(2026, 11, 24),
        versus="gpt-4",
        budget_usd=Decimal("0.5"),
        currency="jpy",
        rate="150@2026-11-20",
    ),
    Cost.of(prompt=["one", "two words"], as_text=True, output_tokens=7, on="2026-11-24"),
    Fit.of(
        model="llama-3.1-8b",
        quant="fp8",
        context_tokens=4096,
        batch_size=2,
        gpu="H100",
        engine="vllm",
        kv="fp8",
        tp=2,
        utilization=0.9,
    ),
    Fit.of(model="llama-3.1-8b", gpu="T4", draft_layers=1),
    Fit.of(
        model="llama-3.1-8b",
        gpu="H100",
        engine="sglang==0.5.5",
        max_num_batched_tokens=2048,
        max_loras=2,
        max_lora_rank=32,
        draft="llama-3.2-1b",
    ),
    Speed.of(
        model="llama-3.1-8b",
        gpu="H100",
        output_tokens=100,
        batch_size=4,
        currency="EUR",
        rate="0.9@2026-11-20",
    ),
    Train.of(model="llama-3.1-8b", method="qlora", gpu="RTX 4090", train_tokens=10**7, usd_per_gpu_hour=2.5),
    TrainingCost.of(model="13B", train_tokens=10**12, gpu="H100"),
    ipython_llmnumbers.numbers("tokens_per_word", words=1200).question,
]


@pytest.mark.parametrize("asked", QUESTIONS_ASKED, ids=lambda asked: type(asked).__name__)
def test_a_request_is_complete_and_asks_the_same_again(asked):
    estimate = asked.answer()
    request = json.loads(json.dumps(estimate.request))
    assert request.keys() == type(asked).parameters().keys()
    jsonschema.validate(request, {"$ref": f"#/$defs/{asked.function}", "$defs": SCHEMA["$defs"]})
    again = type(asked).from_request(request)
    assert again == asked
    assert again.answer().to_dict() == estimate.to_dict()


def test_a_request_of_something_else_is_refused_by_name():
    with pytest.raises(ParameterError, match="unknown parameter context_token=8; nearest: context_tokens"):
        Fit.from_request({"model": "13B", "context_token": 8})
    with pytest.raises(UsageError, match="batch_size=0 is not a whole number from 1"):
        Fit.from_request({"model": "13B", "batch_size": 0})
    with pytest.raises(UsageError, match="model is lacking; give one"):
        Fit.from_request({})


def test_a_refusal_names_the_parameter_and_the_value():
    with pytest.raises(ParameterError) as caught:
        gpu_fit("13B", tp=0)
    assert (caught.value.parameter, caught.value.value) == ("tp", 0)


@pytest.mark.parametrize(
    ("kind", "given", "taken", "in_json"),
    [
        (Whole(10), 10, 10, 10),
        (Whole(10**13), 1.4e12, 1_400_000_000_000, 1_400_000_000_000),
        (WholeRange(10, least=0), (2, 5), (2, 5), [2, 5]),
        (WholeRange(10, least=0), [2, 5], (2, 5), [2, 5]),
        (WholeRange(10), 3, 3, 3),
        (Fraction(0.1), 1, 1, 1),
        (Switch(), True, True, True),
        (Name(), "x", "x", "x"),
        (Names(), " a , b,a", ("a", "b"), ["a", "b"]),
        (Names(), ["a"], ("a",), "a"),
        (OneOf(("flash", "eager")), "FLASH", "flash", "flash"),
        (Day(), "2026-11-20", date(2026, 11, 20), "2026-11-20"),
        (Dollars(Decimal(9)), 2.5, Decimal("2.5"), "2.5"),
        (Dollars(Decimal(9)), "2.50", Decimal("2.50"), "2.5"),
        (
            Numbers(),
            {"words": Decimal("1.5"), "n": 3},
            {"words": Decimal("1.5"), "n": 3},
            {"words": "1.5", "n": 3},
        ),
    ],
    ids=str,
)
def test_what_a_kind_takes_and_how_json_writes_it(kind, given, taken, in_json):
    assert kind.take("x", given) == taken
    assert kind.to_json(taken) == json.loads(json.dumps(in_json)) == in_json
    assert kind.take("x", in_json) == taken


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        *((Whole(10), each) for each in (0, 11, 1.5, True, "3", None)),
        *((WholeRange(10), each) for each in ((5, 2), (1, 2, 3), (0, 3), (1, 11), ["a", 2])),
        *((Fraction(0.1), each) for each in (0.09, 1.01, True, "0.5", float("nan"))),
        *((Switch(), each) for each in (1, "yes", None)),
        *((Name(), each) for each in (3, b"x", ["x"])),
        *((Names(), each) for each in (3, [3], None)),
        *((OneOf(("flash",)), each) for each in ("", "eager", None)),
        *((Day(), each) for each in ("yesterday", "2026-02-30", 20261120, None)),
        *((Dollars(Decimal(9)), each) for each in (-1, 10, "1e3", "NaN", float("inf"), True, "five")),
        (Dollars(Decimal(9), is_price=True), 0),
        *((Numbers(), each) for each in (3, "words=3", [("words", 3)])),
    ],
    ids=str,
)
def test_what_a_kind_refuses_is_one_line_with_the_parameter_and_the_value(kind, given):
    with pytest.raises(UsageError) as caught:
        kind.take("some_parameter", given)
    assert str(caught.value).startswith("some_parameter=")
    assert "\n" not in str(caught.value)


def test_inputs_without_a_number_s_name_are_refused():
    with pytest.raises(UsageError, match="words of which number"):
        numbers(words=3)
